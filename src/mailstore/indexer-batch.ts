/**
 * One step of indexing: some pending emails are read and split, off the main thread when they are many, and written in units of
 * work that each hold little. While one portion is written the next is read.
 */
import { setImmediate } from 'node:timers/promises';

import type { AccountId, BlobHash } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { TextCache } from './indexer-cache.ts';
import type { MailstoreParts } from './parts.ts';
import { closeStates, indexedUpTo, lockStates, pendingRows, type Pending } from './repository/pending.ts';
import { addWords, indexEmail, storeTexts } from './repository/search.ts';
import type { IndexedMessage } from './text/indexed.ts';
import { lengthOf } from './text/read-task.ts';
import type { TextReader } from './text/read-thread.ts';
import { sourceOf, type Source } from './text/source.ts';

/** Emails of one step. */
const BATCH = 200;
/** What is read at once: messages, and octets of them. */
const PORTION = 50;
const PORTION_OCTETS = 1_000_000;
/** What a unit of work writes at most, some ten milliseconds of work: characters (one email in any case), emails, new words. */
export const UNIT_CHARACTERS = 250_000;
const UNIT_EMAILS = 100;
export const UNIT_WORDS = 2000;

export interface Working {
  parts: MailstoreParts;
  cache: TextCache;
  reader: TextReader;
}

type Texts = ReadonlyMap<BlobHash, IndexedMessage | undefined>;

interface Portion {
  accountIds: readonly AccountId[];
  /** Emails. */
  count: number;
  texts: Texts;
  /** New in the vocabulary. */
  words: string[];
  /** Nothing more is known to be pending. */
  last: boolean;
}

export interface Step {
  /** Emails that were indexed. */
  count: number;
  /** Nothing was left of these accounts. */
  finished: boolean;
}

/** @param isEnough nothing more is begun: what is read already is written, and the step ends */
export async function batch(
  working: Working,
  accountIds: readonly AccountId[],
  others: 'wait' | 'skip',
  isEnough: () => boolean = () => false,
): Promise<Step> {
  const { db } = working.parts;
  const rows = await pendingRows({ db, q: db.read }, accountIds, BATCH);
  const stored = new Set<BlobHash>();
  const step: Step = { count: 0, finished: false };
  const more = portions(working, accountIds, rows);
  const next = async () => (isEnough() ? undefined : more());
  let ahead = next();
  try {
    for (let portion = await ahead; portion; portion = await ahead) {
      ahead = next();
      // Heard when its turn comes.
      ahead.catch(() => undefined);
      const put = await putPortion(working, portion, others, stored);
      step.count += put.count;
      step.finished = put.finished;
    }
    return step;
  } catch (error) {
    await ahead.catch(() => undefined);
    working.reader.forget();
    throw error;
  }
}

/** Each call reads the next of the rows; one message for many accounts once in a step. */
function portions({ parts, cache, reader }: Working, accountIds: readonly AccountId[], rows: readonly Pending[]) {
  const lastOf = new Map(rows.map(({ hash }, i) => [hash, i]));
  const kept = new Map<BlobHash, IndexedMessage | undefined>();
  let at = 0;
  let ended = false;
  return async (): Promise<Portion | undefined> => {
    if (ended) return undefined;
    const sources = new Map<BlobHash, Source | undefined>();
    const first = at;
    for (let octets = 0; at < rows.length && sources.size < PORTION && octets < PORTION_OCTETS; at++) {
      const hash = rows[at]?.hash;
      if (hash === undefined || kept.has(hash) || sources.has(hash)) continue;
      const delivered = cache.get(hash);
      const source = await sourceOf(parts, hash, delivered);
      sources.set(hash, source);
      octets += source ? lengthOf(source) : 0;
      if (!delivered) await setImmediate();
    }
    const messages = await readAll(reader, sources, rows.length > PORTION);
    for (const [hash, message] of messages) kept.set(hash, message);
    ended = at >= rows.length;
    const mine = rows.slice(first, at);
    const texts = new Map(mine.map(({ hash }) => [hash, kept.get(hash)]));
    for (const hash of texts.keys()) if ((lastOf.get(hash) ?? 0) < at) kept.delete(hash);
    const last = ended && rows.length < BATCH;
    const owners = last ? accountIds : [...new Set(mine.map(({ accountId }) => accountId))];
    const words = [...new Set([...messages.values()].flatMap((message) => message?.vocabulary ?? []))];
    return { accountIds: owners, count: mine.length, texts, words, last };
  };
}

