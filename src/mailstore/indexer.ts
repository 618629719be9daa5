/**
 * Puts the text of emails into the index after their delivery, many in one unit of work.
 *
 * Invariants:
 * - what is pending follows from the tables alone (search_states): a crash at any moment loses nothing;
 * - the text of an email and the word that it is indexed commit together;
 * - `ready` resolves only when nothing is pending for the account, so that a search that waits for it is complete;
 * - no step holds the thread much longer than SLICE; between two of them, deliveries go first.
 */
import { setImmediate, setTimeout as pause } from 'node:timers/promises';

import type { AccountId, BlobHash } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { createTextCache, type TextCache } from './indexer-cache.ts';
import type { Indexing } from './indexing.ts';
import type { MailstoreParts } from './parts.ts';
import {
  closeStates,
  indexedUpTo,
  isPending,
  lockStates,
  pendingAccounts,
  pendingRows,
  type Pending,
} from './repository/pending.ts';
import { addWords, indexEmail, storeTexts, type IndexedMessage } from './repository/search.ts';
import { readIndexed } from './text/source.ts';
import { createVocabularyMemory, type VocabularyMemory } from './text/vocabulary-memory.ts';
import type { PreparedMessage } from './types.ts';

/** Emails of one batch. */
const BATCH = 100;
const ACCOUNTS = 200;
/** Milliseconds of work in one piece. */
const SLICE = 15;
/** Waited after mail has come, for more of it. */
const QUIET = 200;
/** While mail keeps coming, the indexer takes about a quarter of the time. */
const MANNERS = 3;
const LOOK_AGAIN = 60_000;
const AFTER_FAILURE = 5000;

export interface Indexer extends Indexing {
  /** After a commit: what was delivered is pending, and its text is at hand. */
  noticed(accountId: AccountId, message: PreparedMessage): void;
  /** Resolves when what was pending of the account is indexed. */
  ready(accountId: AccountId): Promise<void>;
}

export function createIndexer(parts: MailstoreParts): Indexer {
  const { db } = parts;
  const store = { db, q: db.read };
  const cache = createTextCache();
  const working = { parts, cache, vocabulary: createVocabularyMemory() };
  const dirty = new Set<AccountId>();
  let arrived = 0;
  let turn: Promise<unknown> = Promise.resolve();
  /** One batch at a time in this process. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const clear = async (accountIds: readonly AccountId[]): Promise<void> => {
    while (!(await inTurn(() => batch(working, accountIds, 'wait'))));
  };
  const background = createBackground(parts, {
    dirty,
    arrived: () => arrived,
    isFull: cache.isFull,
    step: (accountIds) => inTurn(() => batch(working, accountIds, 'skip')),
    idle: cache.clear,
  });
  return {
    noticed(accountId, message) {
      arrived++;
      cache.put(message);
      dirty.add(accountId);
      background.wake();
    },
    async ready(accountId) {
      if (await isPending({ ...store, accountId })) await clear([accountId]);
    },
    async settle() {
      const all = await pendingAccounts(store);
      for (let i = 0; i < all.length; i += ACCOUNTS) await clear(all.slice(i, i + ACCOUNTS));
    },
    start: background.start,
    stop: background.stop,
  };
}

interface Working {
  parts: MailstoreParts;
  cache: TextCache;
  vocabulary: VocabularyMemory;
}

interface Work {
  dirty: Set<AccountId>;
  arrived(): number;
  /** Texts wait to be indexed before they must be derived again. */
  isFull(): boolean;
  /** @returns whether nothing was left of these accounts. */
  step(accountIds: readonly AccountId[]): Promise<boolean>;
  /** All is indexed. */
  idle(): void;
}

function createBackground({ db, log }: MailstoreParts, work: Work) {
  let stopping: AbortController | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const rest = async (ms: number): Promise<void> => {
    if (ms < 1) await setImmediate();
    else await pause(ms, undefined, { signal: stopping?.signal }).catch(() => undefined);
  };
  const run = async (): Promise<void> => {
    await rest(QUIET);
    while (stopping?.signal.aborted === false && work.dirty.size > 0) {
      const accountIds = [...work.dirty].slice(0, ACCOUNTS).sort((a, b) => a - b);
      for (const id of accountIds) work.dirty.delete(id);
      const before = { at: performance.now(), arrived: work.arrived() };
      try {
        if (!(await work.step(accountIds))) for (const id of accountIds) work.dirty.add(id);
        const busy = work.arrived() > before.arrived && !work.isFull();
        await rest(busy ? (performance.now() - before.at) * MANNERS : 0);
      } catch (error) {
        log.error({ err: error }, 'indexing failed, it is tried again');
        for (const id of accountIds) work.dirty.add(id);
        await rest(AFTER_FAILURE);
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

/** @returns whether nothing was left of these accounts. */
async function batch(
  { parts, cache, vocabulary }: Working,
  accountIds: readonly AccountId[],
  others: 'wait' | 'skip',
): Promise<boolean> {
  const { db } = parts;
  const rows = await pendingRows({ db, q: db.read }, accountIds, BATCH);
  const texts = await readTexts(parts, cache, rows);
  const words = vocabulary.unknown([...texts.values()].flatMap((text) => text?.vocabulary ?? []));
  const { done, finished } = await db.write(async (tx) => {
    const store = { db, q: tx.q };
    const locked = await lockStates(store, accountIds, others);
    const now = await pendingRows(store, locked, BATCH);
    const put = await putTexts(parts, tx, now, texts);
    const all = put === now.length && now.length < BATCH;
    if (all) await closeStates(store, locked);
    await storeTexts(store, textsOf(now.slice(0, put), texts));
    await addWords(store, words);
    return { done: now.slice(0, put), finished: all };
  });
  for (const { hash } of done) cache.used(hash);
  vocabulary.known(words);
  return finished;
}

type Texts = ReadonlyMap<BlobHash, IndexedMessage | undefined>;

/** As many as the time allows, in order. @returns how many. */
async function putTexts({ db }: MailstoreParts, tx: Tx, rows: readonly Pending[], texts: Texts): Promise<number> {
  const end = performance.now() + SLICE;
  let put = 0;
  for (const [i, { accountId, searchId, hash }] of rows.entries()) {
    // It came while the others were read.
    if (!texts.has(hash)) break;
    const scope = { db, q: tx.q, accountId };
    const text = texts.get(hash);
    if (text) await indexEmail(scope, tx, searchId, text);
    put++;
    const next = performance.now() < end ? rows[i + 1] : undefined;
    const goesOn = next !== undefined && texts.has(next.hash);
    if (!goesOn || next.accountId !== accountId) await indexedUpTo(scope, searchId);
    if (!goesOn) break;
  }
  return put;
}

/** Reads and splits, so that the unit of work need not; one message for many accounts once. */
async function readTexts(parts: MailstoreParts, cache: TextCache, rows: readonly Pending[]): Promise<Texts> {
  const texts = new Map<BlobHash, IndexedMessage | undefined>();
  let since = performance.now();
  for (const { hash } of rows) {
    if (texts.has(hash)) continue;
    texts.set(hash, await readIndexed(parts, hash, cache.get(hash)));
    if (performance.now() - since < SLICE) continue;
    await setImmediate();
    since = performance.now();
  }
  return texts;
}

function textsOf(rows: readonly Pending[], texts: Texts): Map<BlobHash, IndexedMessage> {
  const found = new Map<BlobHash, IndexedMessage>();
  for (const { hash } of rows) {
    const text = texts.get(hash);
    if (text) found.set(hash, text);
  }
  return found;
}
