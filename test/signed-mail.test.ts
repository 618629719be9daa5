/** A signed message with a registered document, seen by a third-party client, by GnuPG and by the recipient's own screen data. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { DocumentMark, DocumentView, Verdict } from '../src/base/api-types.ts';
import type { OutgoingMessage } from '../src/web/client/lib/mail/types.ts';
import { cutSigned, gnupg, type Gpg } from './support/gpg.ts';
import { newestSource, withImap } from './support/imap.ts';
import { OfficialAtWork, until } from './support/official.ts';
import { issued1427 } from './support/document.ts';
import { PASSWORD, populate } from './support/people.ts';
import { install, serve, type Installation, type ServerProcess } from './support/server.ts';

const HUNG = 'hungnv@caoson.gov.vn';
const VU = 'vulh@caoson.gov.vn';
const PDF = Buffer.from('%PDF-1.7\n' + 'Công văn 1427/UBND-KGVX\n'.repeat(3000) + '%%EOF\n');

let installation: Installation;
let server: ServerProcess;
let hung: OfficialAtWork;
let vu: OfficialAtWork;
let gpg: Gpg;
let documentId: number;

beforeAll(async () => {
  installation = await install();
  await populate(installation, async (parts) => {
    documentId = await issued1427(parts, PDF, {
      subject: 'V/v thư điện tử công vụ',
      signer: { position: 'CHỦ TỊCH', fullName: 'Lâm Thạch Nguyên' },
    });
  });
  server = await serve(installation);
  const url = `http://127.0.0.1:${installation.ports.http}`;
  hung = await OfficialAtWork.signIn(url, HUNG, PASSWORD);
  vu = await OfficialAtWork.signIn(url, VU, PASSWORD);
  await hung.makeKey();
  gpg = gnupg();
});
afterAll(async () => {
  gpg.dispose();
  await server.kill();
  await installation.dispose();
});

let count = 0;
const letter = (more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  from: { name: 'Nguyễn Văn Hùng', email: HUNG },
  to: [{ name: 'Lê Hoàng Vũ', email: VU }],
  subject: `Triển khai thư điện tử công vụ (${++count})`,
  text: 'Kính gửi các đồng chí,\n\nĐề nghị thực hiện trước ngày 05/12.',
  date: new Date(),
  messageId: `m${count}-${Date.now()}@caoson.gov.vn`,
  attachments: [
    {
      name: '1427_UBND-KGVX.signed.pdf',
      type: 'application/pdf',
      bytes: PDF,
      documentIdentifier: 'H99,2026/11/20,1427/UBND-KGVX',
    },
  ],
  ...more,
});

const newest = async (subject: string) =>
  until(`"${subject}"`, async () =>
    (await vu.everything(['id', 'subject', 'from', 'congvu:verdict', 'congvu:documents', 'blobId'])).find(
      (e) => e['subject'] === subject && e['congvu:verdict'],
    ),
  );
const verdictOf = async (subject: string) => (await newest(subject))['congvu:verdict'] as Verdict;

/** Hands octets in as another server would: at the MX port, from outside. */
async function fromOutside(raw: Buffer, mailFrom = HUNG): Promise<void> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: installation.ports.smtp,
    tls: { rejectUnauthorized: false },
  });
  await transport.sendMail({ envelope: { from: mailFrom, to: [VU] }, raw });
  transport.close();
}

