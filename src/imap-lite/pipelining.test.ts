/** Commands that come together: done together where that changes nothing, answered one by one and in order always. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects, sqliteDatabase } from '../../test/support/databases.ts';
import type { Dialogue } from './testing/dialogue.ts';
import { mail, startServer, type TestServer } from './testing/setup.ts';

describe.each(dialects)('pipelined commands ($dialect)', ({ open }) => {
  let test: TestServer | undefined;
  let a: Dialogue;
  let b: Dialogue;
  let count = 0;
  const MANY = 12;
  beforeEach(async () => {
    test ??= await startServer(open);
    const box = `Dong${++count}`;
    [a, b] = [await test.client(), await test.client()];
    await a.ok(`CREATE ${box}`);
    for (let i = 0; i < MANY; i++) await a.ok(`APPEND ${box} `, mail(`so ${i}`));
    for (const client of [a, b]) await client.ok(`SELECT ${box}`);
  });
  afterAll(async () => {
    expect(await test?.findings()).toEqual([]);
    await test?.dispose();
  });

  /** Sends all at once; gives every line up to the last tagged answer. */
  const pipeline = async (commands: string[], client = a): Promise<string[]> => {
    client.raw(commands.map((command, i) => `p${i} ${command}\r\n`).join(''));
    const lines: string[] = [];
    for (const i of commands.keys()) {
      const { lines: before, text } = await client.until(`p${i}`);
      lines.push(...before, `p${i} ${text}`);
    }
    return lines;
  };
  const modseqs = async (): Promise<Set<string>> =>
    new Set((await b.ok('FETCH 1:* (MODSEQ)')).flatMap((l) => /MODSEQ \((\d+)\)/.exec(l)?.[1] ?? []));

  it('the same change to one message after the other is one step of the store, and each has its answer', async () => {
    const lines = await pipeline(Array.from({ length: MANY }, (_, i) => `STORE ${i + 1} +FLAGS (\\Flagged)`));
    expect(lines).toEqual(
      Array.from({ length: MANY }, (_, i) => [
        `* ${i + 1} FETCH (UID ${i + 1} FLAGS (\\Flagged))`,
        `p${i} OK flags changed`,
      ]).flat(),
    );
    // Input may come in two pieces of the socket, hardly ever in more.
    expect((await modseqs()).size).toBeLessThanOrEqual(3);
    expect((await b.ok('NOOP')).filter((l) => l.includes('\\Flagged'))).toEqual([]);
  });

  it('messages sent one after the other are stored in one step, each with its own answer and UID', async () => {
    const sized = (text: string): string => `{${Buffer.byteLength(text)}+}\r\n${text}`;
    const box = `Dong${count}`;
    const append = (i: number, to = box): string => `APPEND ${to} (\\Flagged) ${sized(mail(`them ${i}`))}`;
    const lines = await pipeline(Array.from({ length: MANY }, (_, i) => append(i)));
    expect(lines.filter((line) => line.startsWith('p')).map((line) => line.replace(/\d+ (\d+)\]/, '$1]'))).toEqual(
      Array.from({ length: MANY }, (_, i) => `p${i} OK [APPENDUID ${MANY + i + 1}] stored`),
    );
    await b.ok('NOOP');
    expect((await b.ok('FETCH 1:* (FLAGS)')).filter((line) => line.includes('Flagged'))).toHaveLength(MANY);
    const steps = (await b.ok(`UID FETCH ${MANY + 1}:* (MODSEQ)`)).map((l) => /MODSEQ \((\d+)\)/.exec(l)?.[1]);
    expect(new Set(steps).size).toBeLessThan(MANY);
    // One that cannot be stored, another mailbox in between: the others are not harmed.
    const mixed = await pipeline([
      append(20),
      `APPEND ${box} ${sized('')}`,
      append(21),
      append(22, 'INBOX'),
      append(23),
    ]);
    expect(mixed.filter((line) => line.startsWith('p')).map((line) => line.split(' ')[1])).toEqual([
      'OK',
      'NO',
      'OK',
      'OK',
      'OK',
    ]);
    expect(await b.ok(`STATUS ${box} (MESSAGES)`)).toContain(`* STATUS ${box} (MESSAGES ${2 * MANY + 3})`);
  });

  it('different changes keep their order', async () => {
    await pipeline([
      'UID STORE 1 +FLAGS.SILENT (\\Flagged)',
      'UID STORE 1 -FLAGS.SILENT (\\Flagged)',
      'UID STORE 2 FLAGS.SILENT (\\Seen)',
      'UID STORE 2 +FLAGS.SILENT (\\Answered)',
      'UID STORE 2 +FLAGS.SILENT (\\Answered)',
      'UID STORE 2 +FLAGS.SILENT (Viec)',
    ]);
    expect(await b.ok('FETCH 1:2 (FLAGS)')).toEqual(
      expect.arrayContaining(['* 1 FETCH (FLAGS ())', '* 2 FETCH (FLAGS (\\Answered \\Seen viec))']),
    );
  });

  it('what cannot be done is refused to the one who asked for it', async () => {
    const lines = await pipeline([
      'STORE 1 +FLAGS.SILENT (\\Seen)',
      'STORE 999 +FLAGS.SILENT (\\Seen)',
      'STORE 2 +FLAGS.SILENT (\\Seen)',
      'STORE two +FLAGS.SILENT (\\Seen)',
      'UID STORE 999 +FLAGS.SILENT (\\Seen)',
      'STORE 3 +FLAGS.SILENT (\\Seen)',
    ]);
    expect(lines.map((l) => l.split(' ').slice(0, 2).join(' '))).toEqual([
      'p0 OK',
      'p1 BAD',
      'p2 OK',
      'p3 BAD',
      'p4 OK',
      'p5 OK',
    ]);
    expect(await b.ok('SEARCH SEEN')).toContain('* SEARCH 1 2 3');
  });

  it('a failure of the common step leaves each to itself', async () => {
    // A hundred keywords are the most: the second message has them already.
    const full = Array.from({ length: 100 }, (_, i) => `k${i}`).join(' ');
    await a.ok(`STORE 2 FLAGS.SILENT (${full})`);
    const lines = await pipeline([1, 2, 3].map((n) => `STORE ${n} +FLAGS.SILENT (them)`));
    expect(lines.map((l) => l.split(' ').slice(0, 3).join(' '))).toEqual([
      'p0 OK flags',
      'p1 NO [LIMIT]',
      'p2 OK flags',
    ]);
    expect(await b.ok('SEARCH KEYWORD them')).toContain('* SEARCH 1 3');
  });

  it('UNCHANGEDSINCE sees what the command before it did', async () => {
    const line = (await a.ok('FETCH 1 (MODSEQ)')).join();
    const mark = /MODSEQ \((\d+)\)/.exec(line)?.[1] ?? '';
    const lines = await pipeline([
      `STORE 1 (UNCHANGEDSINCE ${mark}) +FLAGS.SILENT (\\Seen)`,
      `STORE 1 (UNCHANGEDSINCE ${mark}) +FLAGS.SILENT (\\Draft)`,
    ]);
    expect(lines.at(-1)).toMatch(/^p1 OK \[MODIFIED 1\]/);
    expect(await b.ok('SEARCH DRAFT')).toContain('* SEARCH');
  });

  it('expunges of others are told by none of them before the last may tell it', async () => {
    await b.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    await b.ok('EXPUNGE');
    const lines = await pipeline([
      ...[2, 3, 4].map((n) => `STORE ${n} +FLAGS.SILENT (\\Flagged)`),
      'NOOP',
      'FETCH 1:3 (UID)',
    ]);
    expect(lines.indexOf('* 1 EXPUNGE')).toBeGreaterThan(lines.indexOf('p2 OK flags changed'));
    expect(lines.filter((l) => /^\* \d FETCH \(UID \d\)$/.test(l))).toEqual([
      '* 1 FETCH (UID 2)',
      '* 2 FETCH (UID 3)',
      '* 3 FETCH (UID 4)',
    ]);
  });

  it('a hundred FETCH commands at once have a hundred answers in order', async () => {
    const commands = Array.from({ length: 100 }, (_, i) => `UID FETCH ${(i % MANY) + 1} (BODY.PEEK[TEXT])`);
    const lines = await pipeline(commands);
    expect(lines.filter((l) => l.startsWith('*')).map((l) => /UID (\d+)/.exec(l)?.[1])).toEqual(
      commands.map((_, i) => String((i % MANY) + 1)),
    );
    expect(lines.filter((l) => /^p\d+ OK/.test(l))).toHaveLength(100);
  });

  it('whole messages that were asked for one by one come in the order of the asking, each in its own form', async () => {
    const many = [...Array(MANY).keys()].map((i) => i + 1);
    const commands = [...many.toReversed(), ...many, 3, 3].map((uid) => `UID FETCH ${uid} (BODY.PEEK[])`);
    const lines = await pipeline([...commands, 'FETCH 2 (BODY.PEEK[]<0.8>)', 'FETCH 5 (FLAGS BODY.PEEK[])']);
    const bodies = lines.filter((line) => line.startsWith('*')).map((line) => /so (\d+)/.exec(line)?.[1]);
    const wanted = [...many.toReversed(), ...many, 3, 3].map((uid) => String(uid - 1));
    expect(bodies).toEqual([...wanted, undefined, '4']);
    expect(lines.filter((line) => /^p\d+ OK fetched/.test(line))).toHaveLength(commands.length + 2);
    expect(lines.at(-2)).toMatch(/^\* 5 FETCH \(FLAGS \(\) BODY\[\] \{/);
  });

  it('a message that is not there is said to the one who asked for it', async () => {
    await b.ok('STORE 2 +FLAGS.SILENT (\\Deleted)');
    await b.ok('EXPUNGE');
    const lines = await pipeline(
      ['FETCH 1', 'FETCH 2', 'FETCH 999', 'UID FETCH 999', 'UID FETCH 2', 'FETCH 3'].map((c) => `${c} (BODY.PEEK[])`),
    );
    expect(lines.filter((line) => line.startsWith('p')).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'p0 OK fetched',
      'p1 OK [EXPUNGEISSUED]',
      'p2 BAD there',
      'p3 OK fetched',
      'p4 OK fetched',
      'p5 OK fetched',
    ]);
  });

  it('one whose content is gone is refused, the others have theirs', async () => {
    const { blobHash } = (await test?.db.read.rows(sql`select blob_hash from emails order by id desc limit 1`))?.map(
      ([hash]) => ({ blobHash: String(hash) }),
    )[0] ?? { blobHash: '' };
    await test?.db.write(({ q }) =>
      q.exec(sql`update blobs set hash = ${`0${blobHash.slice(1)}`} where hash = ${blobHash}`),
    );
    const lines = await pipeline([MANY - 1, MANY, 1].map((uid) => `UID FETCH ${uid} (BODY.PEEK[])`));
    await test?.db.write(({ q }) =>
      q.exec(sql`update blobs set hash = ${blobHash} where hash = ${`0${blobHash.slice(1)}`}`),
    );
    expect(lines.filter((line) => line.startsWith('p')).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'p0 OK',
      'p1 NO',
      'p2 OK',
    ]);
  });

  it('reading without PEEK marks as read, also among many', async () => {
    await pipeline([1, 2, 3].map((n) => `FETCH ${n} (BODY[])`));
    expect(await b.ok('SEARCH SEEN')).toContain('* SEARCH 1 2 3');
  });
});

it('APPENDs whose common step was done when the database went away are not done a second time', async () => {
  let lose = false;
  const test = await startServer(async () => {
    const opened = await sqliteDatabase();
    const { write } = opened.db;
    const losing: typeof write = async (unit) => {
      const value = await write(unit);
      if (!lose) return value;
      lose = false;
      throw new Error('Connection terminated unexpectedly');
    };
    return { ...opened, db: { ...opened.db, write: losing } };
  });
  // Of a server that has no journal.
  const a = await (await test.another({}, async () => undefined)).client();
  const text = mail('mot lan');
  const append = `APPEND INBOX {${Buffer.byteLength(text)}+}\r\n${text}\r\n`;
  lose = true;
  a.raw(`p0 ${append}p1 ${append}`);
  for (const tag of ['p0', 'p1']) expect((await a.until(tag)).text).toMatch(/^NO \[UNAVAILABLE\]/);
  expect(await a.ok('STATUS INBOX (MESSAGES)')).toContain('* STATUS INBOX (MESSAGES 2)');
  await test.dispose();
});
