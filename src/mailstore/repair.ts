/** Mends what follows from other data: counters from places, derived rows and the search index from the bytes. */
import type { AccountId, BlobHash, EmailId } from '../base/ids.ts';
import { isDomainError } from '../base/errors.ts';
import type { Tx } from '../db/database.ts';
import { DERIVED_VERSION } from '../message/derive.ts';
import type { InnerParts } from './parts.ts';
import { UNREAD_VERSION } from './preparing/head.ts';
import { accountIds } from './repository/accounts.ts';
import { derivedRow } from './repository/messages.ts';
import {
  countAccount,
  dropStrays,
  recountMailboxes,
  searchIdsOf,
  toDerive,
  toIndex,
  writeDerived,
} from './repository/repair.ts';
import { mendStates } from './repository/pending.ts';
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
    const mailboxIds = await recountMailboxes(unit.scope);
    for (const id of mailboxIds) {
      unit.log('Mailbox', id, 'counts');
      unit.count(id, { total: 0, unread: 0, bytes: 0 });
    }
    const { emails, bytes } = await countAccount(unit.scope);
    const { emailCount, usedBytes } = unit.account;
    const wrong = emails !== emailCount || bytes !== usedBytes;
    if (wrong) unit.store(emails - emailCount, bytes - usedBytes);
    await unit.flush();
    return { mailboxIds, wrong };
  });
  for (const id of mended.mailboxIds) yield { accountId, finding: `mailbox ${id} was counted anew` };
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
    if (text) await putText(store, tx, hash, text, await searchIdsOf(store, hash));
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
  for (let missing = await toIndex({ db, q: db.read }, PAGE); missing.length > 0;) {
    let indexed = 0;
    for (const { accountId, searchId, hash } of missing) {
      if (unreadable.has(hash)) continue;
      const source = await sourceOf(parts, hash);
      const text = source && (await parts.indexer.read(source));
      if (!text) unreadable.add(hash);
      if (!text) continue;
      await db.write((tx) => putText({ db, q: tx.q }, tx, hash, text, [{ accountId, searchId }]));
      indexed++;
      yield { accountId, finding: `email ${searchId} was indexed anew` };
    }
    // What is left has lost its bytes, or cannot be read; `check` says so.
    if (indexed === 0) return;
    missing = await toIndex({ db, q: db.read }, PAGE);
  }
}

async function putText(
  store: Store,
  tx: Tx,
  hash: BlobHash,
  text: IndexedMessage,
  owners: readonly { accountId: AccountId; searchId: EmailId }[],
): Promise<void> {
  for (const { accountId, searchId } of owners) await indexEmail({ ...store, accountId }, tx, searchId, text);
  await dropTexts(store, [hash]);
  await storeTexts(store, new Map([[hash, text]]));
  await addWords(store, text.vocabulary);
}

async function stored({ blobs }: InnerParts, hash: BlobHash): Promise<Uint8Array | undefined> {
  try {
    return await blobs.read(hash);
  } catch (error) {
    if (isDomainError(error, 'blob.missing') || isDomainError(error, 'blob.damaged')) return undefined;
    throw error;
  }
}
