/** Mod-sequences told to clients that count by them (RFC 7162 §3.1, §3.2; RFC 6851 §4.4; RFC 4731 §3.2). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects, sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

describe.each(dialects)('CONDSTORE and QRESYNC ($dialect)', ({ open }) => {
  let test: TestServer;
  let other: Dialogue;
  let count = 0;
  const box = (): string => `Dem${count}`;
  beforeAll(async () => {
    test = await startServer(open, { connectionsPerUser: 1000 });
    other = await test.client();
  });
  /** Four messages, each with a mark of its own: 2 has the highest, 3 the lowest. */
  beforeEach(async () => {
    count++;
    await other.ok(`CREATE ${box()}`);
    for (const name of ['mot', 'hai', 'ba', 'bon']) await other.ok(`APPEND ${box()} `, mail(name));
    await other.ok(`SELECT ${box()}`);
    for (const uid of [4, 1, 2]) await other.ok(`UID STORE ${uid} +FLAGS.SILENT (\\Flagged)`);
  });
  afterAll(async () => {
    expect(await test.findings()).toEqual([]);
    await test.dispose();
  });
  const client = async (enable = '', select = `SELECT ${box()}`): Promise<Dialogue> => {
    const c = await test.client();
    if (enable) await c.ok(`ENABLE ${enable}`);
    if (select) await c.ok(select);
    return c;
  };
  const marks = async (): Promise<number[]> =>
    (await (await client('CONDSTORE', `EXAMINE ${box()}`)).ok('FETCH 1:* (MODSEQ)')).map((l) =>
      Number(/MODSEQ \((\d+)\)/.exec(l)?.[1]),
    );
  const HIGHEST = /^\* OK \[HIGHESTMODSEQ (\d+)\]/;

  it.each([
    // RFC 7162 §3.1: what turns it on
    ['FETCH 1 (MODSEQ)'],
    ['FETCH 1 FLAGS (CHANGEDSINCE 1)'],
    ['STORE 1 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Seen)'],
    ['SEARCH MODSEQ 1'],
    ['UID SEARCH RETURN (COUNT) NOT MODSEQ 1'],
    ['SORT (DATE) UTF-8 MODSEQ 1'],
    ['THREAD REFERENCES UTF-8 MODSEQ 1'],
    ['STATUS INBOX (HIGHESTMODSEQ)'],
    ['ENABLE CONDSTORE'],
    ['ENABLE QRESYNC'],
    ['ENABLE CONDSTORE QRESYNC'],
  ])('%s in an open mailbox tells its mark, the first time only', async (command) => {
    const c = await client();
    const told = (lines: readonly string[]) => lines.filter((l) => HIGHEST.test(l));
    expect(told((await c.run(command)).lines)).toEqual([expect.stringContaining(`${Math.max(...(await marks()))}]`)]);
    expect(told((await c.run(command)).lines)).toEqual([]);
    expect(told(await c.ok('FETCH 1 (MODSEQ)'))).toEqual([]);
    await other.ok('STORE 3 +FLAGS.SILENT (\\Answered)');
    expect((await c.ok('NOOP')).filter((l) => l.startsWith('* 3 '))).toEqual([
      expect.stringMatching(/^\* 3 FETCH \(UID 3 FLAGS \(\\Answered\) MODSEQ \(\d+\)\)$/),
    ]);
  });

  it('SELECT (CONDSTORE) turns it on, and tells the mark once, as every SELECT does', async () => {
    const c = await client('', '');
    expect((await c.ok(`SELECT ${box()} (CONDSTORE)`)).filter((l) => HIGHEST.test(l))).toHaveLength(1);
    expect(await c.ok('STORE 3 +FLAGS.SILENT (\\Seen)')).toEqual([
      expect.stringMatching(/^\* 3 FETCH \(UID 3 MODSEQ \(\d+\)\)$/),
    ]);
  });

  it('every change has a mark of its own and above those before; what changes nothing has none', async () => {
    const c = await client('CONDSTORE');
    const store = async (flags: string) =>
      Number(/MODSEQ \((\d+)\)/.exec((await c.ok(`STORE 1 ${flags}`))[0] ?? '')?.[1]);
    const first = await store('+FLAGS (\\Seen)');
    const second = await store('+FLAGS.SILENT (\\Answered)');
    expect(second).toBeGreaterThan(first);
    expect(await store('+FLAGS (\\Seen)')).toBe(second);
    expect(await store('-FLAGS (\\Draft)')).toBe(second);
    expect(await store('FLAGS (\\Seen \\Answered \\Flagged)')).toBe(second);
    expect(await store('FLAGS ()')).toBeGreaterThan(second);
  });

  it('what marks a message as read by the way tells which one and its mark (§3.2.4)', async () => {
    const c = await client('CONDSTORE');
    const [line = ''] = await c.ok('FETCH 3 (BODY[HEADER.FIELDS (SUBJECT)])');
    expect(line).toMatch(
      /^\* 3 FETCH \(BODY\[HEADER.FIELDS \(SUBJECT\)\] \{\d+\}\r\n[^]*UID 3 FLAGS \(\\Seen\) MODSEQ \(\d+\)\)$/,
    );
    expect(await c.ok('FETCH 3 (FLAGS)')).toEqual(['* 3 FETCH (FLAGS (\\Seen))']);
    expect(await c.ok('UID FETCH 3 (FLAGS)')).toEqual(['* 3 FETCH (UID 3 FLAGS (\\Seen))']);
  });

  it('UNCHANGEDSINCE: who changed meanwhile is named, the others change, and a message named twice is one', async () => {
    const c = await client('CONDSTORE');
    const [, two = 0, three = 0] = await marks();
    const { lines, text } = await c.run(`STORE 3,1:4,3 (UNCHANGEDSINCE ${three}) +FLAGS (\\Draft)`);
    expect(text).toMatch(/^OK \[MODIFIED 1:2,4\]/);
    expect(lines).toEqual([expect.stringMatching(/^\* 3 FETCH \(UID 3 FLAGS \(\\Draft\) MODSEQ \(\d+\)\)$/)]);
    expect((await c.run(`UID STORE 2 (UNCHANGEDSINCE ${two}) +FLAGS.SILENT (\\Draft)`)).text).toMatch(/^OK flags/);
    // §3.1.3: 0 always fails, since a system flag always exists.
    expect((await c.run('UID STORE 1:2 (UNCHANGEDSINCE 0) +FLAGS (\\Draft)')).text).toMatch(/^OK \[MODIFIED 1:2\]/);
    expect((await c.run('STORE 1 (UNCHANGEDSINCE) +FLAGS (\\Draft)')).status).toBe('BAD');
    expect((await c.run('STORE 1 (CHANGEDSINCE 1) +FLAGS (\\Draft)')).status).toBe('BAD');
  });

  it('CHANGEDSINCE gives what changed after the mark, with its MODSEQ, and nothing when nothing did', async () => {
    const c = await client('CONDSTORE');
    const [one = 0, two = 0, three = 0, four = 0] = await marks();
    expect(three < four && four < one && one < two).toBe(true);
    const since = async (mark: number) =>
      (await c.ok(`FETCH 1:* (UID) (CHANGEDSINCE ${mark})`)).map((l) => l.replace(/ \(.*/, ''));
    expect(await since(three)).toEqual(['* 1 FETCH', '* 2 FETCH', '* 4 FETCH']);
    expect(await since(one)).toEqual(['* 2 FETCH']);
    expect(await since(two)).toEqual([]);
  });

  it('SEARCH MODSEQ tells the highest mark of what it returns (§3.1.5; RFC 4731 §3.2 of MIN and MAX)', async () => {
    const c = await client('CONDSTORE');
    const [one = 0, two = 0, , four = 0] = await marks();
    const answers = async (command: string) =>
      (await c.ok(command)).map((l) => l.replace(/^\* E?SEARCH ?(\(TAG "\w+"\) ?)?/, '')).join();
    expect(await answers(`SEARCH MODSEQ ${four}`)).toBe(`1 2 4 (MODSEQ ${two})`);
    expect(await answers(`SEARCH MODSEQ ${one} 1`)).toBe(`1 (MODSEQ ${one})`);
    expect(await answers(`SEARCH MODSEQ "/flags/\\\\draft" all ${two}`)).toBe(`2 (MODSEQ ${two})`);
    expect(await answers(`SEARCH MODSEQ ${two + 1}`)).toBe('');
    expect(await answers(`SEARCH RETURN (MIN) MODSEQ ${four}`)).toBe(`MIN 1 MODSEQ ${one}`);
    expect(await answers(`SEARCH RETURN (MAX) MODSEQ ${four}`)).toBe(`MAX 4 MODSEQ ${four}`);
    expect(await answers(`SEARCH RETURN (MIN MAX) MODSEQ ${four}`)).toBe(`MIN 1 MAX 4 MODSEQ ${one}`);
    expect(await answers(`SEARCH RETURN (MIN COUNT) MODSEQ ${four}`)).toBe(`MIN 1 COUNT 3 MODSEQ ${two}`);
    expect(await answers(`UID SEARCH RETURN (ALL) MODSEQ ${four}`)).toBe(`UID ALL 1:2,4 MODSEQ ${two}`);
    expect(await answers(`SEARCH RETURN (MIN ALL) MODSEQ ${two + 1}`)).toBe('');
    expect(await answers(`SEARCH RETURN (SAVE) MODSEQ ${four}`)).toBe('');
  });

  it('EXPUNGE, UID EXPUNGE and MOVE tell the mark after them', async () => {
    const c = await client('QRESYNC');
    await c.ok('STORE 1:2 +FLAGS.SILENT (\\Deleted)');
    for (const [command, vanished] of [
      ['UID EXPUNGE 2', 2],
      ['EXPUNGE', 1],
      ['MOVE 1 INBOX', 3],
      ['UID MOVE 4 INBOX', 4],
    ] as const) {
      const { lines, text } = await c.run(command);
      expect(lines.at(-1)).toBe(`* VANISHED ${vanished}`);
      const status = (await other.ok(`STATUS ${box()} (HIGHESTMODSEQ)`)).join();
      expect(text).toMatch(/^OK \[HIGHESTMODSEQ \d+\]/);
      expect(status).toContain(/\[(HIGHESTMODSEQ \d+)\]/.exec(text)?.[1]);
    }
    // Nobody who does not count by them hears of them.
    const plain = await client('', 'SELECT INBOX');
    await plain.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    expect((await plain.run('EXPUNGE')).text).toBe('OK expunged');
    expect((await plain.run(`MOVE 1 ${box()}`)).text).toBe('OK moved');
  });

  it('while an expunge waits to be told, its mark is not passed (§3.2, example of §6)', async () => {
    const c = await client('QRESYNC');
    const before = Math.max(...(await marks()));
    await other.ok('UID STORE 4 +FLAGS.SILENT (\\Deleted)');
    await other.ok('UID EXPUNGE 4');
    await other.ok('UID STORE 2 +FLAGS.SILENT (\\Answered)');
    const waiting = `* OK [HIGHESTMODSEQ ${before}] what has gone is told later`;
    for (const command of ['STORE 1 +FLAGS.SILENT (\\Seen)', 'FETCH 1:3 (MODSEQ)', 'SEARCH ALL', 'UID SEARCH 1:3']) {
      const { lines } = await c.run(command);
      expect(lines).toContain(waiting);
      expect(lines.join('\n')).not.toContain('VANISHED');
    }
    expect(await c.ok('NOOP')).toEqual(['* VANISHED 4']);
    expect((await c.run('EXPUNGE')).text).toContain(`[HIGHESTMODSEQ ${Math.max(...(await marks()))}]`);
    expect(await c.ok('FETCH 1 (UID)')).toEqual(['* 1 FETCH (UID 1)']);
  });

  it('message numbers in UID SEARCH, UID SORT and UID THREAD hold too; in UID FETCH and UID STORE there are none', async () => {
    const c = await client('', `SELECT ${box()}`);
    const remove = async (uid: number) => {
      await other.ok(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`);
      await other.ok(`UID EXPUNGE ${uid}`);
    };
    await remove(1);
    for (const command of [
      'SEARCH 1:4',
      'SEARCH NOT OR (FLAGGED 2) SEEN',
      'SORT (DATE) UTF-8 2:3',
      'THREAD REFERENCES UTF-8 2:3',
    ])
      expect((await c.ok(`UID ${command}`)).join('\n')).not.toContain('EXPUNGE');
    expect(await c.ok('UID SEARCH UID 1:4')).toEqual(['* SEARCH 2 3 4', '* 1 EXPUNGE']);
    await remove(2);
    expect((await c.ok('UID FETCH 3 (UID)')).at(-1)).toBe('* 1 EXPUNGE');
    await remove(3);
    expect((await c.ok('UID STORE 4 +FLAGS (\\Seen)')).at(-1)).toBe('* 1 EXPUNGE');
  });
});

describe('what asks too early or wrongly', () => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase);
  });
  afterAll(() => test.dispose());

  it.each([
    ['SELECT INBOX (QRESYNC (1 1))', ''],
    ['EXAMINE INBOX (QRESYNC (1 1))', 'CONDSTORE'],
    ['UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)', 'CONDSTORE'],
    ['UID FETCH 1:* (FLAGS) (VANISHED)', 'QRESYNC'],
    ['FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)', 'QRESYNC'],
    ['SELECT INBOX (QRESYNC (0 1))', 'QRESYNC'],
    ['SELECT INBOX (QRESYNC (1))', 'QRESYNC'],
    ['SELECT INBOX (QRESYNC 1 1)', 'QRESYNC'],
  ])('%s is BAD after ENABLE %s', async (command, enable) => {
    const c = await test.client();
    if (enable) await c.ok(`ENABLE ${enable}`);
    await c.ok('SELECT INBOX');
    expect((await c.run(command)).status).toBe('BAD');
    // And changes nothing: the mailbox stands open.
    await c.ok('SEARCH ALL');
  });
});
