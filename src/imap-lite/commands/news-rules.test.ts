/** What others did, and when it may be told (RFC 9051 §5.2, §5.5, §7.4.1, §7.5.1): one client watches what another does. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

describe('news of others', () => {
  let test: TestServer;
  let c: Dialogue;
  let other: Dialogue;
  let count = 0;
  const box = (): string => `Tin${count}`;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { badCommands: 1000 });
    [c, other] = [await test.client(), await test.client()];
  });
  beforeEach(async () => {
    count++;
    await other.ok(`CREATE ${box()}`);
    for (const name of ['mot', 'hai', 'ba', 'bon']) await other.ok(`APPEND ${box()} `, mail(name));
    await other.ok(`SELECT ${box()}`);
    await c.ok(`SELECT ${box()}`);
  });
  afterAll(() => test.dispose());
  const expunge = async (uids: string): Promise<void> => {
    await other.ok(`UID STORE ${uids} +FLAGS.SILENT (\\Deleted)`);
    await other.ok(`UID EXPUNGE ${uids}`);
  };

  it.each([
    // Every command in this state may tell that something went, but those that speak of message numbers
    ['NOOP', true],
    ['CHECK', true],
    ['CAPABILITY', true],
    ['ID NIL', true],
    ['NAMESPACE', true],
    ['LIST "" ""', true],
    ['STATUS INBOX (UIDNEXT)', true],
    ['SUBSCRIBE INBOX', true],
    ['EXPUNGE', true],
    ['UID FETCH 4 (UID)', true],
    ['UID STORE 4 +FLAGS.SILENT (x)', true],
    ['UID SEARCH UID 4', true],
    ['UID COPY 4 INBOX', true],
    ['FETCH 4 (UID)', false],
    ['STORE 4 +FLAGS.SILENT (x)', false],
    ['SEARCH 4', false],
    ['SORT (DATE) UTF-8 4', false],
    ['THREAD REFERENCES UTF-8 4', false],
    ['UID SEARCH 4', false],
  ])('%s tells an expunge: %s', async (command, tells) => {
    await expunge('2');
    const { lines, status } = await c.run(command);
    expect(status).toBe('OK');
    expect(lines.filter((l) => l.endsWith(' EXPUNGE'))).toEqual(tells ? ['* 2 EXPUNGE'] : []);
    // Told once, then or with the next that may.
    expect((await c.ok('NOOP')).filter((l) => l.endsWith(' EXPUNGE'))).toEqual(tells ? [] : ['* 2 EXPUNGE']);
    expect(await c.ok('FETCH 1:3 (UID)')).toEqual(['* 1 FETCH (UID 1)', '* 2 FETCH (UID 3)', '* 3 FETCH (UID 4)']);
  });

  it.each(['FETCH 1 (UID)', 'STORE 1 +FLAGS.SILENT (x)', 'SEARCH 1', 'NOOP', 'UID FETCH 1 (UID)', 'COPY 1 INBOX'])(
    '%s tells what came and what flags changed',
    async (command) => {
      await other.ok(`APPEND ${box()} `, mail('nam'));
      await other.ok('STORE 2 +FLAGS.SILENT (\\Seen)');
      const { lines } = await c.run(command);
      expect(lines).toEqual(expect.arrayContaining(['* 5 EXISTS', '* 2 FETCH (UID 2 FLAGS (\\Seen))']));
      expect(await c.ok('NOOP')).toEqual([]);
    },
  );

  it('what came and went between two commands is told as nothing', async () => {
    await other.ok(`APPEND ${box()} (\\Deleted) `, mail('nam'));
    await other.ok('UID EXPUNGE 5');
    expect(await c.ok('NOOP')).toEqual([]);
    await other.ok(`APPEND ${box()} `, mail('sau'));
    expect(await c.ok('NOOP')).toEqual(['* 5 EXISTS']);
    expect(await c.ok('FETCH 5 (UID)')).toEqual(['* 5 FETCH (UID 6)']);
  });

  it('a flag that changed and changed back is told as it is, and of what has gone no flag is told', async () => {
    await other.ok('STORE 1 +FLAGS.SILENT (\\Seen)');
    await other.ok('STORE 1 -FLAGS.SILENT (\\Seen)');
    await other.ok('STORE 3 +FLAGS.SILENT (\\Flagged)');
    await expunge('3');
    expect(await c.ok('NOOP')).toEqual(['* 3 EXPUNGE', '* 1 FETCH (UID 1 FLAGS ())']);
  });

  it('several that went are told from the end, so that each number is the one the client has', async () => {
    await expunge('1:2,4');
    expect(await c.ok('NOOP')).toEqual(['* 4 EXPUNGE', '* 2 EXPUNGE', '* 1 EXPUNGE']);
    expect(await c.ok('FETCH 1 (UID)')).toEqual(['* 1 FETCH (UID 3)']);
  });

  it('while numbers hold, one that has gone is a number still: FETCH and STORE leave it out and say so', async () => {
    await expunge('2');
    expect(await c.run('FETCH 1:4 (UID)')).toMatchObject({
      lines: ['* 1 FETCH (UID 1)', '* 3 FETCH (UID 3)', '* 4 FETCH (UID 4)'],
      text: expect.stringMatching(/^OK \[EXPUNGEISSUED\]/) as unknown,
    });
    expect(await c.run('STORE 2:3 +FLAGS (\\Seen)')).toMatchObject({
      lines: ['* 3 FETCH (UID 3 FLAGS (\\Seen))'],
      text: expect.stringMatching(/^OK \[EXPUNGEISSUED\]/) as unknown,
    });
    expect((await c.run('FETCH 2 (FLAGS)')).text).toMatch(/^OK \[EXPUNGEISSUED\]/);
    expect(await c.ok('SEARCH 1:4')).toEqual(['* SEARCH 1 3 4']);
    expect((await c.run('FETCH 5 (UID)')).status).toBe('BAD');
  });

  it('commands sent at once see the numbers that hold until the one that tells', async () => {
    await expunge('1');
    c.raw('a FETCH 4 (UID)\r\nb SEARCH 2:3\r\nd NOOP\r\ne FETCH 3 (UID)\r\nf FETCH 4 (UID)\r\n');
    expect((await c.until('a')).lines).toEqual(['* 4 FETCH (UID 4)']);
    expect((await c.until('b')).lines).toEqual(['* SEARCH 2 3']);
    expect((await c.until('d')).lines).toEqual(['* 1 EXPUNGE']);
    expect((await c.until('e')).lines).toEqual(['* 3 FETCH (UID 4)']);
    expect((await c.until('f')).status).toBe('BAD');
  });

  it('nothing is told of a mailbox that was left, nor by EXAMINE less than by SELECT', async () => {
    await c.ok('UNSELECT');
    await other.ok('STORE 1 +FLAGS.SILENT (\\Seen)');
    expect(await c.ok('NOOP')).toEqual([]);
    await c.ok(`EXAMINE ${box()}`);
    await other.ok('STORE 2 +FLAGS.SILENT (\\Seen)');
    await expunge('4');
    expect(await c.ok('NOOP')).toEqual(['* 4 EXPUNGE', '* 2 FETCH (UID 2 FLAGS (\\Seen))']);
  });
});
