/** What the browser builds, read by our parser and by another program's. */
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';

import { deriveMessage } from '../message/derive.ts';
import { parseMessage } from '../message/parse.ts';
import { findSignature } from '../message/signed.ts';
import { compareHeaders, protectedHeaders } from '../message/protected-headers.ts';
import { buildMessage, unsignedMessage } from '../web/client/lib/mail/build.ts';
import { signedMessage } from '../web/client/lib/mail/signed.ts';
import type { OutgoingMessage } from '../web/client/lib/mail/types.ts';
import { letter, text } from './testing/setup.ts';

const at = Date.UTC(2026, 10, 22, 3, 4, 5);
const hung = { fullName: 'Nguyễn Văn Hùng', address: 'hungnv@caoson.gov.vn' };
const sign = async (payload: Uint8Array) => ({
  armored: `-----BEGIN PGP SIGNATURE-----\n\n${payload.length}\n-----END PGP SIGNATURE-----\n`,
  micalg: 'pgp-sha512',
});
const full: OutgoingMessage = letter(hung, at, {
  sender: { name: 'Lê Thị Hồng Nhung', email: 'nhunglth@caoson.gov.vn' },
  replyTo: [{ email: 'vanthu@caoson.gov.vn' }],
  cc: [
    { name: 'Sở Nội vụ, "Phòng" 1', email: 'snv@caoson.gov.vn' },
    { name: 'plain name', email: 'a@b.vn' },
  ],
  inReplyTo: ['truoc@x.vn'],
  references: ['dau@x.vn', 'truoc@x.vn'],
  inlineImages: [
    { contentId: 'hinh1@caoson.gov.vn', name: 'dấu.png', type: 'image/png', bytes: Uint8Array.of(1, 2, 3) },
  ],
});

describe.each<[string, () => Promise<Uint8Array>]>([
  ['signed', () => signedMessage(full, sign)],
  ['unsigned', async () => unsignedMessage(full)],
])('a %s message of the browser', (_, make) => {
  it('says the same to postal-mime as to our own parser', async () => {
    const bytes = await make();
    const theirs = await PostalMime.parse(bytes);
    const { summary, attachments, hasAttachment } = deriveMessage(bytes);
    expect(theirs.subject).toBe(full.subject);
    expect(summary.subject).toBe(full.subject);
    expect(theirs.from).toEqual({ name: hung.fullName, address: hung.address });
    expect(summary.from).toEqual([{ name: hung.fullName, email: hung.address }]);
    expect(theirs.cc?.map((c) => [c.name, c.address])).toEqual(full.cc!.map((c) => [c.name, c.email]));
    expect(summary.cc).toEqual(full.cc);
    expect(summary.replyTo).toEqual([{ name: null, email: 'vanthu@caoson.gov.vn' }]);
    expect(summary).toMatchObject({
      sentAt: at,
      sentZone: 420,
      messageId: ['mot.hai@caoson.gov.vn'],
      inReplyTo: ['truoc@x.vn'],
      references: ['dau@x.vn', 'truoc@x.vn'],
    });
    expect(theirs.text?.replace(/\r?\n/g, '\n').trimEnd()).toBe(full.text.trimEnd());
    expect(theirs.html?.trimEnd()).toBe(full.html);
    expect(hasAttachment).toBe(true);
    const pdf = attachments.find((a) => a.type === 'application/pdf');
    expect(pdf).toMatchObject({
      name: 'Công văn 1427-UBND-KGVX.pdf',
      document: 'H99,2026/01/12,1427/UBND-KGVX',
      size: full.attachments![0]!.bytes.length,
    });
    expect(theirs.attachments.map((a) => a.filename)).toContain('Công văn 1427-UBND-KGVX.pdf');
    expect(theirs.attachments.find((a) => a.mimeType === 'image/png')?.contentId).toBe('<hinh1@caoson.gov.vn>');
  });

  it('is 7bit with CRLF, no line over 76 characters, none ending in white space, without Bcc', async () => {
    const lines = text(await make()).split('\r\n');
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(76);
      expect(line).toMatch(/^[\x21-\x7e]?$|^[\x20-\x7e\t]*[\x21-\x7e]$/);
      expect(line).not.toMatch(/^From /);
    }
    expect(lines.join('\n')).not.toMatch(/^bcc:/im);
  });
});