async function readAll(
  reader: TextReader,
  sources: ReadonlyMap<BlobHash, Source | undefined>,
  more: boolean,
): Promise<Map<BlobHash, IndexedMessage | undefined>> {
  const messages = await reader.read(
    [...sources.values()].filter((source) => source !== undefined),
    more,
  );
  let at = 0;
  return new Map([...sources].map(([hash, source]) => [hash, source && messages[at++]]));
}

async function putPortion(
  working: Working,
  { accountIds, count, texts, words: all, last }: Portion,
  others: 'wait' | 'skip',
  stored: Set<BlobHash>,
): Promise<Step> {
  const { db } = working.parts;
  let words = all;
  // The vocabulary may know words before any email has them.
  for (; words.length > UNIT_WORDS; words = words.slice(UNIT_WORDS)) {
    const some = words.slice(0, UNIT_WORDS);
    await db.write(({ q }) => addWords({ db, q }, some));
  }
  const step: Step = { count: 0, finished: false };
  do {
    const some = words;
    const { done, finished } = await db.write(async (tx) => {
      const store = { db, q: tx.q };
      const locked = await lockStates(store, accountIds, others);
      const now = await pendingRows(store, locked, BATCH);
      const put = await putTexts(working.parts, tx, now, texts);
      const isAll = last && put.length === now.length && now.length < BATCH;
      if (isAll) await closeStates(store, locked);
      await storeTexts(store, textsOf(put, texts, stored));
      await addWords(store, some);
      return { done: put, finished: isAll };
    });
    words = [];
    for (const { hash } of done) {
      stored.add(hash);
      working.cache.used(hash);
    }
    step.count += done.length;
    step.finished = finished;
    if (done.length === 0) break;
  } while (!step.finished && step.count < count);
  return step;
}

/** As many as a unit may hold, of each account in order. */
async function putTexts({ db }: MailstoreParts, tx: Tx, rows: readonly Pending[], texts: Texts): Promise<Pending[]> {
  let characters = 0;
  let emails = 0;
  const put = new Map<AccountId, Pending[]>();
  const blocked = new Set<AccountId>();
  for (const row of rows) {
    const { accountId, searchId, hash } = row;
    // It came while the others were read.
    if (!texts.has(hash)) blocked.add(accountId);
    if (blocked.has(accountId)) continue;
    const text = texts.get(hash);
    const length = text?.entry.reduce((sum, words) => sum + words.length, 0) ?? 0;
    if (emails > 0 && (characters + length > UNIT_CHARACTERS || emails === UNIT_EMAILS)) break;
    characters += length;
    emails++;
    if (text) await indexEmail({ db, q: tx.q, accountId }, tx, searchId, text);
    put.set(accountId, [...(put.get(accountId) ?? []), row]);
  }
  for (const [accountId, done] of put) {
    const last = done.at(-1);
    if (last) await indexedUpTo({ db, q: tx.q, accountId }, last.searchId);
  }
  return [...put.values()].flat();
}

function textsOf(rows: readonly Pending[], texts: Texts, stored: ReadonlySet<BlobHash>): Map<BlobHash, IndexedMessage> {
  const found = new Map<BlobHash, IndexedMessage>();
  for (const { hash } of rows) {
    const text = texts.get(hash);
    if (text && !stored.has(hash)) found.set(hash, text);
  }
  return found;
}
