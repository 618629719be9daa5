/** QRESYNC (RFC 7162 §3.2) with a change log that reaches back to the client's last visit, and with one that was cut meanwhile. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

describe.each(dialects)('QRESYNC ($dialect)', ({ open }) => {
  let test: TestServer | undefined;
  let a: Dialogue;
  let b: Dialogue;
  let count = 0;
  let mark: string;
  let validity: string;
  const box = (): string => `Lai${count}`;
  const value = (lines: readonly string[], name: string): string =>
    new RegExp(`\\[${name} (\\d+)\\]`).exec(lines.join('\n'))?.[1] ?? '';
  const selecting = (more = ''): Promise<string[]> => a.ok(`SELECT ${box()} (QRESYNC (${validity} ${mark}${more}))`);
  const told = (lines: readonly string[]): string[] =>
    lines.filter((l) => /VANISHED|FETCH/.test(l)).map((l) => l.replace(/ MODSEQ.*/, ''));

  /** 1 3 4 5 6 7 8 are there when `a` leaves; then 4 and 7 go, and 5 is flagged. */
  beforeEach(async () => {
    test ??= await startServer(open);
    count++;
    [a, b] = [await test.client(), await test.client()];
    await a.ok('ENABLE QRESYNC');
    await a.ok(`CREATE ${box()}`);
    for (let i = 1; i <= 8; i++) await a.ok(`APPEND ${box()} `, mail(`thu ${i}`));
    await b.ok(`SELECT ${box()}`);
    await remove('2');
    const lines = await a.ok(`SELECT ${box()}`);
    [validity, mark] = [value(lines, 'UIDVALIDITY'), value(lines, 'HIGHESTMODSEQ')];
    await a.ok('UNSELECT');
    await remove('4,7');
    await b.ok('UID STORE 5 +FLAGS (\\Flagged)');
  });
  afterAll(() => test?.dispose());
  const remove = async (uids: string): Promise<void> => {
    await b.ok(`UID STORE ${uids} +FLAGS.SILENT (\\Deleted)`);
    await b.ok(`UID EXPUNGE ${uids}`);
  };
  const prune = async (): Promise<void> => {
    const { mailstore, db, hung } = test!;
    const { modseq } = await mailstore.read(hung.accountId).info();
    await db.write((tx) => mailstore.pruneChanges(tx, hung.accountId, modseq));
  };

  it('tells a returning client what went and what changed since', async () => {
    expect(told(await selecting())).toEqual(['* VANISHED (EARLIER) 4,7', '* 3 FETCH (UID 5 FLAGS (\\Flagged)']);
  });

  it('tells of those only that the client says it knows', async () => {
    expect(told(await selecting(' 1,6:8'))).toEqual(['* VANISHED (EARLIER) 7']);
  });

  it('tells nothing of a mailbox that was made anew', async () => {
    expect(told(await a.ok(`SELECT ${box()} (QRESYNC (${Number(validity) + 1} ${mark} 1:8))`))).toEqual([]);
  });

  it('when the log was cut, names every UID that is not there, and still what changed', async () => {
    await prune();
    expect(told(await selecting())).toEqual(['* VANISHED (EARLIER) 2,4,7', '* 3 FETCH (UID 5 FLAGS (\\Flagged)']);
    expect(told(await selecting(' 1,3:8'))).toEqual(['* VANISHED (EARLIER) 4,7', '* 3 FETCH (UID 5 FLAGS (\\Flagged)']);
  });

  it('when the log was cut, message numbers that still fit spare what lies below them', async () => {
    await prune();
    // The client had 1 3 4 5 6 7 8 as 1 to 7: its second is ours, its fourth is not.
    expect(told(await selecting(' 1:8 (1,2,4 1,3,5)'))[0]).toBe('* VANISHED (EARLIER) 4,7');
    expect(told(await selecting(' 1:8 (7 8)'))[0]).toBe('* VANISHED (EARLIER) 2,4,7');
    expect(told(await selecting(' 1:8 (2:3 3))'.slice(0, -1)))[0]).toBe('* VANISHED (EARLIER) 4,7');
  });

  it('UID FETCH … VANISHED does the same in an open mailbox', async () => {
    await a.ok(`SELECT ${box()}`);
    const fetched = async (): Promise<string[]> =>
      told(await a.ok(`UID FETCH 3:* (FLAGS) (CHANGEDSINCE ${mark} VANISHED)`));
    expect(await fetched()).toEqual(['* VANISHED (EARLIER) 4,7', '* 3 FETCH (UID 5']);
    await prune();
    expect(await fetched()).toEqual(['* VANISHED (EARLIER) 4,7', '* 3 FETCH (UID 5']);
    expect((await a.run('FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)')).status).toBe('BAD');
  });

  it('a mailbox that stands open survives the cut: what went is found by what is left', async () => {
    await a.ok(`SELECT ${box()}`);
    const c = await test!.client();
    await c.ok(`SELECT ${box()}`);
    await remove('3,8');
    await prune();
    expect(await a.ok('NOOP')).toEqual(['* VANISHED 3,8']);
    expect(await c.ok('NOOP')).toEqual(['* 5 EXPUNGE', '* 2 EXPUNGE']);
    expect(await c.ok('FETCH 1:* (UID)')).toEqual(['* 1 FETCH (UID 1)', '* 2 FETCH (UID 5)', '* 3 FETCH (UID 6)']);
  });

  it('a mailbox that was open before is right when it is opened after the cut', async () => {
    await a.ok(`SELECT ${box()}`);
    await a.ok('UNSELECT');
    await remove('1');
    await prune();
    await b.ok(`APPEND ${box()} `, mail('sau'));
    expect(await a.ok(`SELECT ${box()}`)).toContain('* 5 EXISTS');
    expect((await a.ok('UID SEARCH ALL')).filter((l) => l.startsWith('* SEARCH'))).toEqual(['* SEARCH 3 5 6 8 9']);
  });
});
