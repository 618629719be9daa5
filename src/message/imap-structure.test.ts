/** ENVELOPE, BODY and BODYSTRUCTURE, field by field (RFC 9051 §7.5.2, RFC 3501 §7.4.2 and §9). */
import { describe, expect, it } from 'vitest';

import { bodyOnly, imapBodyStructure, imapEnvelope } from './imap-structure.ts';
import { parseMessage } from './parse.ts';
import { expectImapSyntax } from './testing/invariants.ts';
import { message } from './testing/lines.ts';

const FIELDS = ['date', 'subject', 'from', 'sender', 'replyTo', 'to', 'cc', 'bcc', 'inReplyTo', 'messageId'] as const;

/** Top-level items of a parenthesised list. */
function items(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let quoted = false;
  let item = '';
  for (let i = 1; i < text.length - 1; i++) {
    const char = text.charAt(i);
    if (quoted && char === '\\') item += char + text.charAt(++i);
    else {
      if (char === '"') quoted = !quoted;
      else if (!quoted) depth += char === '(' ? 1 : char === ')' ? -1 : 0;
      if (char === ' ' && depth === 0 && !quoted) {
        out.push(item);
        item = '';
      } else item += char;
    }
  }
  return [...out, item];
}

const envelope = (...header: string[]): Record<(typeof FIELDS)[number], string> => {
  const parsed = parseMessage(message(...header, '', ''));
  const text = imapEnvelope(parsed.header, parsed.people);
  expectImapSyntax(text);
  return Object.fromEntries(items(text).map((item, i) => [FIELDS[i], item])) as ReturnType<typeof envelope>;
};
const AN = '("An" NIL "an" "x.vn")';

describe('ENVELOPE', () => {
  it('of a message without header fields is NIL ten times', () => {
    expect(Object.values(envelope('X-Other: 1'))).toEqual(FIELDS.map(() => 'NIL'));
  });

  it('Sender and Reply-To that are absent or empty are From (§7.5.2)', () => {
    for (const header of [[], ['Sender:'], ['Reply-To: ', 'Sender:  ']]) {
      const { from, sender, replyTo } = envelope('From: An <an@x.vn>', ...header);
      expect([from, sender, replyTo]).toEqual([`(${AN})`, `(${AN})`, `(${AN})`]);
    }
    const own = envelope('From: a@x.vn, b@x.vn', 'Sender: An <an@x.vn>', 'Reply-To: c@x.vn');
    expect(own.from).toBe('((NIL NIL "a" "x.vn")(NIL NIL "b" "x.vn"))');
    expect([own.sender, own.replyTo]).toEqual([`(${AN})`, '((NIL NIL "c" "x.vn"))']);
    expect(envelope('Sender: An <an@x.vn>')).toMatchObject({ from: 'NIL', sender: `(${AN})`, replyTo: 'NIL' });
  });

  it('a field that is absent is NIL, one that is there and empty is ""', () => {
    const absent = envelope('From: a@x.vn');
    const empty = envelope('Date:', 'Subject: ', 'In-Reply-To:', 'Message-ID:   ', 'To:', 'Cc: ');
    for (const field of ['date', 'subject', 'inReplyTo', 'messageId'] as const)
      expect([absent[field], empty[field]]).toEqual(['NIL', '""']);
    // A list without an address has no empty form.
    expect([empty.to, empty.cc, empty.bcc]).toEqual(['NIL', 'NIL', 'NIL']);
  });

  it.each([
    // Groups begin with their name and end with four NILs
    ['A:b@x.vn;', '((NIL NIL "A" NIL)(NIL NIL "b" "x.vn")(NIL NIL NIL NIL))'],
    ['undisclosed-recipients:;', '((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))'],
    [
      'a@x.vn, "Ban, chung":b@x.vn,An <an@x.vn>;, c@x.vn',
      `((NIL NIL "a" "x.vn")(NIL NIL "Ban, chung" NIL)(NIL NIL "b" "x.vn")${AN}(NIL NIL NIL NIL)(NIL NIL "c" "x.vn"))`,
    ],
    ['A:;, B:;', '((NIL NIL "A" NIL)(NIL NIL NIL NIL)(NIL NIL "B" NIL)(NIL NIL NIL NIL))'],
    // Names and local parts, quoted and not
    ['"A \\"q\\" \\\\ b" <a@x.vn>', '(("A \\"q\\" \\\\ b" NIL "a" "x.vn"))'],
    ['"a b"@x.vn', '((NIL NIL "\\"a b\\"" "x.vn"))'],
    ['"" <a@x.vn>', '((NIL NIL "a" "x.vn"))'],
    ['a@x.vn (Ong An)', '(("Ong An" NIL "a" "x.vn"))'],
    ['<@r1,@r2:a@x.vn>', '((NIL NIL "a" "x.vn"))'],
    ['a@[192.0.2.1]', '((NIL NIL "a" "[192.0.2.1]"))'],
    // A NIL host would begin a group.
    ['root', '((NIL NIL "root" ""))'],
    ['An <>', '(("An" NIL "" ""))'],
    // An encoded word stays one; raw UTF-8 becomes one (RFC 6855 §3); a domain has its ASCII form
    ['=?utf-8?q?=C4=90?= <a@x.vn>', '(("=?UTF-8?B?xJA=?=" NIL "a" "x.vn"))'],
    ['a@x.vn,', '((NIL NIL "a" "x.vn"))'],
    [',,', 'NIL'],
  ])('To: %s', (list, expected) => {
    const { to, cc, bcc } = envelope(`To: ${list}`, `Cc: ${list}`, `BCC: ${list}`);
    expect([to.toUpperCase(), cc, bcc]).toEqual([expected.toUpperCase(), to, to]);
  });

  it.each([
    ['plain', '"plain"'],
    ['=?iso-8859-1?q?a?= b', '"=?iso-8859-1?q?a?= b"'],
    ['a\r\n\tb\r\n  c', '"a b  c"'],
    ['"q" \\', '"\\"q\\" \\\\"'],
    ['{5}', '"{5}"'],
    ['NIL', '"NIL"'],
  ])('Subject: %j', (subject, expected) => expect(envelope(`Subject: ${subject}`).subject).toBe(expected));

  it('the strings are those of the header, whatever they say', () => {
    const told = envelope('Date: the day after', 'Message-ID: no id', 'In-Reply-To: <a@b> <c@d> of Monday');
    expect(told).toMatchObject({ date: '"the day after"', messageId: '"no id"', inReplyTo: '"<a@b> <c@d> of Monday"' });
  });
});

