/** SELECT and EXAMINE, CLOSE and UNSELECT, STATUS: what is told, in rev1 and in rev2 (RFC 9051 §6.3.2, §6.3.3, §6.3.11, §6.4.1–2). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

const FLAGS = '\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing';

describe('opening a mailbox', () => {
  let test: TestServer;
  let one: Dialogue;
  let two: Dialogue;
  let count = 0;
  const box = (): string => `Mo${count}`;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { badCommands: 1000 });
    [one, two] = [await test.client(), await test.client()];
    one.recent = two.recent = true;
    await two.ok('ENABLE IMAP4rev2');
  });
  beforeEach(async () => {
    count++;
    await one.run('UNSELECT');
    await two.run('UNSELECT');
    await one.ok(`CREATE ${box()}`);
    await one.ok(`APPEND ${box()} (\\Seen) `, mail('mot'));
    await one.ok(`APPEND ${box()} `, mail('hai'));
  });
  afterAll(() => test.dispose());
  /** Kinds of what is told: "FLAGS", "EXISTS", "[UIDNEXT]". */
  const kinds = (lines: readonly string[]): string[] =>
    lines.map((l) => /^\* OK (\[[A-Z-]+)/.exec(l)?.[1] ?? /^\* (?:\d+ )?([A-Z]+)/.exec(l)?.[1] ?? l);

  it('tells rev1 what RFC 3501 §6.3.1 asks for', async () => {
    const { lines, text } = await one.run(`SELECT ${box()}`);
    expect(kinds(lines)).toEqual([
      ...['FLAGS', 'EXISTS', 'RECENT', '[UNSEEN', '[PERMANENTFLAGS', '[UIDVALIDITY', '[UIDNEXT'],
      ...['[HIGHESTMODSEQ', '[MAILBOXID'],
    ]);
    expect(lines.slice(0, 4)).toEqual([
      `* FLAGS (${FLAGS})`,
      '* 2 EXISTS',
      '* 2 RECENT',
      '* OK [UNSEEN 2] first unread',
    ]);
    expect(text).toMatch(/^OK \[READ-WRITE\]/);
  });

  it('tells rev2 the name, and neither RECENT nor UNSEEN', async () => {
    const { lines, text } = await two.run(`SELECT ${box()}`);
    expect(kinds(lines)).toEqual([
      ...['FLAGS', 'EXISTS', '[PERMANENTFLAGS', '[UIDVALIDITY', '[UIDNEXT', '[HIGHESTMODSEQ', '[MAILBOXID', 'LIST'],
    ]);
    expect(lines).toContain(`* LIST (\\HasNoChildren) "/" ${box()}`);
    expect(text).toMatch(/^OK \[READ-WRITE\]/);
    await one.ok(`CREATE ${box()}/Con`);
    expect(await two.ok(`EXAMINE ${box()}`)).toContain(`* LIST (\\HasChildren) "/" ${box()}`);
    // RFC 9051 §8 shows the same for another case of INBOX.
    expect((await two.ok('SELECT inbox')).at(-1)).toBe('* LIST (\\HasNoChildren) "/" INBOX ("OLDNAME" (inbox))');
  });

  it('EXAMINE gives the same but lets nothing last', async () => {
    const { lines, text } = await one.run(`EXAMINE ${box()}`);
    expect(lines).toContain('* OK [PERMANENTFLAGS ()] flags that last');
    expect(text).toMatch(/^OK \[READ-ONLY\]/);
    for (const command of [
      'STORE 1 +FLAGS (\\Seen)',
      'UID STORE 1 FLAGS ()',
      'EXPUNGE',
      'UID EXPUNGE 1',
      'MOVE 1 INBOX',
    ])
      expect((await one.run(command)).text).toMatch(/^NO \[NOPERM\]/);
    // Reading marks nothing, and copying out is no change here.
    await one.ok('FETCH 2 BODY[]');
    expect(await one.ok('FETCH 2 FLAGS')).toEqual(['* 2 FETCH (FLAGS (\\Recent))']);
    expect((await one.run('COPY 2 INBOX')).text).toMatch(/^OK \[COPYUID/);
    await two.ok(`SELECT ${box()}`);
    await two.ok('STORE 2 +FLAGS.SILENT (\\Deleted)');
    await one.ok('CLOSE');
    expect(await two.ok('NOOP')).toEqual([]);
    expect(await two.ok('FETCH 2 (UID)')).toEqual(['* 2 FETCH (UID 2)']);
  });

  it('only one stands open: the one before is closed with a word, also when the next cannot be opened', async () => {
    await one.ok(`SELECT ${box()}`);
    expect((await one.ok('SELECT INBOX'))[0]).toMatch(/^\* OK \[CLOSED\]/);
    const failed = await one.run('SELECT Nirgends');
    expect(failed.lines).toEqual([expect.stringMatching(/^\* OK \[CLOSED\]/)]);
    expect(failed.text).toMatch(/^NO \[NONEXISTENT\]/);
    expect((await one.run('FETCH 1 FLAGS')).status).toBe('BAD');
    expect((await one.run('CLOSE')).status).toBe('BAD');
    expect((await one.run('UNSELECT')).status).toBe('BAD');
    expect((await one.ok(`SELECT ${box()}`))[0]).not.toContain('CLOSED');
    // A command that cannot be read changes nothing.
    expect((await one.run('SELECT INBOX (NOPE)')).status).toBe('BAD');
    await one.ok('FETCH 1 FLAGS');
  });

  it('CLOSE removes what is marked without a word, UNSELECT nothing', async () => {
    await one.ok(`SELECT ${box()}`);
    await one.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    expect(await one.ok('UNSELECT')).toEqual([]);
    expect(await one.ok(`STATUS ${box()} (MESSAGES DELETED)`)).toEqual([`* STATUS ${box()} (MESSAGES 2 DELETED 1)`]);
    await one.ok(`SELECT ${box()}`);
    // RFC 7162 §3.2.8: no HIGHESTMODSEQ here.
    expect(await one.run('CLOSE')).toEqual({ lines: [], status: 'OK', text: 'OK done' });
    expect(await one.ok(`STATUS ${box()} (MESSAGES DELETED)`)).toEqual([`* STATUS ${box()} (MESSAGES 1 DELETED 0)`]);
  });

  it('UIDNEXT stays until mail comes, and goes on though that mail has gone (§2.3.1.1)', async () => {
    const next = async () => /UIDNEXT (\d+)/.exec((await two.ok(`STATUS ${box()} (UIDNEXT)`))[0] ?? '')?.[1];
    await one.ok(`SELECT ${box()}`);
    await one.ok('STORE 1:2 +FLAGS.SILENT (\\Deleted)');
    expect(await next()).toBe('3');
    await one.ok('EXPUNGE');
    expect(await next()).toBe('3');
    await one.ok(`APPEND ${box()} (\\Deleted) `, mail('ba'));
    await one.ok('EXPUNGE');
    expect(await next()).toBe('4');
    expect(await one.ok(`SELECT ${box()}`)).toContain('* OK [UIDNEXT 4] next uid');
    expect((await one.run(`APPEND ${box()} `, mail('bon'))).text).toMatch(/^OK \[APPENDUID \d+ 4\]/);
  });

  it('STATUS tells of the mailbox that stands open too, and selects nothing', async () => {
    await two.ok(`SELECT ${box()}`);
    const ask = '(MESSAGES UIDNEXT UNSEEN DELETED SIZE)';
    const size = [mail('mot'), mail('hai')].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const told = `* STATUS ${box()} (MESSAGES 2 UIDNEXT 3 UNSEEN 1 DELETED 0 SIZE ${size})`;
    expect(await two.ok(`STATUS ${box()} ${ask}`)).toEqual([told]);
    expect(await one.ok(`STATUS ${box()} ${ask}`)).toEqual([told]);
    expect((await one.run('FETCH 1 FLAGS')).status).toBe('BAD');
    // §6.3.11: \Recent is not lost by asking.
    expect(await one.ok(`STATUS ${box()} (RECENT)`)).toEqual([`* STATUS ${box()} (RECENT 0)`]);
    for (const bad of ['', '()', 'MESSAGES', '(NOPE)', '(MESSAGES) x'])
      expect((await one.run(`STATUS ${box()} ${bad}`)).status).toBe('BAD');
  });

  it('FLAGS has every keyword of the account once, and registered ones as they are registered', async () => {
    await one.ok(`APPEND ${box()} ($JUNK $phishing Rieng constructor __proto__) `, mail('ba'));
    const lines = await one.ok(`SELECT ${box()}`);
    const keywords = 'constructor rieng';
    expect(lines[0]).toBe(`* FLAGS (${FLAGS} __proto__ ${keywords})`);
    expect(lines).toContain(`* OK [PERMANENTFLAGS (${FLAGS} __proto__ ${keywords} \\*)] flags that last`);
    const [, flags] = /FLAGS \((.*)\)\)$/.exec((await one.ok('FETCH 3 (FLAGS)'))[0] ?? '') ?? [];
    expect(flags?.split(' ').toSorted()).toEqual(
      ['$Junk', '$Phishing', '\\Recent', '__proto__', 'constructor', 'rieng'].toSorted(),
    );
    for (const keyword of ['$junk', 'CONSTRUCTOR', '__proto__', 'rieng'])
      expect(await one.ok(`SEARCH KEYWORD ${keyword}`)).toEqual(['* SEARCH 3']);
    expect(await one.ok('STORE 3 -FLAGS ($junk $PHISHING constructor __proto__ RIENG)')).toEqual([
      '* 3 FETCH (UID 3 FLAGS (\\Recent))',
    ]);
  });

  it('a message has as many keywords as the limit allows, and a longer name is none', async () => {
    const names = (n: number): string => Array.from({ length: n }, (_, i) => `k${i}`).join(' ');
    await one.ok(`SELECT ${box()}`);
    expect((await one.run(`STORE 1 +FLAGS.SILENT (${names(101)})`)).text).toMatch(/^NO \[LIMIT\]/);
    await one.ok(`STORE 1 +FLAGS.SILENT (${names(100)})`);
    expect((await one.run('STORE 1 +FLAGS.SILENT (k100)')).text).toMatch(/^NO \[LIMIT\]/);
    await one.ok('STORE 1 +FLAGS.SILENT (k99 \\Seen)');
    expect((await one.run(`STORE 2 +FLAGS.SILENT (${'k'.repeat(256)})`)).text).toMatch(/^NO \[CANNOT\]/);
    expect((await one.run('STORE 1 FLAGS.SILENT ()')).status).toBe('OK');
  });
});
