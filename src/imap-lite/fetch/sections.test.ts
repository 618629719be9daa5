/** What a section names (RFC 9051 §6.4.5.1), by its own example; partial content, BINARY, and messages that are not well made. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { startServer, type TestServer } from '../testing/setup.ts';

const lines = (...all: string[]): string => all.join('\r\n');
/** Header with its blank line, and body. */
interface Entity {
  header: string;
  body: string;
}
const entity = (header: string[], body: string): Entity => ({ header: lines(...header, '', ''), body });
const whole = ({ header, body }: Entity): string => header + body;
const multipart = (subtype: string, boundary: string, parts: Entity[], more: string[] = []): Entity =>
  entity(
    [...more, `Content-Type: multipart/${subtype}; boundary=${boundary}`],
    lines('preamble', ...parts.map((part) => `--${boundary}\r\n${whole(part)}`), `--${boundary}--`, 'epilogue'),
  );

const gif = entity(['Content-Type: image/gif', 'Content-Transfer-Encoding: base64'], 'R0lGODlh\r\n');
const rich = entity(['Content-Type: text/richtext'], '<bold>x</bold>');
const plain = entity(['Content-Type: text/plain', 'X-Which: 4.2.2.1'], 'one');
const alternative = multipart('alternative', 'e', [plain, rich]);
const deep = multipart('mixed', 'd', [entity(['Content-Type: text/plain'], 'deep'), alternative], ['Subject: deep']);
const forwardedDeep = entity(['Content-Type: message/rfc822'], whole(deep));
const inner = multipart(
  'mixed',
  'b',
  [entity(['Content-Type: text/plain'], 'inner'), entity(['Content-Type: application/octet-stream'], 'bytes')],
  ['Subject: inner', 'From: b@x.vn'],
);
const forwarded = entity(['Content-Type: message/rfc822', 'Content-Description: a letter'], whole(inner));
const fourth = multipart('mixed', 'c', [gif, forwardedDeep], ['X-Which: 4']);
const first = entity(
  ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: quoted-printable'],
  'c=C3=B4ng',
);
const second = entity(['Content-Type: application/octet-stream', 'Content-Transfer-Encoding: base64'], 'AAEC\r\n');
const message = multipart(
  'mixed',
  'a',
  [first, second, forwarded, fourth],
  [
    'From: a@x.vn',
    'Subject: =?utf-8?q?=C4=91=E1=BA=A7u?=',
    'X-Folded: one',
    '\ttwo',
    ' three',
    'from: again@x.vn',
    'MIME-Version: 1.0',
  ],
);

const ODD: Record<string, string> = {
  'no blank line': 'Subject: only\r\nFrom: a@x.vn\r\n',
  'no header': '\r\nbody alone',
  'no line end at all': 'Subject: x',
  'LF only': 'Subject: lf\nX: y\n\nbody\nmore\n',
  'encoded multipart':
    'Content-Type: multipart/mixed; boundary=a\r\nContent-Transfer-Encoding: base64\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n',
  'unknown encoding': 'Content-Transfer-Encoding: x-zip\r\n\r\nzip',
  'single part': 'Subject: s\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\r\n',
};

