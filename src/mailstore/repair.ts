/** Mends what follows from other data: counters from places, derived rows and the search index from the bytes. */
import type { AccountId, BlobHash, EmailId } from '../base/ids.ts';
import { isDomainError } from '../base/errors.ts';
import type { Tx } from '../db/database.ts';
import { DERIVED_VERSION } from '../message/derive.ts';
import type { InnerParts } from './parts.ts';
import { UNREAD_VERSION } from './preparing/head.ts';
import { accountIds } from './repository/accounts.ts';
import { searchIdsInUse } from './repository/emails.ts';
import { derivedRow } from './repository/messages.ts';
import {
  countAccount,
  dropStrays,
  leastToGive,
  recountMailboxes,
  searchIdsOf,
  toDerive,
  toIndex,
  writeDerived,
} from './repository/repair.ts';
import { indexedTo, lockStates, mendStates, type Pending } from './repository/pending.ts';
import { addWords, dropTexts, indexEmail, storeTexts } from './repository/search.ts';
import type { Store } from './repository/scope.ts';
import type { IndexedMessage } from './text/indexed.ts';
import { sourceIn, sourceOf } from './text/source.ts';
import type { Finding } from './types.ts';
import { unitIn } from './unit.ts';
import { touchHolders } from './verdict.ts';

const PAGE = 100;

export async function* repair(parts: InnerParts): AsyncGenerator<Finding> {
  const store = { db: parts.db, q: parts.db.read };
  for await (const { finding } of parts.blobs.repair()) yield { finding };
  for (const accountId of await accountIds(store)) yield* repairCounters(parts, accountId);
  for (let after = ''; ;) {
    const page = await toDerive(store, DERIVED_VERSION, after, PAGE);
    for (const hash of page) yield await rederive(parts, hash);
    const last = page.at(-1);
    if (!last) break;
    after = last;
  }
  yield* mendIndex(parts);
}

async function* repairCounters({ db }: InnerParts, accountId: AccountId): AsyncGenerator<Finding> {
  const mended = await db.write(async (tx) => {
    const unit = await unitIn(tx, { db, q: tx.q, accountId });
    const mailboxIds = await recountMailboxes(unit.scope, unit.account.modseq);
    for (const id of mailboxIds) {
      unit.log('Mailbox', id, 'counts');
      unit.count(id, { total: 0, unread: 0, bytes: 0 });
    }
    const gaveAgain = unit.giveNoneBelow(await leastToGive(unit.scope));
    const { emails, bytes } = await countAccount(unit.scope);
    const { emailCount, usedBytes } = unit.account;
    const wrong = emails !== emailCount || bytes !== usedBytes;
    if (wrong) unit.store(emails - emailCount, bytes - usedBytes);
    await unit.flush();
    return { mailboxIds, wrong, gaveAgain };
  });
  for (const id of mended.mailboxIds) yield { accountId, finding: `mailbox ${id} was counted anew` };
  if (mended.gaveAgain) yield { accountId, finding: 'the ids that the account gives next were set anew' };
  if (mended.wrong) yield { accountId, finding: 'the account was counted anew' };
}

async function rederive(parts: InnerParts, hash: BlobHash): Promise<Finding> {
  const bytes = await stored(parts, hash);
  if (!bytes) return { finding: `${hash} cannot be derived anew: its bytes are missing` };
  const { derived } = await parts.digester.digestAlone(bytes);
  if (derived.version === UNREAD_VERSION && (await derivedRow({ db: parts.db, q: parts.db.read }, hash)))
    return { finding: `${hash} still cannot be taken apart: it stays as it came` };
  const text = await parts.indexer.read(sourceIn(bytes, derived));
  await parts.db.write(async (tx) => {
    const store = { db: parts.db, q: tx.q };
    await touchHolders(parts, tx, hash);
    await writeDerived(store, hash, derived, parts.clock.now());
    // Where all are pending the indexer keeps the text, and must not find an older one.
    if (text && !(await putText(store, tx, hash, text, await searchIdsOf(store, hash)))) await dropTexts(store, [hash]);
  });
  return { finding: `${hash} was derived anew` };
}

async function* mendIndex(parts: InnerParts): AsyncGenerator<Finding> {
  const { db, indexer } = parts;
  const wrong = await db.write(({ q }) => mendStates({ db, q }));
  for (const accountId of wrong) yield { accountId, finding: 'how far the search index reaches was set anew' };
  await indexer.settle();
  const strays = await db.write(({ q }) => dropStrays({ db, q }));
  if (strays > 0) yield { finding: `${strays} text(s) of no email were taken out of the search index` };
  yield* reindex(parts);
}

async function* reindex(parts: InnerParts): AsyncGenerator<Finding> {
  const { db } = parts;
  const unreadable = new Set<BlobHash>();
  for (let after: Owner = { accountId: 0 as AccountId, searchId: 0 as EmailId }; ;) {
    const page = await toIndex({ db, q: db.read }, after, PAGE);
    for (const { hash, ...owner } of page) {
      // It has lost its bytes, or cannot be read; `check` says so.
      if (unreadable.has(hash)) continue;
      const source = await sourceOf(parts, hash);
      const text = source && (await parts.indexer.read(source));
      if (!text) unreadable.add(hash);
      if (!text) continue;
      const put = await db.write((tx) => putText({ db, q: tx.q }, tx, hash, text, [owner]));
      if (put) yield { accountId: owner.accountId, finding: `email ${owner.searchId} was indexed anew` };
    }
    const last = page.at(-1);
    if (!last) return;
    after = last;
  }
}

type Owner = Pick<Pending, 'accountId' | 'searchId'>;

/** Those of them that are there still, and that the index says it holds: what is pending comes by itself, or goes unseen. */
async function indexed(store: Store, owners: readonly Owner[]): Promise<Owner[]> {
  const found: Owner[] = [];
  await lockStates(store, [...new Set(owners.map(({ accountId }) => accountId))], 'wait');
  for (const owner of owners) {
    const { accountId, searchId } = owner;
    const scope = { ...store, accountId };
    const isThere = (await searchIdsInUse(scope, [searchId])).size > 0;
    if (isThere && searchId <= (await indexedTo(scope))) found.push(owner);
  }
  return found;
}

/** @returns whether any of the owners has the text now */
async function putText(
  store: Store,
  tx: Tx,
  hash: BlobHash,
  text: IndexedMessage,
  owners: readonly Owner[],
): Promise<boolean> {
  const present = await indexed(store, owners);
  if (present.length === 0) return false;
  await dropTexts(store, [hash]);
  for (const { accountId, searchId } of present) await indexEmail({ ...store, accountId }, tx, searchId, text);
  await storeTexts(store, new Map([[hash, text]]));
  await addWords(store, text.vocabulary);
  return true;
}

async function stored({ blobs }: InnerParts, hash: BlobHash): Promise<Uint8Array | undefined> {
  try {
    return await blobs.read(hash);
  } catch (error) {
    if (isDomainError(error, 'blob.missing') || isDomainError(error, 'blob.damaged')) return undefined;
    throw error;
  }
}
