/**
 * The one way to read and change mail, on SQLite and PostgreSQL alike.
 * Accounts are locked in ascending order by every unit that changes several.
 */
import type { AccountId } from '../base/ids.ts';
import type { Database, Tx } from '../db/database.ts';
import { deliver } from './append.ts';
import { check } from './check.ts';
import { accountNotFound } from './errors.ts';
import { createIndexer } from './indexer.ts';
import { createRoleMailboxes } from './mailboxes.ts';
import type { MailstoreParts } from './parts.ts';
import { createDigester } from './preparing/digester.ts';
import { createPromised } from './promised.ts';
import { pruneChanges, pruneLongLogs } from './prune.ts';
import { createReader } from './reader.ts';
import { repair } from './repair.ts';
import { insertAccount, updateAccount } from './repository/accounts.ts';
import { indexAnew } from './repository/pending.ts';
import { renewAccounts } from './repository/renew.ts';
import { derivedRow, holderRows, sweepMessages, verdictRows } from './repository/messages.ts';
import { blobsInUse, deleteExpiredUploads } from './repository/uploads.ts';
import { accountTopic, type AccountWriter, type Mailstore, type PreparedMessage } from './types.ts';
import { UidPromises } from './uid-promises.ts';
import { flushUnits, knownUnit, unitIn, type Unit } from './unit.ts';
import { setHasDocumentIn, setVerdictIn } from './verdict.ts';
import { createWriter } from './writer.ts';

type AccountChange = Parameters<Mailstore['setAccount']>[2];

export function createMailstore(given: MailstoreParts): Mailstore {
  const { db, blobs, clock } = given;
  const { suspects } = given;
  const [indexer, digester] = [createIndexer(given), createDigester(given.log, { ...(suspects && { suspects }) })];
  const parts = { ...given, indexer, digester };
  const store = { db, q: db.read };
  const promises = new UidPromises();
  const unit = (tx: Tx, accountId: AccountId): Promise<Unit> => unitIn(tx, { db, q: tx.q, accountId }, promises);
  const writerIn = async (tx: Tx, accountId: AccountId): Promise<AccountWriter> =>
    createWriter(parts, await unit(tx, accountId));
  const prepare = async (bytes: Uint8Array): Promise<PreparedMessage> => {
    const { derived, packing } = await digester.digest(bytes);
    return { blob: await blobs.stagePacked(bytes, packing), derived, verdict: null };
  };
  return {
    async createAccount(tx, account) {
      const id = await insertAccount({ db, q: tx.q }, { ...account, createdAt: clock.now() });
      await createRoleMailboxes(parts, await unit(tx, id));
      return id;
    },
    setAccount: (tx, id, change) => setAccount(db, tx, id, change),
    prepare,
    takeApart: async (bytes) => (await digester.digest(bytes)).derived,
    read: (accountId) => createReader(parts, { ...store, accountId }, true),
    write: (accountId, work) => db.write(async (tx) => work(await writerIn(tx, accountId))),
    writerIn,
    promised: createPromised(parts, promises, prepare),
    deliver: async (tx, accountId, ...delivery) => deliver(parts, await unit(tx, accountId), ...delivery),
    flush: flushUnits,
    setVerdict: (tx, hash, verdict, at) => setVerdictIn(parts, tx, hash, verdict, at),
    setHasDocument: (tx, hash) => setHasDocumentIn(parts, tx, hash),
    holders: (hash) => holderRows(store, hash),
    derived: (hash) => derivedRow(store, hash),
    verdicts: (hashes) => verdictRows(store, hashes),
    subscribe(accountId, listener) {
      // After a lost connection to PostgreSQL words may have been missed.
      const ends = [accountTopic(accountId), 'reconnected'].map((topic) => db.bus.subscribe(topic, listener));
      return () => ends.forEach((end) => end());
    },
    indexing: { start: indexer.start, stop: indexer.stop, settle: indexer.settle },
    stop: () => Promise.all([indexer.stop(), digester.end()]),
    check: (options) => check(parts, options ?? {}),
    repair: () => repair(parts),
    async cameBack({ q }, { sameMoment }) {
      if (!sameMoment) await renewAccounts({ db, q }, clock.now());
      await indexAnew({ db, q });
    },
    pruneChanges: (tx, accountId, upTo) => pruneChanges(parts, tx, accountId, upTo),
    pruneLongLogs: (keep) => pruneLongLogs(parts, keep),
    sweep: (before) =>
      db.write(async ({ q }) => {
        await deleteExpiredUploads({ db, q }, clock.now());
        return sweepMessages({ db, q }, before);
      }),
    referenced: (hashes) => blobsInUse(store, hashes, clock.now()),
  };
}

async function setAccount(db: Database, tx: Tx, id: AccountId, change: AccountChange): Promise<void> {
  if (Object.keys(change).length === 0) return;
  if (!(await updateAccount({ db, q: tx.q, accountId: id }, change))) throw accountNotFound(id);
  const known = knownUnit(tx, id);
  if (known && change.quotaBytes !== undefined) known.quotaBytes = change.quotaBytes;
}
