/** Puts the demo's letters into the mailboxes as if they had come over the past weeks: signed where the sender has a key. */
import type { PrivateKey } from 'openpgp';

import type { Parts } from '../parts.ts';
import { documentIdentifier } from '../documents/documents.models.ts';
import type { AddressOwner, Official } from '../directory/types.ts';
import type { PreparedMessage } from '../mailstore/types.ts';
import { withTrace } from '../message/build.ts';
import { signDetached } from '../web/client/features/signing/keys.ts';
import { unsignedMessage } from '../web/client/lib/mail/build.ts';
import { signedMessage } from '../web/client/lib/mail/signed.ts';
import type { MailAddress, OutgoingAttachment, OutgoingMessage } from '../web/client/lib/mail/types.ts';
import type { AccountId, EmailId } from '../base/ids.ts';
import { documentPdf } from './pdf.ts';
import type { Letter } from './letters.ts';
import type { SampleDocument } from './sample.ts';

const DAY = 86_400_000;
const VIETNAM = 7 * 3_600_000;

export interface SeedContext {
  parts: Parts;
  domain: string;
  /** Unlocked keys by address. */
  keys: ReadonlyMap<string, PrivateKey>;
  documents: ReadonlyMap<string, { sample: SampleDocument; pdf: Uint8Array }>;
  everyone: readonly string[];
  /** Midnight of today in Vietnam, ms. */
  today: number;
}

export async function seedLetters(context: SeedContext, letters: readonly Letter[]): Promise<void> {
  const sent = new Map<string, string>();
  // Oldest first, so that replies find their thread.
  const ordered = [...letters].sort((a, b) => instant(context, a) - instant(context, b));
  for (const [index, letter] of ordered.entries()) {
    const messageId = `demo-${index}-${instant(context, letter).toString(36)}@${context.domain}`;
    if (letter.key) sent.set(letter.key, messageId);
    await place(context, letter, messageId, letter.replyTo === undefined ? undefined : sent.get(letter.replyTo));
  }
}

function instant(context: SeedContext, letter: Letter): number {
  const [hour = 0, minute = 0] = letter.time.split(':').map(Number);
  const at = context.today - letter.days * DAY + (hour * 60 + minute) * 60_000;
  // Nothing of the demo comes from the future, whatever the hour of the first start.
  return Math.min(at, context.parts.clock.now() - (letter.days === 0 ? (24 * 60 - hour * 60 - minute) * 2000 : 0));
}

const isOurs = (who: string) => !who.includes('@');
const address = (context: SeedContext, who: string) => (isOurs(who) ? `${who}@${context.domain}` : who);

async function place(
  context: SeedContext,
  letter: Letter,
  messageId: string,
  inReplyTo: string | undefined,
): Promise<void> {
  const { parts } = context;
  const at = instant(context, letter);
  const to = letter.to.includes('*') ? [...context.everyone] : letter.to.map((who) => address(context, who));
  const message = await compose(context, letter, { at, to, messageId, inReplyTo });
  const signer = address(context, letter.by ?? letter.from);
  const key = letter.unsigned ? undefined : context.keys.get(signer);
  const built = key
    ? await signedMessage(message, (payload) => signDetached(key, payload, at))
    : unsignedMessage(message);
  const bytes = withTrace(built, trace(context, letter, at));
  const prepared = await parts.mailstore.prepare(bytes);
  prepared.verdict = (await parts.signing.verify(prepared, bytes, at)).verdict;
  const recognised = await parts.documents.recognise({
    summary: prepared.derived.summary,
    attachments: prepared.derived.attachments,
  });
  const boxes = await boxesOf(context, letter, [...to, ...(letter.cc ?? []).map((who) => address(context, who))]);
  await deliver(context, { prepared, recognised, boxes, letter, at });
}

async function compose(
  context: SeedContext,
  letter: Letter,
  given: { at: number; to: string[]; messageId: string; inReplyTo: string | undefined },
): Promise<OutgoingMessage> {
  const named = async (mail: string): Promise<MailAddress> => {
    const owner = await context.parts.directory.resolve(mail);
    return { email: mail, ...(owner ? { name: owner.name } : {}) };
  };
  const from = isOurs(letter.from)
    ? await named(address(context, letter.from))
    : { email: letter.from, name: letter.fromName ?? '' };
  return {
    from,
    ...(letter.by ? { sender: await named(address(context, letter.by)) } : {}),
    // Mail to everyone names the sender, not 40 people.
    to: letter.to.includes('*') ? [from] : await Promise.all(given.to.map(named)),
    ...(letter.cc ? { cc: await Promise.all(letter.cc.map((who) => named(address(context, who)))) } : {}),
    subject: letter.subject,
    text: letter.text.join('\n\n'),
    ...(letter.html
      ? { html: letter.text.map((p) => `<p>${p.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`).join('\n') }
      : {}),
    date: new Date(given.at),
    messageId: given.messageId,
    ...(given.inReplyTo ? { inReplyTo: [given.inReplyTo], references: [given.inReplyTo] } : {}),
    attachments: await attachments(context, letter),
  };
}

