import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sha256 } from '../../base/bytes.ts';
import { ROW_BYTES } from '../../blobs/blob-store.ts';
import { noise, noiseText } from '../../blobs/testing/noise.ts';
import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

const INNER = mail('trong', 'Bên trong', 'X-In: 1\r\n');
const TREE = [
  'From: a@x.vn',
  'Subject: =?UTF-8?Q?C=C3=A2y?=',
  'X-Long: one',
  '\ttwo',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=o',
  '',
  'preamble',
  '--o',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'c=C3=B4ng',
  '--o',
  'Content-Type: message/rfc822',
  '',
  INNER,
  '--o',
  'Content-Type: application/octet-stream; name=a.bin',
  'Content-Transfer-Encoding: base64',
  '',
  'AAEC',
  '--o',
  'Content-Type: text/plain',
  'Content-Transfer-Encoding: x-strange',
  '',
  'odd',
  '--o--',
  '',
].join('\r\n');

describe('FETCH', () => {
  let test: TestServer;
  let c: Dialogue;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase);
    c = await test.client();
    await c.ok('APPEND INBOX (\\Seen) "12-Jan-2026 08:00:00 +0700" ', mail('mot', 'Nội dung một'));
    await c.ok('APPEND INBOX ', TREE);
    await c.ok('SELECT INBOX');
  });
  afterAll(() => test.dispose());
  const one = async (items: string, seq = 2): Promise<string> => (await c.ok(`FETCH ${seq} (${items})`)).join('\n');
  const content = async (section: string, seq = 2): Promise<string | undefined> => {
    return /\{\d+\}\r\n([^]*)\)$/.exec(await one(`BODY.PEEK[${section}]`, seq))?.[1];
  };

  it('gives what is known of the place', async () => {
    expect(await one('UID FLAGS INTERNALDATE RFC822.SIZE', 1)).toBe(
      `* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE "12-Jan-2026 01:00:00 +0000" RFC822.SIZE ${Buffer.byteLength(mail('mot', 'Nội dung một'))})`,
    );
    expect(await one('EMAILID THREADID', 1)).toMatch(/^\* 1 FETCH \(EMAILID \(a\d+e\d+\) THREADID \(a\d+t\d+\)\)$/);
  });

  it('gives envelope, structure and preview', async () => {
    expect(await one('ENVELOPE', 1)).toContain(
      'ENVELOPE ("Mon, 12 Jan 2026 08:00:00 +0700" "mot" (("Nguyen Van Hung" NIL "hungnv" "caoson.gov.vn"))',
    );
    expect(await one('BODYSTRUCTURE')).toMatch(
      /BODYSTRUCTURE \(\("TEXT" "PLAIN" \("CHARSET" "utf-8"\) NIL NIL "QUOTED-PRINTABLE" 9 1 .*"MESSAGE" "RFC822".*"MIXED" \("BOUNDARY" "o"\) NIL NIL NIL\)\)$/,
    );
    expect(await one('BODY')).toMatch(/BODY \(.* "MIXED"\)\)$/);
    expect(await one('PREVIEW', 1)).toContain('PREVIEW {');
  });

  it('gives every section octet for octet', async () => {
    const header = TREE.slice(0, TREE.indexOf('preamble'));
    expect(await content('')).toBe(TREE);
    expect(await content('HEADER')).toBe(header);
    expect(await content('TEXT')).toBe(TREE.slice(header.length));
    expect(await content('1')).toBe('c=C3=B4ng');
    expect(await content('1.MIME')).toBe(
      'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n',
    );
    expect(await content('2')).toBe(INNER);
    expect(await content('2.HEADER')).toBe(INNER.slice(0, INNER.indexOf('\r\n\r\n') + 4));
    expect(await content('2.TEXT')).toBe('Bên trong\r\n');
    expect(await content('2.1')).toBe('Bên trong\r\n');
    expect(await content('2.HEADER.FIELDS (x-in)')).toBe('X-In: 1\r\n\r\n');
    expect(await content('HEADER.FIELDS (SUBJECT X-Long Nope)')).toBe(
      'Subject: =?UTF-8?Q?C=C3=A2y?=\r\nX-Long: one\r\n\ttwo\r\n\r\n',
    );
    expect(await content('HEADER.FIELDS.NOT (from subject x-long mime-version)')).toBe(
      'Content-Type: multipart/mixed; boundary=o\r\n\r\n',
    );
    expect(await content('1', 1)).toBe('Nội dung một\r\n');
  });

  it('answers NIL for parts that are not there', async () => {
    for (const section of ['9', '1.HEADER', '1.1', '2.9', '1.TEXT'])
      expect([section, await one(`BODY.PEEK[${section}]`)]).toEqual([section, expect.stringMatching(/ NIL\)$/)]);
  });

  it('cuts partial content, past the end too', async () => {
    expect(await one('BODY.PEEK[1]<2.3>')).toBe('* 2 FETCH (BODY[1]<2> {3}\r\nC3=)');
    expect(await one('BODY.PEEK[1]<5.999>')).toBe('* 2 FETCH (BODY[1]<5> {4}\r\nB4ng)');
    expect(await one('BODY.PEEK[1]<999.1>')).toBe('* 2 FETCH (BODY[1]<999> {0}\r\n)');
    expect(await one('BODY.PEEK[HEADER.FIELDS (X-Long)]<0.6>')).toContain('{6}\r\nX-Long)');
  });

  it('decodes with BINARY, as literal8 where there is a NUL', async () => {
    expect(await one('BINARY.PEEK[1]')).toBe('* 2 FETCH (BINARY[1] {5}\r\ncông)');
    expect(await one('BINARY.PEEK[3] BINARY.SIZE[3]')).toBe(
      '* 2 FETCH (BINARY[3] ~{3}\r\n\0\u0001\u0002 BINARY.SIZE[3] 3)',
    );
    const refused = await c.run('FETCH 2 (FLAGS BINARY.PEEK[4])');
    expect(refused.lines).toEqual([]);
    expect(refused.text).toMatch(/^NO \[UNKNOWN-CTE\]/);
  });

  it('sets \\Seen and says so, but not with PEEK or after EXAMINE', async () => {
    await c.ok('STORE 2 -FLAGS.SILENT (\\Seen)');
    await c.ok('EXAMINE INBOX');
    expect(await one('BODY[1]')).not.toContain('Seen');
    await c.ok('SELECT INBOX');
    await one('BODY.PEEK[1]');
    expect(await one('FLAGS')).toBe('* 2 FETCH (FLAGS ())');
    expect(await one('BODY[1]')).toMatch(/FLAGS \(\\Seen\)\)$/);
    expect(await c.ok('NOOP')).toEqual([]);
  });

  it('understands the old names and macros', async () => {
    expect(await one('RFC822.HEADER')).toContain('RFC822.HEADER {');
    expect(await one('RFC822.TEXT')).toContain('RFC822.TEXT {');
    expect(await one('RFC822')).toContain(`RFC822 {${Buffer.byteLength(TREE)}}`);
    expect((await c.ok('FETCH 1 FAST'))[0]).toMatch(/FLAGS .* INTERNALDATE .* RFC822.SIZE/);
  });

  it('names messages by set, by UID, and refuses numbers that are not there', async () => {
    expect(await c.ok('UID FETCH 1,9:* FLAGS')).toHaveLength(2);
    expect((await c.ok('UID FETCH 1 FLAGS'))[0]).toBe('* 1 FETCH (UID 1 FLAGS (\\Seen))');
    expect(await c.ok('UID FETCH 77 FLAGS')).toEqual([]);
    expect((await c.run('FETCH 3 FLAGS')).status).toBe('BAD');
    expect((await c.run('FETCH 0 FLAGS')).status).toBe('BAD');
  });

  it('CHANGEDSINCE gives only what changed, with its MODSEQ', async () => {
    const before = (await c.ok('FETCH 1 (MODSEQ)')).at(-1);
    const mark = Number(/MODSEQ \((\d+)\)/.exec(before ?? '')?.[1]);
    await c.ok('STORE 2 +FLAGS.SILENT (\\Answered)');
    const lines = await c.ok(`FETCH 1:* (FLAGS) (CHANGEDSINCE ${mark})`);
    expect(lines).toEqual([expect.stringMatching(/^\* 2 FETCH \(MODSEQ \(\d+\) FLAGS /)]);
    expect((await c.run('FETCH 1 FLAGS (VANISHED)')).status).toBe('BAD');
  });

  it('streams a large message whole', async () => {
    const big = mail('lon', `${'0123456789abcde\r\n'.repeat(120_000)}`);
    await c.ok('APPEND INBOX ', big);
    const [line] = await c.ok('FETCH 3 BODY.PEEK[]');
    expect(line?.endsWith(`${big})`)).toBe(true);
  });

  it('says NO to a part that is lost, and gives all others of its message', async () => {
    const d = await test.client();
    const part = (fields: string, body: string) => `--x\r\n${fields}\r\n\r\n${body}\r\n`;
    const octets = noise(3 * ROW_BYTES, 7);
    const file = 'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64';
    const base64 = octets.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');
    const parts = `${part('Content-Type: text/plain', 'con day')}${part(file, base64)}--x--\r\n`;
    const head = 'From: a@b.vn\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n';
    await d.ok('CREATE Tep');
    await d.ok('APPEND Tep ', `${head}${parts}`);
    await d.ok('SELECT Tep');
    const name = sha256(octets);
    const lost = (await readdir(test.folder, { recursive: true })).find((path) => path.endsWith(name.slice(4)));
    await rm(join(test.folder, lost!));
    for (const command of ['FETCH 1 BODY.PEEK[2]', 'FETCH 1 (UID BODY.PEEK[2]<0.50>)', 'FETCH 1 BINARY.PEEK[2]'])
      expect(await d.run(command), command).toMatchObject({ lines: [], status: 'NO' });
    expect(await d.ok('FETCH 1 (BODY.PEEK[1] BODY.PEEK[2.MIME])')).toEqual([
      expect.stringContaining('BODY[1] {7}\r\ncon day BODY[2.MIME]'),
    ]);
    expect((await d.ok('FETCH 1 BODY.PEEK[HEADER]'))[0]).toContain('boundary=x');
  });

  it('ends the connection, without a word that could be taken for content, when stored bytes are missing', async () => {
    const d = await test.client();
    await d.ok('APPEND INBOX ', mail('mat', noiseText(2 * ROW_BYTES)));
    await d.ok('SELECT INBOX');
    await rm(test.folder, { recursive: true });
    expect(await d.run('FETCH * (UID BODY.PEEK[])')).toEqual({ lines: [], status: 'BYE', text: '' });
    const e = await test.client();
    await e.ok('SELECT INBOX');
    // Before the first octet there is time for a NO; what was marked as read by the way is told then.
    await e.ok('STORE * -FLAGS.SILENT (\\Seen)');
    expect((await e.run('FETCH * BODY[HEADER.FIELDS (SUBJECT)]')).status).toBe('NO');
    expect(await e.ok('NOOP')).toEqual([expect.stringMatching(/^\* \d+ FETCH \(UID \d+ FLAGS \(\\Seen\)\)$/)]);
  });
});
