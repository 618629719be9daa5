/** Messages by the grammar of RFC 5322 and MIME, obsolete and broken forms among them, all at random. */
import type { Random } from '../../base/testing/random.ts';

type Rule = (r: Random) => string;

const WORDS = [
  'công',
  'văn',
  'x',
  '',
  'Sở Nội vụ',
  '"',
  '\\',
  '(',
  ')',
  '=?utf-8?Q?=C3?=',
  '\t',
  'Đ',
  'e\u0302\u0301',
  '\u202e',
  '=?',
  '?=',
];
const DOMAINS = [
  'caoson.gov.vn',
  'b.vn',
  '[192.0.2.1]',
  '[IPv6:2001:db8::1]',
  'sở.vn',
  'a . vn',
  '',
  '-',
  'x'.repeat(80),
];
const fold: Rule = (r) => r.pick([' ', ' ', ' ', '\r\n ', '\r\n\t', '  ', '\r\n \r\n ']);

const comment = (r: Random, depth = 0): string =>
  `(${r.pick(['x', 'a\\)b', 'văn', '', '"', '=?utf-8?Q?=41?='])}${depth < 3 && r.chance(0.3) ? comment(r, depth + 1) : ''})`;
const space: Rule = (r) => (r.chance(0.25) ? `${fold(r)}${r.chance(0.4) ? comment(r) + fold(r) : ''}` : ' ');
const quoted: Rule = (r) => `"${r.pick(['A', 'a b', 'Nguyễn', '\\"', '\\\\', 'a\\b', 'x,y', '<', '@', ''])}"`;
export const encodedWord: Rule = (r) =>
  `=?${r.pick(['utf-8', 'UTF-8*vi', 'windows-1258', 'x-none', '', 'us-ascii'])}?${r.pick(['Q', 'q', 'B', 'b', 'X'])}?${r.pick(['=C3=B4ng', 'Y8O0bmc=', 'Y8O', '_', '=', '=C3', 'a b', '', '=0D=0A', '=00', '===='])}?=`;
const phrase: Rule = (r) =>
  r.pick([
    quoted,
    encodedWord,
    () => 'Nguyen Van A',
    () => 'Nguyễn Văn Hùng',
    () => r.pick(WORDS),
    (o: Random) => `${encodedWord(o)}${fold(o)}${encodedWord(o)}`,
  ])(r);
const address: Rule = (r) =>
  `${r.pick(['hungnv', 'a.b', '"a b"', '"\\""', 'a..b', '', 'văn', 'a . b'])}${r.pick(['@', '@', '@', ' @ ', ''])}${r.pick(DOMAINS)}`;
const mailbox: Rule = (r) =>
  r.pick([
    address,
    (o: Random) =>
      `${phrase(o)}${space(o)}<${o.chance(0.1) ? '@a,@b:' : ''}${address(o)}>${o.chance(0.2) ? comment(o) : ''}`,
  ])(r);
const mailboxes: Rule = (r) =>
  Array.from({ length: r.int(4) }, () => mailbox(r)).join(r.pick([',', ', ', ',,', `,${fold(r)}`]));
export const addressList: Rule = (r) =>
  r.chance(0.3) ? `${phrase(r)}:${mailboxes(r)};${r.chance(0.3) ? `,${mailbox(r)}` : ''}` : mailboxes(r);
const id: Rule = (r) => `<${r.pick(['a', '', 'a b', '"x y"', 'x'.repeat(300)])}@${r.pick(DOMAINS)}>`;
const date: Rule = (r) =>
  r.pick([
    'Mon, 12 Jan 2026 08:00:00 +0700',
    '12 Jan 26 08:00 EST',
    'Thu, 31 Feb 2026 25:61:61 +9999',
    '1 Jan 0001 00:00:00 -0000',
    'nay',
    '12 (tháng) Jan 2026 8:0:0 Z',
    '99999999999',
  ]);

const parameter: Rule = (r) => {
  const name = r.pick(['name', 'filename', 'charset', 'x', 'boundary', '__proto__', '']);
  return r.pick([
    () => `${name}=${r.pick(['a', quoted(r), encodedWord(r), '', 'a b'])}`,
    () => `${name}*=utf-8'vi'${r.pick(['c%C3%B4ng', '%', '%C3', "'", '%00'])}`,
    () =>
      [2, 0, 1].map((n) => `${name}*${n}${r.pick(['', '*'])}=${r.pick(["utf-8''%C3%B4", 'x', '"y"', '%'])}`).join(';'),
    () => `${name}*${r.int(20_000)}=x`,
  ])();
};
const parameters: Rule = (r) => Array.from({ length: r.int(3) }, () => `;${space(r)}${parameter(r)}`).join('');

