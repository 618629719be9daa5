/** When mail is indexed without anyone asking: not while it pours in, and then so that it hardly shows. */
import { setImmediate, setTimeout as pause } from 'node:timers/promises';

import type { AccountId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Step } from './indexer-batch.ts';
import type { MailstoreParts } from './parts.ts';
import { pendingAccounts } from './repository/pending.ts';

const ACCOUNTS = 200;
/** Milliseconds between two looks whether mail still comes, and how much in between is no more than a trickle. */
const LOOK = 500;
const TRICKLE = 3;
/** So many looks at most, and so much mail, before it is indexed all the same: a search would have to wait for it. */
const LOOKS = 60;
export const MOST_WAITING = 5000;
/** While mail keeps coming, the indexer takes a fifth of the time. */
const MANNERS = 4;
const LOOK_AGAIN = 60_000;
const AFTER_FAILURE = 5000;

export interface Work {
  dirty: Set<AccountId>;
  /** Emails, since the beginning. */
  arrived(): number;
  /** Emails that wait. */
  waiting(): number;
  /** Texts wait that must be read from the disk again if many more come. */
  isFull(): boolean;
  step(accountIds: readonly AccountId[]): Promise<Step>;
  /** All is indexed. */
  idle(): void;
}

/** @param rest waits so many milliseconds; resolves early when stopping */
export async function lull(
  work: Pick<Work, 'arrived' | 'waiting' | 'isFull'>,
  rest: (ms: number) => Promise<void>,
): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const before = work.arrived();
    if (work.waiting() >= MOST_WAITING || work.isFull()) return;
    await rest(LOOK);
    if (work.arrived() - before <= TRICKLE) return;
  }
}

interface Stepping {
  log: Log;
  work: Work;
  rest(ms: number): Promise<void>;
  stopped(): boolean;
}

/** @returns what indexes all that these accounts have, and says whether it did. */
function stepper({ log, work, rest, stopped }: Stepping): (accountIds: readonly AccountId[]) => Promise<boolean> {
  return async (accountIds) => {
    try {
      while (!stopped()) {
        const before = { at: performance.now(), arrived: work.arrived() };
        const { count, finished } = await work.step(accountIds);
        if (finished) return true;
        // Another process is at it, or searches wait.
        if (count === 0) await rest(LOOK);
        if (work.arrived() > before.arrived) await rest((performance.now() - before.at) * MANNERS);
      }
    } catch (error) {
      log.error({ err: error }, 'indexing failed, it is tried again');
      await rest(AFTER_FAILURE);
    }
    return false;
  };
}

export interface Background {
  wake(): void;
  start(): void;
  stop(): Promise<void>;
}

export function createBackground({ db, log }: MailstoreParts, work: Work): Background {
  let stopping: AbortController | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let seen = 0;
  const rest = async (ms: number): Promise<void> => {
    if (ms < 1) await setImmediate();
    else await pause(ms, undefined, { signal: stopping?.signal }).catch(() => undefined);
  };
  const stopped = (): boolean => stopping?.signal.aborted !== false;
  const through = stepper({ log, work, rest, stopped });
  const goesOn = (): boolean => !stopped() && work.dirty.size > 0;
  const run = async (): Promise<void> => {
    while (goesOn()) {
      // What lay there before needs no waiting for more.
      if (work.arrived() !== seen) await lull(work, rest);
      seen = work.arrived();
      const all = [...work.dirty].sort((a, b) => a - b);
      for (let i = 0; i < all.length && goesOn(); i += ACCOUNTS) {
        const accountIds = all.slice(i, i + ACCOUNTS);
        for (const id of accountIds) work.dirty.delete(id);
        if (!(await through(accountIds))) for (const id of accountIds) work.dirty.add(id);
      }
    }
    running = undefined;
    if (work.dirty.size === 0) work.idle();
  };
  const wake = (): void => {
    if (stopping) running ??= run();
  };
  const lookAround = (): void => {
    // What another process left when it ended, or what came before we began.
    pendingAccounts({ db, q: db.read }).then(
      (ids) => {
        for (const id of ids) work.dirty.add(id);
        if (ids.length > 0) wake();
      },
      (error: unknown) => log.error({ err: error }, 'looking for mail to index failed'),
    );
  };
  return {
    wake,
    start() {
      stopping = new AbortController();
      lookAround();
      timer = setInterval(lookAround, LOOK_AGAIN);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      stopping?.abort();
      await running;
      stopping = undefined;
    },
  };
}
