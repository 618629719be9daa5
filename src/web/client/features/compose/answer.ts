/** A draft from what it answers, passes on or goes on writing (RFC 5322 §3.6.4; RFC 8621 reply properties). */
import type { AttachedDocument, ComposeIntent } from '../../lib/compose-intent.ts';
import { dateTime } from '../../lib/format.ts';
import { t } from '../../lib/i18n/i18n.ts';
import type { EmailAddress, EmailBody, EmailRow, Identity } from '../../lib/jmap/types.ts';
import type { Draft } from './draft.ts';
import { addRecipients, type Recipient } from './recipients.ts';

type Answer = Extract<ComposeIntent, { kind: 'reply' | 'replyAll' | 'forward' }>;

const asRecipients = (list: readonly EmailAddress[] | null | undefined): Recipient[] =>
  (list ?? []).map(({ name, email }) => ({ name: name ?? '', email, kind: 'unknown' }));

/** "Re: Fwd: Re: x" grows at every answer: only one stays. */
export function answerSubject(subject: string | null, prefix: 'Re' | 'Fwd'): string {
  const bare = (subject ?? '').replace(/^(?:\s*(?:re|fwd?|tl|trả lời|chuyển tiếp)\s*(?:\[\d+\])?\s*[::])+\s*/i, '');
  return `${prefix}: ${bare}`;
}

