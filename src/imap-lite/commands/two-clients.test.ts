/** APPEND, STORE, COPY, MOVE, EXPUNGE, IDLE, SELECT: one client acts, another sees it. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects, sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, SHARED, startServer, type TestServer } from '../testing/setup.ts';

describe.each(dialects)('two clients on one mailbox ($dialect)', ({ open }) => {
  let test: TestServer | undefined;
  let a: Dialogue;
  let b: Dialogue;
  let count = 0;
  /** Three messages in a mailbox of its own for each test. */
  beforeEach(async () => {
    test ??= await startServer(open);
    const box = `Hop${++count}`;
    [a, b] = [await test.client(), await test.client()];
    await a.ok(`CREATE ${box}`);
    for (const name of ['mot', 'hai', 'ba']) await a.ok(`APPEND ${box} `, mail(name));
    await a.ok(`SELECT ${box}`);
    await b.ok(`SELECT ${box}`);
  });
  afterAll(async () => {
    expect(await test?.findings()).toEqual([]);
    await test?.dispose();
  });
  const box = (): string => `Hop${count}`;

  it('both hear of new messages, and the appender gets the UID', async () => {
    const { text } = await a.run(`APPEND ${box()} (\\Seen Nhan) `, mail('bon'));
    expect(text).toMatch(/^OK \[APPENDUID \d+ 4\]/);
    expect(await b.ok('NOOP')).toEqual(['* 4 EXISTS']);
    expect(await b.ok('FETCH 4 FLAGS')).toEqual(['* 4 FETCH (FLAGS (\\Seen nhan))']);
    expect((await a.run('APPEND Nirgends ', mail('x'))).text).toMatch(/^NO \[TRYCREATE\]/);
    expect((await a.run(`APPEND ${box()} {0}\r\n`)).status).not.toBe('OK');
  });

  it('flags set by one are told to the other, once, and silently to the one who asked so', async () => {
    expect(await a.ok('STORE 1:2 +FLAGS (\\Flagged)')).toEqual([
      '* 1 FETCH (UID 1 FLAGS (\\Flagged))',
      '* 2 FETCH (UID 2 FLAGS (\\Flagged))',
    ]);
    expect(await a.ok('STORE 2 -FLAGS.SILENT (\\Flagged)')).toEqual([]);
    expect(await a.ok('NOOP')).toEqual([]);
    expect(await b.ok('NOOP')).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Flagged))', '* 2 FETCH (UID 2 FLAGS ())']);
    expect(await b.ok('STORE 1 FLAGS (\\Deleted \\Seen)')).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Seen \\Deleted))']);
    expect((await a.run('STORE 1 +FLAGS (\\Recent)')).status).toBe('BAD');
    expect((await a.run('STORE 1 +FLAGS (\\Foo)')).status).toBe('BAD');
  });

  it('a flag that is there already, set by another and not told yet, does not hide what the other did besides', async () => {
    await b.ok('STORE 1:2 +FLAGS.SILENT (\\Flagged)');
    const lines = await a.ok('STORE 1 +FLAGS (\\Flagged)');
    expect(lines).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Flagged))', '* 2 FETCH (UID 2 FLAGS (\\Flagged))']);
    expect(await a.ok('NOOP')).toEqual([]);
  });

  it('a silent change says nothing of itself, but what another has changed of the same message', async () => {
    await b.ok('STORE 1 +FLAGS.SILENT (\\Seen)');
    expect(await a.ok('STORE 1:2 +FLAGS.SILENT (\\Flagged)')).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen))']);
    expect(await a.ok('STORE 1:2 -FLAGS.SILENT (\\Flagged)')).toEqual([]);
    expect(await a.ok('NOOP')).toEqual([]);
  });

  it('UNCHANGEDSINCE keeps one from overwriting what the other changed', async () => {
    // Messages that came together have the same one.
    const mark = Number(/MODSEQ \((\d+)\)/.exec((await a.ok('FETCH 3 (MODSEQ)')).at(-1) ?? '')?.[1]);
    await b.ok('STORE 1 +FLAGS (\\Seen)');
    const { lines, text } = await a.run(`STORE 1:2 (UNCHANGEDSINCE ${mark}) +FLAGS.SILENT (\\Draft)`);
    expect(text).toMatch(/^OK \[MODIFIED 1\]/);
    expect(lines.filter((l) => l.startsWith('* 2 '))).toEqual([
      expect.stringMatching(/^\* 2 FETCH \(UID 2 MODSEQ \(\d+\)\)$/),
    ]);
  });

  it('an expunge waits for a command that may tell it, and numbers hold until then', async () => {
    await a.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    expect(await a.ok('EXPUNGE')).toEqual(['* 1 EXPUNGE']);
    const fetched = await b.run('FETCH 1:3 (UID)');
    expect(fetched.lines).toEqual(['* 2 FETCH (UID 2)', '* 3 FETCH (UID 3)']);
    expect(fetched.text).toMatch(/^OK \[EXPUNGEISSUED\]/);
    expect((await b.run('STORE 1 +FLAGS (\\Seen)')).text).toMatch(/^OK \[EXPUNGEISSUED\]/);
    expect(await b.ok('SEARCH ALL')).toEqual(['* SEARCH 2 3']);
    expect(await b.ok('UID SEARCH ALL')).toEqual(['* SEARCH 2 3', '* 1 EXPUNGE']);
    expect(await b.ok('FETCH 1:2 (UID)')).toEqual(['* 1 FETCH (UID 2)', '* 2 FETCH (UID 3)']);
  });

  it('UID EXPUNGE takes only what is named, CLOSE all without a word', async () => {
    await a.ok('STORE 1:3 +FLAGS.SILENT (\\Deleted)');
    expect(await a.ok('UID EXPUNGE 2:3')).toEqual(['* 3 EXPUNGE', '* 2 EXPUNGE']);
    expect(await a.ok('CLOSE')).toEqual([]);
    expect((await b.ok('NOOP')).filter((l) => l.endsWith('EXPUNGE'))).toEqual([
      '* 3 EXPUNGE',
      '* 2 EXPUNGE',
      '* 1 EXPUNGE',
    ]);
    await b.ok('EXAMINE ' + box());
    expect((await b.run('EXPUNGE')).text).toMatch(/^NO \[NOPERM\]/);
  });

  it('COPY and MOVE tell the new UIDs; flags go along, \\Deleted does not', async () => {
    await a.ok(`CREATE ${box()}/Sao`);
    await a.ok('STORE 2 +FLAGS.SILENT (\\Seen \\Deleted)');
    expect((await a.run(`COPY 1:2 ${box()}/Sao`)).text).toMatch(/^OK \[COPYUID \d+ 1:2 1:2\]/);
    const moved = await a.run(`UID MOVE 2:3 ${box()}/Sao`);
    expect(moved.lines).toEqual([
      expect.stringMatching(/^\* OK \[COPYUID \d+ 2:3 3:4\]/),
      '* 3 EXPUNGE',
      '* 2 EXPUNGE',
    ]);
    expect((await b.ok('NOOP')).filter((l) => l.endsWith('EXPUNGE'))).toHaveLength(2);
    await b.ok(`SELECT ${box()}/Sao`);
    expect(await b.ok('FETCH 1:* FLAGS')).toEqual(
      ['()', '(\\Seen)', '(\\Seen)', '()'].map((f, i) => `* ${i + 1} FETCH (FLAGS ${f})`),
    );
    expect((await a.run('MOVE 1 Nirgends')).text).toMatch(/^NO \[TRYCREATE\]/);
    expect(await a.ok('UID COPY 99 INBOX')).toEqual([]);
  });

  it('MOVE into a unit mailbox stores the message there and takes it from here', async () => {
    for (const c of [a, b]) await c.ok('ENABLE UTF8=ACCEPT');
    await a.ok('STORE 2 +FLAGS.SILENT (\\Flagged)');
    const { lines } = await a.run(`MOVE 2 "${SHARED}/Hộp thư đến"`);
    expect(lines).toEqual([expect.stringMatching(/^\* OK \[COPYUID \d+ 2 \d+\]/), '* 2 EXPUNGE']);
    await b.ok(`SELECT "${SHARED}/Hộp thư đến"`);
    expect(await b.ok('FETCH * (FLAGS BODY.PEEK[])')).toEqual([
      `* 1 FETCH (FLAGS (\\Flagged) BODY[] {${Buffer.byteLength(mail('hai'))}}\r\n${mail('hai')})`,
    ]);
    expect((await b.run(`COPY 1 ${box()}`)).text).toMatch(/^OK \[COPYUID \d+ 1 4\]/);
    expect(await a.ok('NOOP')).toEqual(['* 3 EXISTS']);
    await b.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    await b.ok('EXPUNGE');
  });

  it('IDLE tells arrivals, flags and expunges as they happen', async () => {
    b.raw('i IDLE\r\n');
    expect(await b.line()).toBe('+ idling');
    await a.ok(`APPEND ${box()} `, mail('bon'));
    expect(await b.line()).toBe('* 4 EXISTS');
    await a.ok('STORE 1 +FLAGS (\\Deleted)');
    expect(await b.line()).toBe('* 1 FETCH (UID 1 FLAGS (\\Deleted))');
    await a.ok('EXPUNGE');
    expect(await b.line()).toBe('* 1 EXPUNGE');
    b.raw('DONE\r\n');
    expect((await b.until('i')).status).toBe('OK');
    b.raw('j IDLE\r\nNOOP\r\n');
    expect((await b.until('j')).status).toBe('BAD');
  });

  it('a mailbox that another deletes ends the session that stands in it', async () => {
    await a.ok(`DELETE ${box()}`);
    const last = await b.run('NOOP');
    expect([last.status, last.text]).toEqual(['BYE', '* BYE [UNAVAILABLE] the mailbox was deleted']);
  });

  it('QRESYNC tells a returning client what vanished and what changed', async () => {
    await a.ok('ENABLE QRESYNC');
    const select = await a.ok(`SELECT ${box()}`);
    expect(select[0]).toMatch(/^\* OK \[CLOSED\]/);
    const value = (name: string): string => new RegExp(`\\[${name} (\\d+)\\]`).exec(select.join('\n'))?.[1] ?? '';
    await b.ok('STORE 2 +FLAGS.SILENT (\\Deleted)');
    await b.ok('EXPUNGE');
    await b.ok('STORE 2 +FLAGS.SILENT (\\Seen)');
    expect(await a.ok('NOOP')).toEqual([
      '* VANISHED 2',
      expect.stringMatching(/^\* 2 FETCH \(UID 3 FLAGS \(\\Seen\) MODSEQ \(\d+\)\)$/),
    ]);
    const lines = await a.ok(`SELECT ${box()} (QRESYNC (${value('UIDVALIDITY')} ${value('HIGHESTMODSEQ')} 1:3))`);
    expect(lines.slice(-2)).toEqual([
      '* VANISHED (EARLIER) 2',
      expect.stringMatching(/^\* 2 FETCH \(UID 3 FLAGS \(\\Seen\) MODSEQ/),
    ]);
    expect(await a.ok(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${value('HIGHESTMODSEQ')} VANISHED)`)).toHaveLength(2);
    expect((await b.run(`SELECT ${box()} (QRESYNC (1 1))`)).status).toBe('BAD');
  });
});

describe('SELECT', () => {
  it('tells the state of the mailbox, and a failed one leaves nothing selected', async () => {
    const test = await startServer(sqliteDatabase);
    const c = await test.client();
    await c.ok('APPEND INBOX (\\Seen) ', mail('mot'));
    await c.ok('APPEND INBOX (Rieng) ', mail('hai'));
    const { lines, text } = await c.run('SELECT INBOX (CONDSTORE)');
    expect(text).toBe('OK [READ-WRITE] selected');
    expect(lines).toEqual([
      expect.stringMatching(/^\* FLAGS \(\\Answered .* rieng\)$/),
      '* 2 EXISTS',
      '* OK [UNSEEN 2] first unread',
      expect.stringMatching(/^\* OK \[PERMANENTFLAGS \(.* \\\*\)\]/),
      expect.stringMatching(/^\* OK \[UIDVALIDITY \d+\]/),
      '* OK [UIDNEXT 3] next uid',
      expect.stringMatching(/^\* OK \[HIGHESTMODSEQ \d+\]/),
      expect.stringMatching(/^\* OK \[MAILBOXID \(a\d+m\d+\)\]/),
    ]);
    expect((await c.run('SELECT Nope')).text).toMatch(/^NO \[NONEXISTENT\]/);
    expect((await c.run('CHECK')).status).toBe('BAD');
    expect((await c.run('EXAMINE INBOX')).text).toMatch(/^OK \[READ-ONLY\]/);
    await c.ok('UNSELECT');
    await test.dispose();
  });
});
