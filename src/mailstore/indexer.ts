/**
 * Puts the text of emails into the index after their delivery, many in one unit of work.
 *
 * Invariants:
 * - what is pending follows from the tables alone (search_states): a crash at any moment loses nothing;
 * - the text of an email and the word that it is indexed commit together;
 * - `ready` resolves only when nothing is pending for the account, so that a search that waits for it is complete;
 * - no step holds the thread long: texts are read in a thread of their own, units of work are small; between two of them,
 *   deliveries go first.
 */
import type { AccountId } from '../base/ids.ts';
import { createBackground } from './indexer-background.ts';
import { batch, type Step, type Working } from './indexer-batch.ts';
import { createTextCache } from './indexer-cache.ts';
import type { Indexing } from './indexing.ts';
import type { MailstoreParts } from './parts.ts';
import { isPending, pendingAccounts } from './repository/pending.ts';
import type { IndexedMessage } from './text/indexed.ts';
import { createTextReader } from './text/read-thread.ts';
import type { Source } from './text/source.ts';
import type { PreparedMessage } from './types.ts';

const ACCOUNTS = 200;

export interface Indexer extends Indexing {
  /** After a commit: what was delivered is pending, and its text is at hand. */
  noticed(accountId: AccountId, message: PreparedMessage): void;
  /** One text, now, off the main thread; undefined: it cannot be read. Its new words are told once, as by the indexing. */
  read(source: Source): Promise<IndexedMessage | undefined>;
  /** Resolves when what was pending of the account is indexed. */
  ready(accountId: AccountId): Promise<void>;
}

export function createIndexer(parts: MailstoreParts): Indexer {
  const { db, log } = parts;
  const store = { db, q: db.read };
  const cache = createTextCache();
  const reader = createTextReader({ dialect: db.dialect, log });
  const working = { parts, cache, reader };
  const dirty = new Set<AccountId>();
  let arrived = 0;
  let waiting = 0;
  let searches = 0;
  const steps = oneByOne(working);
  const inTurn: typeof steps = async (...given) => {
    const step = await steps(...given);
    waiting = Math.max(0, waiting - step.count);
    return step;
  };
  const clear = async (accountIds: readonly AccountId[]): Promise<void> => {
    while (!(await inTurn(accountIds, 'wait')).finished);
  };
  const background = createBackground(parts, {
    dirty,
    arrived: () => arrived,
    waiting: () => waiting,
    isFull: cache.isFull,
    // A search that waits for its own account does not wait for everybody's.
    step: (accountIds) => inTurn(accountIds, 'skip', () => searches > 0),
    idle() {
      cache.clear();
      waiting = 0;
    },
  });
  return {
    noticed(accountId, message) {
      arrived++;
      waiting++;
      cache.put(message);
      dirty.add(accountId);
      background.wake();
    },
    read: async (source) => (await reader.read([source], true))[0],
    async ready(accountId) {
      if (!(await isPending({ ...store, accountId }))) return;
      searches++;
      try {
        await clear([accountId]);
      } finally {
        searches--;
      }
    },
    async settle() {
      const all = await pendingAccounts(store);
      for (let i = 0; i < all.length; i += ACCOUNTS) await clear(all.slice(i, i + ACCOUNTS));
    },
    start: background.start,
    async stop() {
      await background.stop();
      await reader.end();
    },
  };
}

/** One step at a time in this process. */
function oneByOne(working: Working) {
  let turn: Promise<unknown> = Promise.resolve();
  return (accountIds: readonly AccountId[], others: 'wait' | 'skip', isEnough?: () => boolean): Promise<Step> => {
    const mine = turn.then(() => batch(working, accountIds, others, isEnough));
    turn = mine.catch(() => undefined);
    return mine;
  };
}