export function bodyText(body: EmailBody): string {
  const parts = body.textBody.map((part) => {
    const value = body.bodyValues[part.partId ?? '']?.value ?? '';
    return part.type === 'text/html' ? htmlToText(value) : part.type === 'text/plain' ? value : '';
  });
  return parts.filter(Boolean).join('\n').replace(/\r\n?/g, '\n').trimEnd();
}
/** Inert: a parsed document of its own runs nothing and loads nothing. */
export function htmlToText(html: string): string {
  const marked = html
    .replace(/<(style|script|head|title)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<\/(p|div|tr|li|h[1-6]|blockquote|table)>/gi, '\n');
  const bare = marked.replace(/<[^>]*>/g, '');
  return bare
    .replace(
      /&(nbsp|lt|gt|quot|amp|#39|#(\d+)|#x([0-9a-f]+));/gi,
      (whole, name: string, decimal?: string, hex?: string) => {
        if (decimal) return String.fromCodePoint(Math.min(Number(decimal), 0x10ffff));
        if (hex) return String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff));
        return { nbsp: ' ', lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" }[name.toLowerCase()] ?? whole;
      },
    )
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

export function quoted(row: EmailRow, body: EmailBody): string {
  const from = row.from?.[0];
  const lead = t('compose.quoteLead', { date: dateTime(row.receivedAt), name: from?.name ?? from?.email ?? '' });
  return `\n\n${lead}\n${bodyText(body)
    .split('\n')
    .map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`))
    .join('\n')}`;
}
function forwarded(row: EmailRow, body: EmailBody): string {
  const people = (list: readonly EmailAddress[] | null): string =>
    (list ?? []).map(({ name, email }) => (name ? `${name} <${email}>` : email)).join(', ');
  const head = [
    `---------- ${t('compose.forwardLead')} ----------`,
    `${t('compose.from')}: ${people(row.from)}`,
    `${t('compose.sentAt')}: ${dateTime(row.receivedAt)}`,
    `${t('compose.subject')}: ${row.subject ?? ''}`,
    `${t('compose.to')}: ${people(row.to)}`,
  ];
  return `\n\n${head.join('\n')}\n\n${bodyText(body)}`;
}

export interface Start {
  draft: Omit<Draft, 'attachments' | 'sign'>;
  /** Files of the original to bring along. */
  files: { name: string; type: string; size: number; blobId: string; document?: AttachedDocument }[];
  document?: AttachedDocument;
}

export function startDraft(intent: ComposeIntent, accountId: string, identities: readonly Identity[]): Start {
  const identity = identities[0];
  const empty = {
    accountId,
    identityId: identity?.id ?? '',
    to: [],
    cc: [],
    bcc: [],
    subject: '',
    text: '',
    html: undefined,
    inReplyTo: [],
    references: [],
  };
  if (intent.kind === 'new')
    return {
      draft: {
        ...empty,
        to: asRecipients(intent.to),
        subject: intent.document ? intent.document.subject : '',
        text: signatureOf(identity),
      },
      files: [],
      ...(intent.document ? { document: intent.document } : {}),
    };
  if (intent.kind === 'kept')
    // Written by ourselves a moment ago, in this tab (lib/kept-draft).
    return { draft: { ...empty, ...(intent.kept.fields as Partial<Draft>) }, files: intent.kept.files };
  if (intent.kind === 'draft') return { draft: fromDraft(intent.row, intent.body, empty), files: filesOf(intent.body) };
  return answer(intent, empty, identities);
}
const signatureOf = (identity: Identity | undefined): string =>
  identity?.textSignature ? `\n\n-- \n${identity.textSignature}` : '';

function fromDraft(row: EmailRow, body: EmailBody, empty: Start['draft']): Start['draft'] {
  const html = body.htmlBody.find(({ type }) => type === 'text/html');
  return {
    ...empty,
    to: asRecipients(row.to),
    cc: asRecipients(body.cc),
    bcc: asRecipients(body.bcc),
    subject: row.subject ?? '',
    text: bodyText(body),
    html: html ? body.bodyValues[html.partId ?? '']?.value : undefined,
    inReplyTo: body.inReplyTo ?? [],
    references: body.references ?? [],
  };
}
function filesOf(body: EmailBody): Start['files'] {
  return body.attachments
    .filter((part) => part.blobId && !/signature$/.test(part.type))
    .map((part) => {
      const identifier = part['header:X-CongVu-Document:asText']?.trim();
      const file = { name: part.name ?? t('message.unnamedFile'), type: part.type, size: part.size };
      return { ...file, blobId: part.blobId ?? '', ...(identifier ? { document: documentOf(identifier, file) } : {}) };
    });
}
/** "H99,2026/01/12,05/CT-UBND": what the part itself says; the server compares the bytes again. */
function documentOf(identifier: string, file: { name: string; type: string; size: number }): AttachedDocument {
  return {
    documentId: 0,
    identifier,
    numberNotation: identifier.split(',')[2] ?? identifier,
    subject: '',
    file: { id: 0, ...file },
  };
}

function answer(intent: Answer, empty: Start['draft'], identities: readonly Identity[]): Start {
  const { row, body } = intent;
  const id = body.messageId?.[0];
  const thread = {
    inReplyTo: id ? [id] : [],
    references: [...(body.references ?? body.inReplyTo ?? []), ...(id ? [id] : [])],
  };
  const own = new Set(identities.map(({ email }) => email.toLowerCase()));
  // From the address it was sent to, when that is one of ours.
  const addressed = [...(row.to ?? []), ...(body.cc ?? [])].find(({ email }) => own.has(email.toLowerCase()));
  const identityId =
    identities.find(({ email }) => email.toLowerCase() === addressed?.email.toLowerCase())?.id ?? empty.identityId;
  const base = { ...empty, ...thread, identityId };
  if (intent.kind === 'forward')
    return {
      draft: {
        ...base,
        inReplyTo: [],
        subject: answerSubject(row.subject, 'Fwd'),
        text: forwarded(row, body),
        source: { accountId: intent.accountId, emailId: row.id, keyword: '$forwarded' },
      },
      files: filesOf(body),
    };
  const notOwn = (list: Recipient[]): Recipient[] => list.filter(({ email }) => !own.has(email.toLowerCase()));
  const sender = asRecipients(body.replyTo ?? row.from);
  // One's own sent message is answered to those it went to.
  const to = notOwn(sender).length > 0 ? sender : asRecipients(row.to);
  const everyone = addRecipients(to, notOwn(asRecipients(row.to)));
  const all = intent.kind === 'replyAll';
  return {
    draft: {
      ...base,
      to: all ? everyone : to,
      cc: all
        ? notOwn(asRecipients(body.cc)).filter(
            ({ email }) => !everyone.some((one) => one.email.toLowerCase() === email.toLowerCase()),
          )
        : [],
      subject: answerSubject(row.subject, 'Re'),
      text: quoted(row, body),
      source: { accountId: intent.accountId, emailId: row.id, keyword: '$answered' },
    },
    files: [],
  };
}