describe('the signed part', () => {
  it('repeats every header field that it vouches for, under hp="clear"', async () => {
    const bytes = await signedMessage(full, sign);
    const message = parseMessage(bytes);
    const { signed } = findSignature(message, bytes);
    const inner = protectedHeaders(bytes, signed!)!;
    expect(inner.scheme).toBe('clear');
    expect(inner.fields.map((f) => f.name)).toEqual([
      'From',
      'Sender',
      'Reply-To',
      'To',
      'Cc',
      'Subject',
      'Date',
      'Message-ID',
      'In-Reply-To',
      'References',
    ]);
    expect(compareHeaders(message.header, inner)).toEqual({ differences: [], unprotected: [] });
    expect(signed).toMatchObject({ covers: 'whole', converted: false, protocol: 'openpgp', micalg: 'pgp-sha512' });
  });

  it('is exactly what was given to be signed', async () => {
    let given: Uint8Array | undefined;
    const bytes = await signedMessage(full, (payload) => sign((given = payload)));
    expect(Buffer.compare(findSignature(parseMessage(bytes), bytes).signed!.signedBytes, given!)).toBe(0);
  });

  it('of a message of 25 MB is made in little time', async () => {
    const started = performance.now();
    const bytes = await signedMessage(
      letter(hung, at, { attachments: [{ name: 'x', type: 'a/b', bytes: new Uint8Array(18_500_000) }] }),
      sign,
    );
    expect(bytes.length).toBeGreaterThan(25_000_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('odd input', () => {
  const build = (more: Partial<OutgoingMessage>) => text(unsignedMessage(letter(hung, at, more)));

  it.each([
    ['a line break in the subject', { subject: 'a\r\nBcc: x@evil.example\r\n\r\n<b>' }],
    ['a line break in a name', { to: [{ name: 'a\r\nBcc: x', email: 'x@y.vn' }] }],
    [
      'a line break in a file name',
      { attachments: [{ name: 'a"\r\nX: y', type: 'a/b\r\nX: y', bytes: Uint8Array.of(1) }] },
    ],
    [
      'a line break in a document identifier',
      { attachments: [{ name: 'a', type: 'a/b', bytes: Uint8Array.of(1), documentIdentifier: 'a\r\nX: y' }] },
    ],
  ])('%s adds no header field', (_, more) => {
    const header = parseMessage(Buffer.from(build(more))).header.map((f) => f.name);
    expect(header).toEqual(['From', 'To', 'Subject', 'Date', 'Message-ID', 'MIME-Version', 'Content-Type']);
    expect(build(more)).not.toMatch(/^(Bcc|X):/im);
  });

  it.each([
    ['address_invalid', { to: [{ email: 'không có' }] }],
    ['address_invalid', { to: [{ email: 'a@b.vn>\r\nBcc: <c@d.vn' }] }],
    ['address_invalid', { cc: [{ email: 'đ@b.vn' }] }],
    ['address_invalid', { from: { email: '@b.vn' } }],
    ['message_id_invalid', { messageId: 'x\r\ny@z' }],
    ['message_id_invalid', { references: ['<a@b>'] }],
    ['date_invalid', { date: new Date(NaN) }],
    ['too_large', { attachments: [{ name: 'a', type: 'a/b', bytes: new Uint8Array(60 * 1024 * 1024) }] }],
    ['too_large', { to: Array.from({ length: 1001 }, (_, i) => ({ email: `a${i}@b.vn` })) }],
  ] as [string, Partial<OutgoingMessage>][])('is refused with %s', (code, more) => {
    expect(() => buildMessage(letter(hung, at, more))).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('keeps every character of subjects, names and file names, whatever it is', async () => {
    for (const odd of [
      '=?UTF-8?B?aGk=?=',
      'a  b',
      'x'.repeat(300),
      '"trích"; \\ dẫn',
      '😀'.repeat(60),
      'Đ',
      '(chú thích)',
      "it's 100% đúng.pdf",
    ]) {
      const bytes = unsignedMessage(
        letter(hung, at, {
          subject: odd,
          to: [{ name: odd, email: 'a@b.vn' }],
          attachments: [{ name: odd, type: 'a/b', bytes: Uint8Array.of(1) }],
        }),
      );
      const { summary, attachments } = deriveMessage(bytes);
      const theirs = await PostalMime.parse(bytes);
      expect(theirs.subject).toBe(odd);
      expect(theirs.to?.[0]?.name).toBe(odd);
      expect(summary.subject.replace(/\s+/g, ' ')).toBe(odd.replace(/\s+/g, ' '));
      expect(attachments[0]?.name?.replace(/\s+/g, ' ')).toBe(
        (odd.split('\\').pop() ?? '').trim().replace(/\s+/g, ' ').slice(-200),
      );
    }
  });

  it('names no path in a file name, and sends a message as a file', () => {
    const { attachments } = deriveMessage(
      unsignedMessage(
        letter(hung, at, {
          attachments: [{ name: '..\\..\\etc/passwd', type: 'message/rfc822', bytes: Buffer.from('From: a@b') }],
        }),
      ),
    );
    expect(attachments[0]).toMatchObject({ name: 'passwd', type: 'application/octet-stream' });
  });

  it('says that all recipients are blind when To is empty, and writes an international domain as its A-label', () => {
    expect(build({ to: [] })).toContain('To: undisclosed-recipients:;');
    expect(build({ to: [{ email: 'a@tiếngviệt.vn' }] })).toContain('a@xn--tingvit-5t4cyc.vn');
  });

  it('breaks no UTF-8 sequence, lone dot or "From " in quoted-printable', async () => {
    const odd = `${'ệ'.repeat(200)}\nFrom me\n.\n\t \nđuôi cách   \n=3D=\n${'a'.repeat(76)}\n${'b'.repeat(77)} `;
    const { html: _html, ...plain } = letter(hung, at, { text: odd });
    const theirs = await PostalMime.parse(unsignedMessage(plain));
    expect(theirs.text?.replace(/\r?\n/g, '\n').replace(/\n$/, '')).toBe(odd);
  });
});