describe('sections', () => {
  let test: TestServer;
  let c: Dialogue;
  const odd = new Map<string, number>();
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { badCommands: 1000 });
    c = await test.client();
    await c.ok('APPEND INBOX ', whole(message));
    for (const [name, text] of Object.entries(ODD)) {
      await c.ok('APPEND INBOX ', text);
      odd.set(name, odd.size + 2);
    }
    await c.ok('SELECT INBOX');
    // \\Recent, which the first who opens it sees, is not asked about here.
    await c.ok('SELECT INBOX');
  });
  afterAll(() => test.dispose());
  /** null is NIL. */
  const fetched = async (section: string, seq = 1): Promise<string | null | undefined> => {
    const [line = ''] = await c.ok(`FETCH ${seq} (BODY.PEEK[${section}])`);
    const [, nil, length, content] =
      /^\* \d+ FETCH \(BODY\[.*?\](?:<\d+>)? (?:(NIL)\)$|\{(\d+)\}\r\n([^]*)\)$)/.exec(line) ?? [];
    if (nil) return null;
    expect(Number(length)).toBe(Buffer.byteLength(content ?? ''));
    return content;
  };

  it.each<[string, string]>([
    ['', whole(message)],
    ['HEADER', message.header],
    ['TEXT', message.body],
    ['1', first.body],
    ['1.MIME', first.header],
    ['2', second.body],
    ['3', whole(inner)],
    ['3.MIME', forwarded.header],
    ['3.HEADER', inner.header],
    ['3.TEXT', inner.body],
    ['3.HEADER.FIELDS (SUBJECT)', 'Subject: inner\r\n\r\n'],
    ['3.HEADER.FIELDS.NOT (SUBJECT content-type)', 'From: b@x.vn\r\n\r\n'],
    ['3.1', 'inner'],
    ['3.1.MIME', 'Content-Type: text/plain\r\n\r\n'],
    ['3.2', 'bytes'],
    ['4', fourth.body],
    ['4.MIME', fourth.header],
    ['4.1', gif.body],
    ['4.1.MIME', gif.header],
    ['4.2', whole(deep)],
    ['4.2.HEADER', deep.header],
    ['4.2.TEXT', deep.body],
    ['4.2.1', 'deep'],
    ['4.2.2', alternative.body],
    ['4.2.2.MIME', alternative.header],
    ['4.2.2.1', 'one'],
    ['4.2.2.1.MIME', plain.header],
    ['4.2.2.2', rich.body],
    // Fields in the order of the message, all of a name, folding kept, and the blank line
    [
      'HEADER.FIELDS (from X-FOLDED nope)',
      'From: a@x.vn\r\nX-Folded: one\r\n\ttwo\r\n three\r\nfrom: again@x.vn\r\n\r\n',
    ],
    [
      'HEADER.FIELDS ("subject" {4+}\r\nfrom)',
      'From: a@x.vn\r\nSubject: =?utf-8?q?=C4=91=E1=BA=A7u?=\r\nfrom: again@x.vn\r\n\r\n',
    ],
    ['HEADER.FIELDS.NOT (FROM X-Folded Content-Type mime-version)', 'Subject: =?utf-8?q?=C4=91=E1=BA=A7u?=\r\n\r\n'],
    ['HEADER.FIELDS (nope)', '\r\n'],
    ['HEADER.FIELDS.NOT (nope)', message.header],
  ])('BODY[%s]', async (section, expected) => expect(await fetched(section)).toBe(expected));

  it.each([
    // Only messages have a HEADER and a TEXT; parts are numbered from 1 to the last.
    ...['1.HEADER', '1.TEXT', '2.HEADER', '4.HEADER', '4.TEXT', '4.HEADER.FIELDS (X-Which)', '4.2.2.HEADER'],
    ...['5', '1.1', '1.2', '3.3', '3.1.1', '4.3', '4.2.3', '5.MIME', '3.3.MIME', '3.2.HEADER'],
  ])('BODY[%s] is NIL', async (section) => expect(await fetched(section)).toBeNull());

  it.each([
    '0',
    '1.',
    '.1',
    '1..2',
    '1.0',
    'MIME',
    'HEADER.FIELDS',
    'HEADER.FIELDS ()',
    'HEADER.FIELDS(X)',
    'TEXT.1',
    '1 ',
    'NOPE',
    '1.NOPE',
  ])('BODY[%s] is BAD', async (section) => expect((await c.run(`FETCH 1 BODY.PEEK[${section}]`)).status).toBe('BAD'));

  it.each([
    ['1]<0.3>', '<0> {3}\r\nc=C'],
    ['1]<3.100>', '<3> {6}\r\n3=B4ng'],
    ['1]<9.1>', '<9> {0}\r\n'],
    ['1]<1000000000.1>', '<1000000000> {0}\r\n'],
    ['1]<0.4294967295>', '<0> {9}\r\nc=C3=B4ng'],
    ['HEADER.FIELDS (SUBJECT)]<9.5>', '<9> {5}\r\n=?utf'],
    ['9]<0.5>', '<0> NIL'],
  ])('BODY[%s: what reaches past the end is cut', async (section, expected) => {
    const label = section.slice(0, section.indexOf(']') + 1);
    expect(await c.ok(`FETCH 1 BODY.PEEK[${section}`)).toEqual([`* 1 FETCH (BODY[${label}${expected})`]);
  });
  it.each(['<0.0>', '<0>', '<-1.5>', '<0.5', '<.5>', '<0.>', '<a.b>'])('BODY[]%s is BAD', async (range) =>
    expect((await c.run(`FETCH 1 BODY.PEEK[]${range}`)).status).toBe('BAD'),
  );

  describe('BINARY', () => {
    const binary = async (section: string, seq = 1): Promise<string> =>
      (await c.ok(`FETCH ${seq} (BINARY.PEEK[${section}])`)).join();
    it.each([
      ['1', '{5}\r\ncông'],
      ['1]<1.2', '<1> {2}\r\nô'],
      ['1]<90.2', '<90> {0}\r\n'],
      ['2', '~{3}\r\n\u0000\u0001\u0002'],
      ['2]<1.9', '<1> {2}\r\n\u0001\u0002'],
      ['4.1', '{6}\r\nGIF89a'],
      ['3', `{${whole(inner).length}}\r\n${whole(inner)}`],
      ['4', `{${fourth.body.length}}\r\n${fourth.body}`],
      ['9', 'NIL'],
    ])('[%s] is the content without its encoding', async (section, expected) => {
      const [part, range] = section.split(']');
      const asked = range === undefined ? `${part}]` : `${part}]${range}>`;
      const answer = expected.startsWith('<') ? expected : ` ${expected}`;
      expect(await c.ok(`FETCH 1 (BINARY.PEEK[${asked})`)).toEqual([`* 1 FETCH (BINARY[${part}]${answer})`]);
    });
    it.each(['', '1', '2', '3', '4', '4.1', '4.2', '4.2.2.2'])(
      '.SIZE[%s] is the size of what BINARY gives',
      async (section) => {
        const size = Number(
          /SIZE\[[\d.]*\] (\d+)\)/.exec((await c.ok(`FETCH 1 (BINARY.SIZE[${section}])`)).join())?.[1],
        );
        expect(await binary(section)).toContain(`{${size}}\r\n`);
      },
    );
    it('of an encoding that nobody knows is NO, with nothing fetched, and BODY still gives it', async () => {
      const seq = odd.get('unknown encoding');
      for (const item of ['BINARY[1]', 'BINARY.PEEK[1]<0.1>', 'BINARY.SIZE[1]']) {
        const answer = await c.run(`FETCH ${seq} (FLAGS ${item})`);
        expect([answer.lines, answer.text.slice(0, 16)]).toEqual([[], 'NO [UNKNOWN-CTE]']);
      }
      expect(await fetched('1', seq)).toBe('zip');
      expect(await binary('', seq)).toContain(ODD['unknown encoding']);
      expect(await c.ok(`FETCH ${seq} (FLAGS)`)).toEqual([`* ${seq} FETCH (FLAGS ())`]);
    });
    it('sets \\Seen as BODY does, .SIZE does not', async () => {
      await c.ok('STORE 1 -FLAGS.SILENT (\\Seen)');
      expect((await c.ok('FETCH 1 (BINARY.SIZE[1])')).join()).not.toContain('FLAGS');
      expect((await c.ok('FETCH 1 (BINARY[1])')).join()).toContain('FLAGS (\\Seen)');
    });
  });

  it.each<[string, Record<string, string | null>]>([
    [
      'no blank line',
      { HEADER: ODD['no blank line']!, TEXT: '', '1': '', 'HEADER.FIELDS (from)': 'From: a@x.vn\r\n\r\n' },
    ],
    ['no header', { HEADER: '\r\n', TEXT: 'body alone', '1': 'body alone', '2': null }],
    ['no line end at all', { HEADER: 'Subject: x', TEXT: '', 'HEADER.FIELDS (subject)': 'Subject: x\r\n\r\n' }],
    [
      'LF only',
      { HEADER: 'Subject: lf\nX: y\n\n', TEXT: 'body\nmore\n', '1': 'body\nmore\n', 'HEADER.FIELDS (X)': 'X: y\n\r\n' },
    ],
    ['encoded multipart', { '1': 'x', '1.MIME': '\r\n', '2': null }],
    // A message that is no multipart has one part, whose MIME header is its own.
    [
      'single part',
      { '1': 'PGI+\r\n', '1.1': null, '1.MIME': ODD['single part']!.slice(0, -6), '1.HEADER': null, TEXT: 'PGI+\r\n' },
    ],
  ])('of a message with %s', async (name, sections) => {
    for (const [section, expected] of Object.entries(sections))
      expect([section, await fetched(section, odd.get(name))]).toEqual([section, expected]);
    expect(await fetched('', odd.get(name))).toBe(ODD[name]);
  });

  it('several sections in one command come in the order asked, the same one twice too', async () => {
    expect(
      await c.ok('FETCH 1 (BODY.PEEK[3.1] UID BODY.PEEK[9] BINARY.SIZE[1] BODY.PEEK[3.1] BODY.PEEK[1]<0.1>)'),
    ).toEqual([
      '* 1 FETCH (BODY[3.1] {5}\r\ninner UID 1 BODY[9] NIL BINARY.SIZE[1] 5 BODY[3.1] {5}\r\ninner BODY[1]<0> {1}\r\nc)',
    ]);
  });

  it('the old names give the same, and mark as read as RFC 3501 §6.4.5 says', async () => {
    for (const [old, section, marks] of [
      ['RFC822.HEADER', 'HEADER', false],
      ['RFC822.TEXT', 'TEXT', true],
      ['RFC822', '', true],
    ] as const) {
      await c.ok('STORE 1 -FLAGS.SILENT (\\Seen)');
      const [line = ''] = await c.ok(`FETCH 1 ${old}`);
      expect(line.startsWith(`* 1 FETCH (${old} {`)).toBe(true);
      expect(line).toContain(await fetched(section));
      expect(line.endsWith(' FLAGS (\\Seen))')).toBe(marks);
    }
  });
});