async function attachments(context: SeedContext, letter: Letter): Promise<OutgoingAttachment[]> {
  const found: OutgoingAttachment[] = [];
  for (const id of letter.documents ?? []) {
    const document = context.documents.get(id);
    if (!document) throw new Error(`the sample has no document ${id}`);
    const { sample, pdf } = document;
    found.push({
      name: sample.fileName,
      type: 'application/pdf',
      bytes: pdf,
      documentIdentifier: documentIdentifier(sample.issuerCode, sample.issuedDate, sample.soKyHieu),
    });
  }
  if (letter.alteredCopy) {
    const sample = context.documents.get(letter.alteredCopy)?.sample;
    if (!sample) throw new Error(`the sample has no document ${letter.alteredCopy}`);
    // What a copy from elsewhere looks like: the same number, another text, other bytes.
    const bytes = await documentPdf({ ...sample, subject: `${sample.subject} (bản chép lại)` }, new Map());
    found.push({ name: sample.fileName.replace('.signed', ''), type: 'application/pdf', bytes });
  }
  for (const kind of letter.files ?? []) found.push(kind === 'minutes' ? minutes(letter) : table());
  return found;
}

function table(): OutgoingAttachment {
  const rows = [
    'STT;Đơn vị;Chỉ tiêu;Đã cấp;Tỷ lệ',
    '1;UBND phường Sơn Tâm;41;41;100%',
    '2;UBND xã Suối Vàng;25;23;92%',
    '3;UBND xã Bản Mây;22;22;100%',
  ];
  return { name: 'Biểu mẫu báo cáo.csv', type: 'text/csv', bytes: Buffer.from(`\ufeff${rows.join('\r\n')}\r\n`) };
}

function minutes(letter: Letter): OutgoingAttachment {
  return {
    name: 'Nội dung kèm theo.txt',
    type: 'text/plain',
    bytes: Buffer.from(`${letter.subject}\r\n\r\n${letter.text.join('\r\n\r\n')}\r\n`),
  };
}

function trace(context: SeedContext, letter: Letter, at: number): string[] {
  const date = new Date(at + VIETNAM).toUTCString().replace('GMT', '+0700');
  const received = `Received: by mail.${context.domain} (Công Vụ); ${date}`.replace('Công Vụ', 'Cong Vu');
  if (isOurs(letter.from)) return [received];
  const domain = letter.from.split('@')[1] ?? '';
  const good = !domain.startsWith('caoson-mail');
  const results = good
    ? `spf=pass smtp.mailfrom=${domain}; dkim=pass header.d=${domain}; dmarc=pass header.from=${domain}`
    : `spf=none smtp.mailfrom=${domain}; dkim=none; dmarc=none header.from=${domain}`;
  return [
    `Return-Path: <${letter.from}>`,
    received,
    `Authentication-Results: ${context.parts.config.hostname};\r\n ${results.replaceAll('; ', ';\r\n ')}`,
  ];
}

interface Box {
  accountId: AccountId;
  role: 'sent' | 'received';
  keywords: string[];
}

async function boxesOf(context: SeedContext, letter: Letter, recipients: string[]): Promise<Box[]> {
  const boxes = new Map<string, Box>();
  const put = (owner: AddressOwner | undefined, box: Omit<Box, 'accountId'>) => {
    if (owner && !boxes.has(`${owner.accountId}`))
      boxes.set(`${owner.accountId}`, { accountId: owner.accountId, ...box });
  };
  if (isOurs(letter.from))
    put(await context.parts.directory.resolve(address(context, letter.from)), { role: 'sent', keywords: ['$seen'] });
  const keywords = [...(letter.read ? ['$seen'] : []), ...(letter.starred ? ['$flagged'] : [])];
  for (const recipient of recipients)
    put(await context.parts.directory.resolve(recipient), { role: 'received', keywords });
  return [...boxes.values()].sort((a, b) => a.accountId - b.accountId);
}

interface Placing {
  prepared: PreparedMessage;
  recognised: Awaited<ReturnType<Parts['documents']['recognise']>>;
  boxes: Box[];
  letter: Letter;
  at: number;
}

async function deliver({ parts }: SeedContext, { prepared, recognised, boxes, at }: Placing): Promise<void> {
  await parts.db.write(async (tx) => {
    const deliveries: { accountId: AccountId; emailId: EmailId; role: 'sent' | 'received'; at: number }[] = [];
    for (const box of boxes) {
      const writer = await parts.mailstore.writerIn(tx, box.accountId);
      const mailbox = await writer.mailboxByRole(box.role === 'sent' ? 'sent' : 'inbox');
      if (!mailbox) throw new Error('an account without its mailboxes');
      const { emailId } = await writer.append(prepared, {
        mailboxIds: [mailbox.id],
        keywords: box.keywords,
        receivedAt: at,
      });
      deliveries.push({ accountId: box.accountId, emailId, role: box.role, at });
    }
    if (recognised.length > 0)
      await parts.documents.link(
        tx,
        { hash: prepared.blob.hash, summary: prepared.derived.summary, recognised },
        deliveries,
      );
  });
}

export type { Official };