describe('a message that left by "Ký và gửi"', () => {
  let subject: string;
  let source: Buffer;
  beforeAll(async () => {
    const message = letter();
    subject = message.subject;
    await hung.submit(await hung.build(message, { sign: true }));
    await newest(subject);
    source = await newestSource(installation, VU);
  });

  it('is whole for the recipient, who sees name, title and unit of the signer from the directory', async () => {
    expect(await verdictOf(subject)).toMatchObject({
      kind: 'whole',
      signer: {
        name: 'Nguyễn Văn Hùng',
        address: HUNG,
        title: 'Trưởng phòng Hành chính - Tổ chức',
        unit: 'Văn phòng Ủy ban nhân dân tỉnh',
      },
      keySource: 'province',
      files: { signed: 1, unsigned: 0 },
    });
  });

  it('verifies with gpg against the key that WKD gives', async () => {
    const { content, signature } = cutSigned(source);
    const provincial = (await hung.json<{ publicKey: string }>('GET', '/api/v1/signing/key')).publicKey;
    gpg.import(Buffer.from(provincial));
    const path = gpg.wkdUrl(HUNG);
    const key = await fetch(hung.url + path);
    expect(key.status).toBe(200);
    const fresh = gnupg();
    try {
      fresh.import(new Uint8Array(await key.arrayBuffer()));
      expect(fresh.verify(signature, content)).toContain('GOODSIG');
      for (const at of [content.indexOf('05/12'), content.indexOf('JVBERi0'), Math.floor(content.length * 0.9)]) {
        const changed = Buffer.from(content);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(fresh.verify(signature, changed)).toContain('BADSIG');
      }
    } finally {
      fresh.dispose();
    }
  });

  it('names the document and is a line of its correspondence', async () => {
    const marks = (await newest(subject))['congvu:documents'] as DocumentMark[];
    expect(marks).toMatchObject([{ documentId, match: 'same', numberNotation: '1427/UBND-KGVX' }]);
    const view = await hung.json<DocumentView>('GET', `/api/v1/documents/${documentId}`);
    expect(view.correspondenceCount).toBeGreaterThan(0);
    const { correspondence } = await hung.json<{ correspondence: Record<string, unknown>[] }>(
      'GET',
      `/api/v1/documents/${documentId}/correspondence`,
    );
    expect(correspondence[0]).toMatchObject({
      subject,
      verdict: 'whole',
      match: 'same',
      recipientCount: 1,
      receivedCount: 1,
      from: { address: HUNG },
    });
  });

  it('is altered when one octet of text or file is another', async () => {
    const text = source.toString('latin1');
    const cases: [string, string, string][] = [
      ['body', '05/12', '06/12'],
      ['file', 'JVBERi0xLj', 'JVBERi0yLj'],
    ];
    for (const [what, from, to] of cases) {
      const name = `${subject} ${what}`;
      const changed = rename(text.replace(from, to), name);
      expect(changed).not.toBe(rename(text, name));
      await fromOutside(Buffer.from(changed, 'latin1'));
      expect((await verdictOf(name)).kind, what).toBe('altered');
    }
  });

  it('shows a changed outer Subject or From as not what was signed', async () => {
    const text = source.toString('latin1');
    const name = 'Thong bao khac han';
    await fromOutside(Buffer.from(rename(text, name), 'latin1'));
    const verdict = await verdictOf(name);
    expect(verdict.kind).toBe('altered');
    expect(verdict.changedHeaders).toMatchObject([{ field: 'Subject', outer: name, signed: subject }]);
    const from = `Gia danh ${Date.now()}`;
    await fromOutside(
      Buffer.from(
        rename(text.replace(/^From: [^]*?\r\n(?=\S)/m, 'From: Chu tich <nhunght@caoson.gov.vn>\r\n'), from),
        'latin1',
      ),
    );
    const forged = await verdictOf(from);
    expect(forged.kind).not.toBe('whole');
    expect(forged.changedHeaders?.map((h) => h.field)).toContain('From');
  });

  it('never shows somebody else as the signer when From is not the signer', async () => {
    const message = letter({
      from: { name: 'Tôn Nữ Hạ Vy', email: 'vytnh@caoson.gov.vn' },
      subject: `Mạo danh ${Date.now()}`,
    });
    await fromOutside(Buffer.from(await hung.build(message, { sign: true })));
    const verdict = await verdictOf(message.subject);
    expect(verdict.kind).toBe('notSender');
    expect(verdict.signer?.address).toBe(HUNG);
  });
});

function rename(text: string, subject: string): string {
  return text.replace(
    /^Subject: [^]*?\r\n(?=\S)/m,
    `Subject: ${/^[\x20-\x7e]*$/.test(subject) ? subject : `=?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`}\r\n`,
  );
}

it('has its verdict also when a mail program files it by APPEND', async () => {
  const message = letter({ attachments: [] });
  const bytes = Buffer.from(await hung.build(message, { sign: true }));
  await withImap(installation, VU, (client) => client.append('Lưu trữ', bytes));
  expect((await verdictOf(message.subject)).kind).toBe('whole');
});

it('goes unsigned when the official says so, and says so to the recipient', async () => {
  const message = letter({ attachments: [] });
  await hung.submit(await hung.build(message, { sign: false }));
  expect(await verdictOf(message.subject)).toMatchObject({ kind: 'unsigned' });
});

it('keeps the data after a clean stop, and stops with status 0', async () => {
  const before = (await vu.inbox(['id'])).length;
  expect(await server.kill('SIGTERM')).toBe(0);
  server = await serve(installation);
  vu = await OfficialAtWork.signIn(vu.url, VU, PASSWORD);
  expect((await vu.inbox(['id'])).length).toBe(before);
  expect(await readFile(join(installation.data, 'master.key'), 'utf8')).toHaveLength(45);
});
