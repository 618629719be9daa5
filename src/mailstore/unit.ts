/**
 * One account within one unit of work.
 *
 * Invariants:
 * - the account's row is locked before anything of it is read for a change;
 * - the first change takes modseq + 1; every object and every log row that the unit touches carries that one number;
 * - the log holds at most one row per object: created then updated is created, created then destroyed is nothing;
 * - every operation validates before its first write and ends with `flush`, so that what was logged and counted is in the
 *   tables when the operation returns; a refused operation leaves nothing behind.
 */
import type { EmailId, MailboxId, ModSeq, SubmissionId, ThreadId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { ChangeAction, ChangeType } from '../db/tables/mail.ts';
import { createChangeLog } from './change-log.ts';
import { accountNotFound } from './errors.ts';
import { lockAccount, saveAccount, type AccountState } from './repository/accounts.ts';
import { bumpMailbox, type MailboxDelta } from './repository/mailboxes.ts';
import type { Scope } from './repository/scope.ts';
import { accountTopic } from './types.ts';

export interface Unit {
  readonly scope: Scope;
  readonly tx: Tx;
  readonly account: Readonly<AccountState>;
  quotaBytes: number;
  /** The unit's mod-sequence; taking it means that something changes. */
  modseq(): ModSeq;
  takeMailboxId(): MailboxId;
  takeEmailId(): EmailId;
  takeThreadId(): ThreadId;
  takeSubmissionId(): SubmissionId;
  /** A UIDVALIDITY that this account never had (RFC 9051 §2.3.1.1). */
  takeUidValidity(nowSeconds: number): number;
  store(emails: number, bytes: number): void;
  log(type: ChangeType, objectId: number, action: ChangeAction): void;
  /** Moves the counters of a mailbox and its highest mod-sequence. */
  count(mailboxId: MailboxId, delta: MailboxDelta): void;
  /** The same now, taking UIDs. @returns the first; undefined when there is no such mailbox. */
  takeUids(mailboxId: MailboxId, uids: number, delta: MailboxDelta): Promise<number | undefined>;
  /** The mailbox is gone: nothing of it needs counting. */
  forget(mailboxId: MailboxId): void;
  flush(): Promise<void>;
}

const unitsOf = new WeakMap<Tx, Map<number, Unit>>();

/** The account's unit of this transaction; the first call locks the account. */
export async function unitIn(tx: Tx, scope: Scope): Promise<Unit> {
  const units = unitsOf.get(tx) ?? new Map<number, Unit>();
  unitsOf.set(tx, units);
  const known = units.get(scope.accountId);
  if (known) return known;
  const row = await lockAccount(scope);
  if (!row) throw accountNotFound(scope.accountId);
  const { quotaBytes, ...state } = row;
  const unit = createUnit(tx, scope, state, quotaBytes);
  units.set(scope.accountId, unit);
  return unit;
}

/** The unit that a transaction has for an account, if it has one: to tell it of a change beside it. */
export const knownUnit = (tx: Tx, accountId: number): Unit | undefined => unitsOf.get(tx)?.get(accountId);

function createUnit(tx: Tx, scope: Scope, account: AccountState, quotaBytes: number): Unit {
  const log = createChangeLog();
  const counters = new Map<MailboxId, MailboxDelta>();
  const before = account.modseq;
  let dirty = false;
  const modseq = (): ModSeq => {
    dirty = true;
    if (account.modseq === before) {
      account.modseq = (before + 1) as ModSeq;
      tx.announce(accountTopic(scope.accountId));
    }
    return account.modseq;
  };
  const take = (name: 'nextMailboxId' | 'nextEmailId' | 'nextThreadId' | 'nextSubmissionId'): number => {
    modseq();
    return account[name]++;
  };
  return {
    scope,
    tx,
    account,
    quotaBytes,
    modseq,
    takeMailboxId: () => take('nextMailboxId') as MailboxId,
    takeEmailId: () => take('nextEmailId') as EmailId,
    takeThreadId: () => take('nextThreadId') as ThreadId,
    takeSubmissionId: () => take('nextSubmissionId') as SubmissionId,
    takeUidValidity(nowSeconds) {
      modseq();
      account.lastUidValidity = Math.max(nowSeconds, account.lastUidValidity + 1);
      return account.lastUidValidity;
    },
    store(emails, bytes) {
      modseq();
      account.emailCount += emails;
      account.usedBytes += bytes;
    },
    log(type, objectId, action) {
      modseq();
      log.add(type, objectId, action);
    },
    count(mailboxId, { total, unread, bytes }) {
      modseq();
      const sum = counters.get(mailboxId) ?? { total: 0, unread: 0, bytes: 0 };
      counters.set(mailboxId, { total: sum.total + total, unread: sum.unread + unread, bytes: sum.bytes + bytes });
    },
    takeUids: (mailboxId, uids, delta) => bumpMailbox(scope, mailboxId, delta, modseq(), uids),
    forget: (mailboxId) => void counters.delete(mailboxId),
    async flush() {
      if (!dirty) return;
      for (const [mailboxId, delta] of counters) await bumpMailbox(scope, mailboxId, delta, account.modseq);
      counters.clear();
      await log.write(scope, account.modseq);
      await saveAccount(scope, account);
      dirty = false;
    },
  };
}
