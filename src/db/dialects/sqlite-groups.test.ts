/** The queue of units over a log that fails in every way: whoever waits hears it, and the next unit has its turn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { DatabaseSync } from '@photostructure/sqlite';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createBus } from '../bus.ts';
import { runOn, type Run } from './sqlite-connection.ts';
import { createWriteQueue, type WriteQueue } from './sqlite-groups.ts';
import { noLog, type DurableLog } from './sqlite-log.ts';
import { paced } from './sqlite-pace.ts';

type Connection = InstanceType<typeof DatabaseSync>;
let connection: Connection;
let errors: string[];
let lost: string[];
const told = (list: string[]) => (error: unknown) =>
  void list.push(error instanceof Error ? error.message : String(error));

beforeEach(() => {
  connection = new DatabaseSync(':memory:');
  connection.exec('create table done (n integer primary key)');
  [errors, lost] = [[], []];
});
afterEach(() => connection.close());

function queueOver(log: Partial<DurableLog>, run: Run = runOn(connection)): WriteQueue {
  const parts = { connection, run, bus: createBus() };
  return createWriteQueue({ ...parts, log: { ...noLog, ...log }, onLost: told(lost), onError: told(errors) });
}
const put = (queue: WriteQueue, n: number) => queue.write(({ q }) => q.exec(sql`insert into done values (${n})`));
const done = () =>
  connection
    .prepare('select n from done order by n')
    .all()
    .map((row) => (row as { n: number }).n);
/** Fails the first time that it is asked. */
function once(words: string) {
  let left = 1;
  return () => {
    if (left-- > 0) throw new Error(words);
  };
}

it('a log that cannot be kept short is told, and writing goes on', async () => {
  const queue = queueOver({ keepShort: () => Promise.reject(new Error('no copy')) });
  for (let n = 1; n <= 3; n++) await put(queue, n);
  await queue.drain();
  expect([done(), errors, lost]).toEqual([[1, 2, 3], ['no copy', 'no copy', 'no copy'], []]);
});

it('a snapshot for readers that cannot be taken fails its group, of which nothing stays, and not the next', async () => {
  const hold = once('no snapshot');
  const queue = queueOver({ hold });
  const answers = await Promise.allSettled([1, 2, 3].map((n) => put(queue, n)));
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await put(queue, 4);
  expect([done(), lost]).toEqual([[4], []]);
});

it('a transaction that another process does not let begin fails its group, and not the next', async () => {
  const queue = queueOver({});
  connection.exec('BEGIN');
  await expect(put(queue, 1)).rejects.toThrow();
  await put(queue, 2);
  expect(done()).toEqual([2]);
});

it('a disk that does not keep a group ends all writing, and says it once', async () => {
  const fail = once('EIO');
  const queue = queueOver({ reach: async () => fail() });
  const answers = await Promise.allSettled([1, 2, 3].map((n) => put(queue, n)));
  for (const one of answers) expect(one.status === 'rejected' && one.reason).toMatchObject({ code: 'database.lost' });
  await expect(put(queue, 4)).rejects.toMatchObject({ code: 'database.lost' });
  expect(lost).toEqual(['EIO']);
  await queue.drain();
});

it('the first of a group fails, one in the middle, the last: the others stay', async () => {
  const queue = queueOver({});
  for (const failing of [0, 4, 9]) {
    const base = failing * 100;
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        queue.write(async ({ q }) => {
          await q.exec(sql`insert into done values (${base + i})`);
          if (i === failing) throw new Error('not this one');
        }),
      ),
    );
    expect(answers.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([failing]);
  }
  expect(done()).toHaveLength(27);
  expect(done().filter((n) => [0, 404, 909].includes(n))).toEqual([]);
});

it('drains what was asked for while it drains', async () => {
  const queue = queueOver({});
  void put(queue, 1).then(() => put(queue, 2));
  void put(queue, 3);
  await queue.drain();
  await queue.drain();
  expect(done()).toEqual([1, 2, 3]);
});

it('others have their turn between the statements of a long unit', async () => {
  const run = runOn(connection);
  const slow: Run = (...given) => {
    for (const begun = performance.now(); performance.now() - begun < 25;);
    return run(...given);
  };
  const queue = queueOver({}, slow);
  let rounds = 0;
  let isOver = false;
  const others = async (): Promise<void> => {
    while (!isOver) {
      await setImmediate();
      rounds++;
    }
  };
  const [, seen] = await Promise.all([
    others(),
    queue.write(async ({ q }) => {
      const seen: number[] = [];
      for (const n of [1, 2, 3]) {
        await q.exec(sql`insert into done values (${n})`);
        seen.push(rounds);
      }
      isOver = true;
      return seen;
    }),
  ]);
  expect([done(), new Set(seen).size]).toEqual([[1, 2, 3], 3]);
});

it('while another process writes, a unit waits for its turn and everybody else is served', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'congvu-busy-'));
  const [other, own] = [join(folder, 'x.db'), join(folder, 'x.db')].map((file) => new DatabaseSync(file));
  try {
    other!.exec('PRAGMA journal_mode=WAL; create table done (n integer primary key); BEGIN IMMEDIATE');
    const parts = { connection: own!, run: runOn(own!), bus: createBus(), log: noLog };
    const patient = createWriteQueue({ ...parts, busyTimeout: 60_000, onLost: told(lost), onError: told(errors) });
    const waiting = put(patient, 1);
    await expect(put(createWriteQueue({ ...parts, onLost: told(lost), onError: told(errors) }), 2)).rejects.toThrow(
      'locked',
    );
    other!.exec('COMMIT');
    await waiting;
    expect(own!.prepare('select n from done').all()).toEqual([{ n: 1 }]);
  } finally {
    for (const connection of [other, own]) connection!.close();
    rmSync(folder, { recursive: true });
  }
});

it('statements that a unit asks for side by side are done in their order, pause or not', async () => {
  const log: string[] = [];
  const { run } = paced((text) => [log.push(text)], 0);
  const [first, second] = [run('1', [], 'run'), run('2', [], 'run')];
  const third = Promise.resolve(first).then(() => run('3', [], 'run'));
  await Promise.all([first, second, third]);
  expect(log).toEqual(['1', '2', '3']);
});