const FIELDS: readonly Rule[] = [
  (r) => `${r.pick(['From', 'To', 'Cc', 'Bcc', 'Sender', 'Reply-To', 'from'])}: ${addressList(r)}`,
  (r) =>
    `Subject: ${Array.from({ length: r.int(4) }, () => r.pick([encodedWord, (o: Random) => o.pick(WORDS)])(r)).join(fold(r))}`,
  (r) => `Date: ${date(r)}`,
  (r) =>
    `${r.pick(['Message-ID', 'In-Reply-To', 'References'])}: ${Array.from({ length: r.int(3) }, () => id(r)).join(fold(r))}`,
  (r) =>
    `Content-${r.pick(['ID', 'Description', 'Location', 'Language', 'MD5'])}: ${r.pick(['vi, en', id(r), encodedWord(r), '', 'http://x/\r\n y', 'vi (x)'])}`,
  (r) => `Content-Disposition: ${r.pick(['attachment', 'inline', '', '"x"', 'văn'])}${parameters(r)}`,
  (r) =>
    `Content-Transfer-Encoding: ${r.pick(['base64', 'quoted-printable', '7bit', 'x-strange', '', 'BASE64 (x)', '"'])}`,
  (r) =>
    r.pick([`X-Long: ${'x'.repeat(r.int(3000))}`, 'không phải trường', ': x', 'X', ' lạc', `X-${'y'.repeat(500)}: `]),
];
const fields: Rule = (r) => Array.from({ length: r.int(6) }, () => `${r.pick(FIELDS)(r)}\r\n`).join('');

const text: Rule = (r) =>
  r.pick([
    '',
    'Kính gửi\r\n',
    '--',
    '--x',
    '--x--',
    'AAEC',
    '=E1=BB=91=\r\n',
    '.\r\n',
    '\r\n\r\n',
    '<p>&#x110;<br>',
    'begin 644 a\r\n#86)C\r\n`\r\nend\r\n',
    'x\n\ny\r',
  ]);

/** Header and body of a message or of a part. */
export function randomEntity(r: Random, depth = 0): string {
  const head = fields(r);
  const kind = depth > 4 ? 0.99 : r.next();
  if (kind < 0.4) {
    // Often the same, or the beginning of one outside.
    const boundary = r.pick(['x', 'x', 'xx', 'a b', `b${depth}`, "=_'()+,-./:=?"]);
    const part: Rule = (o) =>
      `--${boundary}${o.pick(['', '', '', ' ', '\t', 'z'])}${o.pick(['\r\n', '\r\n', '\n'])}${randomEntity(o, depth + 1)}${o.pick(['\r\n', '\r\n', '', '\n'])}`;
    const inside = Array.from({ length: r.int(4) }, () => part(r)).join('');
    const type = `multipart/${r.pick(['mixed', 'alternative', 'related', 'signed', 'digest', 'report', '', 'x'])}`;
    const named = r.chance(0.9) ? `;${space(r)}boundary="${boundary}"` : '';
    const end = r.chance(0.8) ? `--${boundary}--${r.pick(['', '\r\n', '\r\nepilogue'])}` : '';
    return `${head}Content-Type: ${type}${named}${parameters(r)}\r\n\r\n${text(r)}\r\n${inside}${end}`;
  }
  if (kind < 0.55)
    return `${head}Content-Type: message/${r.pick(['rfc822', 'rfc822', 'global', 'partial', 'delivery-status', 'RFC822 (x)'])}\r\n\r\n${randomEntity(r, depth + 1)}`;
  const type = r.chance(0.7)
    ? `Content-Type: ${r.pick(['text/plain', 'text/html', 'TEXT', 'image/png', 'x', '/', 'a/b/c', 'multipart', '"text"/plain', 'văn/bản'])}${parameters(r)}\r\n`
    : '';
  return `${head}${type}${r.chance(0.95) ? '\r\n' : ''}${text(r)}`;
}
