import { describe, expect, it } from 'vitest';

import { baseSubject } from './base-subject.ts';
import { deriveMessage, messageText } from './derive.ts';
import { htmlToText } from './html-text.ts';
import { bodyOnly, imapBodyStructure, imapEnvelope } from './imap-structure.ts';
import { decomposeBody } from './jmap-body.ts';
import { parseMessage } from './parse.ts';
import { oddMessage } from './testing/collection.ts';
import { message } from './testing/lines.ts';
import { defaultMessageLimits } from './types.ts';

describe('base subject', () => {
  it.each([
    ['Re: a', 'a'],
    ['re : a', 'a'],
    ['RE:a', 'a'],
    ['Fwd: a', 'a'],
    ['Fw: Re: a', 'a'],
    ['Re[2]: a', 'a'],
    ['Re (3): a', 'a'],
    ['[list] Re: [list] a', 'a'],
    ['[list] a', 'a'],
    ['[list]', '[list]'],
    ['a (fwd)', 'a'],
    ['a (fwd) (fwd)', 'a'],
    ['[fwd: a]', 'a'],
    ['[Fwd: [list] Re: a (fwd)]', 'a'],
    ['Trả lời: Đề nghị', 'de nghi'],
    ['Trả lời: Đề nghị'.normalize('NFD'), 'de nghi'],
    ['Tr: Chuyển tiếp: Đề nghị', 'de nghi'],
    ['FW: TRẢ LỜI: a', 'a'],
    ['  a \t b  ', 'a b'],
    ['VB: 12/2026', 'vb: 12/2026'],
    ['Retreat: a', 'retreat: a'],
    ['Trên: a', 'tren: a'],
    ['', ''],
    ['Re:', ''],
  ])('of %j is %j', (subject, base) => expect(baseSubject(subject).text).toBe(base));

  it('tells replies and forwards from first messages', () => {
    expect(baseSubject('Tr: a').replyOrForward).toBe(true);
    expect(baseSubject('[x] a').replyOrForward).toBe(false);
  });
});

describe('text of HTML', () => {
  it.each([
    ['<p>a</p><p>b</p>', 'a\n\nb'],
    ['a<br>b<br/>c', 'a\nb\nc'],
    ['a <b> b </b> c', 'a b c'],
    ['<b>a</b>b', 'ab'],
    ['<td>a</td><td>b</td>', 'a b'],
    ['K&iacute;nh g&#7917;i &lt;b&gt;', 'Kính gửi <b>'],
    ['&ecirc;&#x301; &abreve; &dstrok; &nope; &amp', 'ê\u0301 ă đ &nope; &'],
    ['<head><title>t</title></head>x', 'x'],
    ['<head><style>a</style><body>x', 'x'],
    ['<script>if(a<b)"</scr"</script>x', 'x'],
    ['<SCRIPT>x</SCRIPT >y', 'y'],
    ['a<!-- <p> -->b<!doctype x>c<?xml ?>d', 'abcd'],
    ['<div style="display:none">h<div>i</div>j</div>k', 'k'],
    ['<div style=display:none>h</div>k', 'k'],
    ["<span style='color:red; visibility: HIDDEN'>h</span>k", 'k'],
    ['<span title="style=display:none">k</span>', 'k'],
    ['<span data-hidden="1" title=" hidden ">k</span>', 'k'],
    ['<span hidden>h</span>k', 'k'],
    ['<p hidden>h<p>k', 'k'],
    ['<img alt="x">a<img hidden>b', 'ab'],
    ['<a href="a>b">k</a>', 'k'],
    ['a < b <c', 'a < b'],
    ['zero\u200bwidth so\u00adft', 'zerowidth soft'],
    ['a&nbsp;&nbsp;b', 'a b'],
    ['<', '<'],
    ['', ''],
  ])('%j is %j', (html, text) => expect(htmlToText(html)).toBe(text));

  it('stops at the wanted length', () => {
    expect(htmlToText('<p>word </p>'.repeat(100_000), 50).length).toBeLessThanOrEqual(50);
  });
});

