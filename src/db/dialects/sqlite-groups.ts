/**
 * Units of work queue up; up to a hundred share one transaction and one sync of the disk. A failing unit rolls back alone.
 * Nobody is answered, and nothing announced, before the group is durable.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

import type { DatabaseSyncInstance } from '@photostructure/sqlite';

import { DomainError } from '../../base/errors.ts';
import type { Bus, Query, Tx } from '../database.ts';
import { runEffects } from '../effects.ts';
import { queryWith, type Run } from './sqlite-connection.ts';
import type { DurableLog } from './sqlite-log.ts';
import { paced, type PacedRun } from './sqlite-pace.ts';

const GROUP = 100;
/** What was computed in less, ms, has little to sync. */
const BRIEF = 2;

interface Unit {
  run(tx: Tx): Promise<unknown>;
  done(value: unknown): void;
  failed(error: unknown): void;
}

/** What the units of a group leave to be done once it is durable. */
interface Outcome {
  answers: (() => void)[];
  effects: (() => void)[];
  topics: Set<string>;
}

export interface WriteQueue {
  write<T>(run: (tx: Tx) => Promise<T>): Promise<T>;
  drain(): Promise<void>;
}

export interface WriteQueueOptions {
  connection: DatabaseSyncInstance;
  /** On this connection. */
  run: Run;
  /** Wait so long for another process that writes, ms. */
  busyTimeout?: number;
  bus: Bus;
  log: DurableLog;
  /** The disk did not keep what was committed: from now on every write is refused. */
  onLost: (error: unknown) => void;
  /** What was to run after a commit failed, or the log could not be kept short. */
  onError: (error: unknown) => void;
}

export function createWriteQueue({
  connection,
  run,
  busyTimeout = 0,
  bus,
  log,
  onLost,
  onError,
}: WriteQueueOptions): WriteQueue {
  const waiting: Unit[] = [];
  const transaction = statementsOf(connection, busyTimeout);
  const pace = paced(run);
  const q = queryWith(pace.run);
  let running: Promise<void> | undefined;
  let lost: DomainError | undefined;

  const handle = async (group: Unit[]): Promise<void> => {
    try {
      if (lost) throw lost;
      const begun = performance.now();
      const { answers, effects, topics } = await runGroup({ transaction, q, pace, log }, group);
      const isBrief = performance.now() - begun < BRIEF;
      await log.reach(isBrief && group.length === 1 && waiting.length === 0).catch((error: unknown) => {
        lost = new DomainError('unavailable', 'database.lost', 'the disk does not keep what is written');
        onLost(error);
        throw lost;
      });
      runEffects(effects, onError);
      for (const answer of answers) answer();
      for (const topic of topics) bus.emit(topic);
    } catch (error) {
      for (const unit of group) unit.failed(error);
    }
  };
  const loop = async () => {
    while (waiting.length > 0) {
      // One turn of the event loop: whatever else has arrived by now shares the sync.
      await setImmediate();
      await handle(waiting.splice(0, GROUP));
      // A log that stays long is no reason to write nothing any more.
      await log.keepShort().catch(onError);
    }
    running = undefined;
  };
  return {
    write: <T>(run: (tx: Tx) => Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ run, done: resolve, failed: reject });
        running ??= loop();
      }),
    drain: async () => {
      while (running) await running;
    },
  };
}

interface Writing {
  transaction: ReturnType<typeof statementsOf>;
  q: Query;
  pace: PacedRun;
  log: DurableLog;
}

/** One transaction, committed and not yet durable. */
async function runGroup({ transaction, q, pace, log }: Writing, group: readonly Unit[]): Promise<Outcome> {
  const outcome: Outcome = { answers: [], effects: [], topics: new Set() };
  try {
    pace.begin();
    await transaction.begin();
    for (const unit of group) await runUnit(transaction, q, unit, outcome);
    log.hold();
    transaction.commit();
    return outcome;
  } catch (error) {
    transaction.rollback();
    log.release();
    throw error;
  }
}

function statementsOf(connection: DatabaseSyncInstance, busyTimeout: number) {
  // SQLite would wait where this process stands.
  connection.exec('PRAGMA busy_timeout=0');
  const [attempt, commit, mark, keep, undo] = [
    'BEGIN IMMEDIATE',
    'COMMIT',
    'SAVEPOINT u',
    'RELEASE u',
    'ROLLBACK TO u',
  ].map((text) => {
    const statement = connection.prepare(text);
    return () => void statement.run();
  }) as [() => void, () => void, () => void, () => void, () => void];
  const begin = () => whenFree(attempt, busyTimeout);
  return {
    ...{ begin, commit, mark, keep },
    undo() {
      undo();
      keep();
    },
    async again() {
      connection.exec('ROLLBACK');
      await begin();
    },
    rollback() {
      if (connection.isTransaction) connection.exec('ROLLBACK');
    },
    isOpen: () => connection.isTransaction,
  };
}

/** Between two attempts, ms. */
const ATTEMPTS = 5;

/** Another process writes: whoever does not want to is served meanwhile. */
async function whenFree(attempt: () => void, busyTimeout: number): Promise<void> {
  for (const until = performance.now() + busyTimeout; ;) {
    try {
      attempt();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
    }
    await sleep(ATTEMPTS);
  }
}
/** SQLITE_BUSY. */
const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === 5;

async function runUnit(
  transaction: ReturnType<typeof statementsOf>,
  q: Query,
  unit: Unit,
  outcome: Outcome,
): Promise<void> {
  const effects: (() => void)[] = [];
  const topics: string[] = [];
  const tx: Tx = { q, announce: (topic) => topics.push(topic), afterCommit: (effect) => effects.push(effect) };
  // The first has nothing before it that would have to stay.
  const isFirst = outcome.answers.length === 0;
  if (!isFirst) transaction.mark();
  try {
    const value = await unit.run(tx);
    if (!isFirst) transaction.keep();
    outcome.answers.push(() => unit.done(value));
    outcome.effects.push(...effects);
    for (const topic of topics) outcome.topics.add(topic);
  } catch (error) {
    // A full disk may have rolled the whole transaction back: then the group fails, not this unit alone.
    if (!transaction.isOpen()) throw error;
    if (isFirst) await transaction.again();
    else transaction.undo();
    outcome.answers.push(() => unit.failed(error));
  }
}