const structureOf = (...lines: string[]): string => {
  const { root } = parseMessage(message(...lines));
  const text = imapBodyStructure(root);
  expectImapSyntax(text);
  expectImapSyntax(bodyOnly(root));
  return text;
};

describe('BODYSTRUCTURE', () => {
  it.each<[string, string[], string]>([
    ['no Content-Type', ['', 'one', 'two'], '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 8 2 NIL NIL NIL NIL)'],
    ['no body', ['Content-Type: text/plain', '', ''], '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0 NIL NIL NIL NIL)'],
    [
      'every field of a text',
      [
        ...[
          'Content-Type: TEXT/Html; charset=UTF-8; format="fixed"',
          'Content-ID: <id@x>',
          'Content-Description: what it is',
        ],
        ...[
          'Content-Transfer-Encoding: Quoted-Printable',
          'Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==',
          'Content-Language: vi',
        ],
        ...['Content-Disposition: INLINE; filename=a.html', 'Content-Location: http://x.vn/a', '', 'x\r\n'],
      ],
      '("TEXT" "HTML" ("CHARSET" "UTF-8" "FORMAT" "fixed") "<id@x>" "what it is" "QUOTED-PRINTABLE" 3 1 ' +
        '"Q2hlY2sgSW50ZWdyaXR5IQ==" ("INLINE" ("FILENAME" "a.html")) "vi" "http://x.vn/a")',
    ],
    [
      'what is no text has no lines',
      [
        'Content-Type: image/png; name="\u1ea3nh.png"',
        'Content-Transfer-Encoding: BASE64',
        'Content-Disposition: attachment',
        '',
        'AAAA',
      ],
      '("IMAGE" "PNG" ("NAME" "=?utf-8?B?4bqjbmgucG5n?=") NIL NIL "BASE64" 4 NIL ("ATTACHMENT" NIL) NIL NIL)',
    ],
    [
      'several languages',
      ['Content-Language: vi, en', '', 'x'],
      '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1 NIL NIL ("vi" "en") NIL)',
    ],
    [
      'parameters in pieces (RFC 2231)',
      ['Content-Type: a/b; n*0*=utf-8\'\'%C4%91; n*1=" x"; empty=""', '', 'x'],
      '("A" "B" ("N" "=?utf-8?B?xJEgeA==?=" "EMPTY" "") NIL NIL "7BIT" 1 NIL NIL NIL NIL)',
    ],
    [
      'a type that nobody can read',
      ['Content-Type: what', '', 'x'],
      '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1 NIL NIL NIL NIL)',
    ],
    [
      'an encoding that nobody knows',
      ['Content-Transfer-Encoding: x-Zip', '', 'x'],
      '("TEXT" "PLAIN" NIL NIL NIL "X-ZIP" 1 1 NIL NIL NIL NIL)',
    ],
  ])('of %s', (_, lines, expected) => expect(structureOf(...lines)).toBe(expected));

  it('of a multipart: its parts, its subtype, then what is said of the whole', () => {
    const text = structureOf(
      ...[
        'Content-Type: multipart/Alternative; boundary=b; x=y',
        'Content-Language: vi',
        'Content-Disposition: inline',
      ],
      ...['Content-Location: here', '', '--b', '', 'a', '--b', 'Content-Type: text/html', '', '<p>', '--b--'],
    );
    expect(text).toBe(
      '(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1 NIL NIL NIL NIL)("TEXT" "HTML" NIL NIL NIL "7BIT" 3 1 NIL NIL NIL NIL) ' +
        '"ALTERNATIVE" ("BOUNDARY" "b" "X" "y") ("INLINE" NIL) "vi" "here")',
    );
  });

  it('BODY is the same without what follows the fields of every type', () => {
    const { root } = parseMessage(
      message(
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-MD5: x',
        'Content-Disposition: inline',
        '',
        'a',
        '--b--',
      ),
    );
    expect(bodyOnly(root)).toBe('(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1) "MIXED")');
  });

  it.each(['rfc822', 'global'])('of message/%s: its envelope, its structure, its lines', (subtype) => {
    const text = structureOf(
      ...[`Content-Type: message/${subtype}`, '', 'From: An <an@x.vn>', 'Subject: inside', 'Message-ID: <i@x>'],
      ...['Date: Mon, 12 Jan 2026 08:00:00 +0700', '', 'one', 'two'],
    );
    expect(text).toBe(
      `("MESSAGE" "${subtype.toUpperCase()}" NIL NIL NIL "7BIT" 105 ` +
        `("Mon, 12 Jan 2026 08:00:00 +0700" "inside" (${AN}) (${AN}) (${AN}) NIL NIL NIL NIL "<i@x>") ` +
        '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 8 2 NIL NIL NIL NIL) 7 NIL NIL NIL NIL)',
    );
  });

  it('of a message in base64, or of a part of one, nothing is promised that the grammar could not keep', () => {
    const head = ['Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64', '', 'U3ViamVjdDogeA=='];
    expect(structureOf(...head)).toBe('("APPLICATION" "OCTET-STREAM" NIL NIL NIL "BASE64" 16 NIL NIL NIL NIL)');
    for (const subtype of ['partial; id=1; number=1', 'external-body; access-type=url', 'delivery-status'])
      expect(structureOf(`Content-Type: message/${subtype}`, '', 'x')).toMatch(
        /^\("MESSAGE" "[A-Z-]+" .* "7BIT" 1 NIL NIL NIL NIL\)$/,
      );
  });

  it('of a multipart without parts is that of a text, since the grammar wants one part at least', () => {
    for (const lines of [
      ['Content-Type: multipart/mixed; boundary=b', '', 'no delimiter'],
      ['Content-Type: multipart/mixed', '', '--b', 'no delimiter'],
    ])
      expect(structureOf(...lines)).toMatch(/^\("TEXT" "PLAIN" .*\)$/);
  });
});