describe('text, HTML and files of a message', () => {
  // RFC 8621 §4.1.4: the worked example after the algorithm.
  it('are those of the example of RFC 8621 §4.1.4', () => {
    const part = (boundary: string, type: string, ...more: string[]): string[] => [
      `--${boundary}`,
      `Content-Type: ${type}`,
      ...more,
      '',
    ];
    const bytes = message(
      'Content-Type: multipart/mixed; boundary=m',
      '',
      ...part('m', 'text/plain', 'Content-Disposition: inline'),
      'A',
      ...part('m', 'multipart/mixed; boundary=n'),
      ...part('n', 'multipart/alternative; boundary=a'),
      ...part('a', 'multipart/mixed; boundary=o'),
      ...part('o', 'text/plain', 'Content-Disposition: inline'),
      'B',
      ...part('o', 'image/jpeg', 'Content-Disposition: inline'),
      'C',
      ...part('o', 'text/plain', 'Content-Disposition: inline'),
      'D',
      '--o--',
      ...part('a', 'multipart/related; boundary=r'),
      ...part('r', 'text/html'),
      'E',
      ...part('r', 'image/jpeg'),
      'F',
      '--r--',
      '--a--',
      ...part('n', 'image/jpeg', 'Content-Disposition: attachment'),
      'G',
      ...part('n', 'application/x-excel'),
      'H',
      ...part('n', 'message/rfc822'),
      'Subject: J',
      '',
      'J',
      '--n--',
      ...part('m', 'text/plain', 'Content-Disposition: inline'),
      'K',
      '--m--',
    );
    const lists = decomposeBody(parseMessage(bytes).root);
    const letters = (parts: { bodyStart: number; bodyEnd: number }[]): string =>
      parts.map((each) => Buffer.from(bytes.subarray(each.bodyStart, each.bodyEnd)).toString().slice(-1)).join('');
    expect(letters(lists.textBody)).toBe('ABCDK');
    expect(letters(lists.htmlBody)).toBe('AEK');
    expect(letters(lists.attachments)).toBe('CFGHJ');
  });

  it('never offers a detached signature as a file', () => {
    const derived = deriveMessage(oddMessage('smime-signed'));
    expect(derived.hasAttachment).toBe(false);
    expect(derived.attachments).toEqual([]);
  });

  it('names the registered document that a part says it is, and hashes the decoded octets', () => {
    const [file] = deriveMessage(oddMessage('pgp-mime-protected')).attachments;
    expect(file).toMatchObject({
      part: '1.2',
      name: '1427.pdf',
      type: 'application/pdf',
      document: 'H99,2026/11/02,1427/UBND-KGVX',
    });
    expect(file?.contentHash).toBe(deriveMessage(oddMessage('only-a-pdf')).attachments[0]?.contentHash);
  });

  it('keeps the preview within its limit, whole characters only', () => {
    const long = deriveMessage(
      message('Content-Type: text/plain; charset=utf-8', '', `${'x'.repeat(255)}🇻🇳${'đ'.repeat(1000)}`),
      { ...defaultMessageLimits, text: 300 },
    );
    expect(long.preview.length).toBeLessThanOrEqual(256);
    // A half surrogate pair would come back as U+FFFD.
    expect(Buffer.from(long.preview, 'utf8').toString('utf8')).toBe(long.preview);
  });

  it('previews what the sender wrote, not what is quoted', () => {
    expect(deriveMessage(message('Subject: x', '', '> old text', '> more', '', 'Đồng ý.', '----------')).preview).toBe(
      'Đồng ý.',
    );
    expect(deriveMessage(message('Subject: x', '', '> only quotes')).preview).toBe('> only quotes');
  });
});

describe('IMAP structures', () => {
  // RFC 3501 §8 sample session
  const sample = message(
    'Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
    'From: Terry Gray <gray@cac.washington.edu>',
    'Subject: IMAP4rev1 WG mtg summary and minutes',
    'To: imap@cac.washington.edu',
    'cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>',
    'Message-Id: <B27397-0100000@cac.washington.edu>',
    'MIME-Version: 1.0',
    'Content-Type: TEXT/PLAIN; CHARSET=US-ASCII',
    '',
    'x\r\n',
  );

  it('gives the envelope of RFC 3501 §8', () => {
    const { header, people } = parseMessage(sample);
    expect(imapEnvelope(header, people)).toBe(
      '("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" ' +
        '(("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ' +
        '((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>")',
    );
  });

  it('gives BODY without and BODYSTRUCTURE with extension data', () => {
    const { root } = parseMessage(sample);
    expect(bodyOnly(root)).toBe('("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3 1)');
    expect(imapBodyStructure(root)).toBe('("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3 1 NIL NIL NIL NIL)');
  });

  it('lets neither quotes nor line ends nor 8-bit out of a string', () => {
    const hostile = message(
      'Subject: a"b\\c\r\n d',
      'From: "x\\"y" <"q\\"r"@b>',
      'Content-Type: text/plain; name="a\\"\x01b"',
      'Content-ID: <a"b\\>',
      'Content-Description: đ\x00',
      'Content-Language: "x',
      'Content-Transfer-Encoding: "x y\\',
      '',
      'x',
    );
    const derived = deriveMessage(hostile);
    expect(derived.imapEnvelope).toContain('"a\\"b\\\\c d"');
    expect(derived.imapEnvelope + derived.imapBodyStructure).toMatch(/^[\x20-\x7e]*$/);
  });
});

describe('a text of which only the beginning is wanted', () => {
  it.each([
    ['8bit', (text: string) => text],
    ['base64', (text: string) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')],
    [
      'quoted-printable',
      (text: string) => [...Buffer.from(text)].map((octet) => `=${octet.toString(16).padStart(2, '0')}=\r\n`).join(''),
    ],
  ])('in %s, whatever character the end falls into, without a charset', (encoding, encode) => {
    const text = 'Kính gửi: Ủy ban nhân dân xã, đề nghị báo cáo kết quả. '.repeat(200);
    for (let most = 40; most < 60; most++) {
      const bytes = message(`Content-Transfer-Encoding: ${encoding}`, '', encode(text));
      const read = messageText(bytes, parseMessage(bytes).root, most);
      expect(text.startsWith(read), read).toBe(true);
      expect(read.length).toBeGreaterThan(encoding === 'quoted-printable' ? 20 : most - 3);
    }
  });
});
