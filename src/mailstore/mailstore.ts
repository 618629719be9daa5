/**
 * The one way to read and change mail, on SQLite and PostgreSQL alike.
 * Accounts are locked in ascending order by every unit that changes several.
 */
import type { AccountId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import { append } from './append.ts';
import { check } from './check.ts';
import { accountNotFound } from './errors.ts';
import { createIndexer } from './indexer.ts';
import { createRoleMailboxes } from './mailboxes.ts';
import type { MailstoreParts } from './parts.ts';
import { createDigester } from './preparing/digester.ts';
import { pruneChanges, pruneLongLogs } from './prune.ts';
import { createReader } from './reader.ts';
import { repair } from './repair.ts';
import { insertAccount, updateAccount } from './repository/accounts.ts';
import { indexAnew } from './repository/pending.ts';
import { renewAccounts } from './repository/renew.ts';
import { derivedRow, holderRows, sweepMessages, verdictRows } from './repository/messages.ts';
import { blobsInUse, deleteExpiredUploads } from './repository/uploads.ts';
import { accountTopic, type AccountWriter, type Mailstore, type PreparedMessage } from './types.ts';
import { knownUnit, unitIn } from './unit.ts';
import { setHasDocumentIn, setVerdictIn } from './verdict.ts';
import { createWriter } from './writer.ts';

export function createMailstore(given: MailstoreParts): Mailstore {
  const { db, blobs, clock } = given;
  const [indexer, digester] = [createIndexer(given), createDigester(given.log)];
  const parts = { ...given, indexer, digester };
  const store = { db, q: db.read };
  const writerIn = async (tx: Tx, accountId: AccountId): Promise<AccountWriter> =>
    createWriter(parts, await unitIn(tx, { db, q: tx.q, accountId }));
  return {
    async createAccount(tx, account) {
      const id = await insertAccount({ db, q: tx.q }, { ...account, createdAt: clock.now() });
      await createRoleMailboxes(parts, await unitIn(tx, { db, q: tx.q, accountId: id }));
      return id;
    },
    async setAccount(tx, id, change) {
      if (Object.keys(change).length === 0) return;
      if (!(await updateAccount({ db, q: tx.q, accountId: id }, change))) throw accountNotFound(id);
      const unit = knownUnit(tx, id);
      if (unit && change.quotaBytes !== undefined) unit.quotaBytes = change.quotaBytes;
    },
    async prepare(bytes): Promise<PreparedMessage> {
      const { derived, packing } = await digester.digest(bytes);
      const blob = await blobs.stagePacked(bytes, packing);
      return { blob, derived, verdict: null };
    },
    read: (accountId) => createReader(parts, { ...store, accountId }, true),
    write: (accountId, unit) => db.write(async (tx) => unit(await writerIn(tx, accountId))),
    writerIn,
    async deliver(tx, accountId, message, role) {
      const unit = await unitIn(tx, { db, q: tx.q, accountId });
      const mailboxId = (await unit.mailboxOfRole(role)) ?? (await unit.mailboxOfRole('inbox'));
      if (mailboxId === undefined) throw new Error(`account ${accountId} has no inbox`);
      return append(parts, unit, message, { mailboxIds: [mailboxId], ignoreQuota: true });
    },
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
