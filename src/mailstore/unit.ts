/**
 * One account within one unit of work.
 *
 * Invariants:
 * - the account's row is locked before anything of it is read for a change;
 * - the first change takes modseq + 1; every object and every log row that the unit touches carries that one number;
 * - the log holds at most one row per object: created then updated is created, created then destroyed is nothing;
 * - every operation validates before its first write and ends with `flush`, so that what was logged and counted is in the
 *   tables when the operation returns; a refused operation leaves nothing behind. Deliveries alone leave it to the end of their
 *   transaction (`flushUnits`): of the many that come for one account at once, only the last then pays for it.
 */
import type { EmailId, MailboxId, Millis, ModSeq, SubmissionId, ThreadId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { ChangeAction, ChangeType } from '../db/tables/mail.ts';
import { createChangeLog } from './change-log.ts';
import { accountNotFound } from './errors.ts';
import { lockAccount, saveAccount, type AccountState, type ToGive } from './repository/accounts.ts';
import { moveMailbox, nextUid, placeOfRole, type MailboxDelta } from './repository/mailboxes.ts';
import type { Scope } from './repository/scope.ts';
import type { UidPromises } from './uid-promises.ts';
import { validityByClock } from './uid-validity.ts';
import { accountTopic, type MailboxRole } from './types.ts';

type Counted = Omit<MailboxDelta, 'uids'>;

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
  takeUidValidity(now: Millis): number;
  /** Nothing below these is given from now on. @returns whether it would have been */
  giveNoneBelow(least: ToGive): boolean;
  store(emails: number, bytes: number): void;
  log(type: ChangeType, objectId: number, action: ChangeAction): void;
  /** Moves the counters of a mailbox and its highest mod-sequence. */
  count(mailboxId: MailboxId, delta: Counted): void;
  /** The same, taking UIDs. @returns the first; undefined when there is no such mailbox. */
  takeUids(mailboxId: MailboxId, uids: number, delta: Counted): Promise<number | undefined>;
  /** The same for one that was promised. @returns it, or the next one if somebody else has it. */
  takePromised(mailboxId: MailboxId, uid: number, delta: Counted): Promise<number | undefined>;
  /** What is promised to this account may have taken the room for so much. @param free octets as the account's row says */
  askForRoom(bytes: number, free: number): void;
  /** What is promised in this mailbox comes before this unit. */
  passBy(mailboxId: MailboxId): void;
  mailboxOfRole(role: MailboxRole): Promise<MailboxId | undefined>;
  /** The mailbox is gone: nothing of it needs counting. */
  forget(mailboxId: MailboxId): void;
  flush(): Promise<void>;
}

const unitsOf = new WeakMap<Tx, Map<number, AccountUnit>>();

/** The account's unit of this transaction; the first call locks the account. */
export async function unitIn(tx: Tx, scope: Scope, promises?: UidPromises): Promise<Unit> {
  const units = unitsOf.get(tx) ?? new Map<number, AccountUnit>();
  unitsOf.set(tx, units);
  const known = units.get(scope.accountId);
  if (known) {
    // Whoever came first had no UIDs to take: a verdict that another account's delivery brings, for one.
    known.promises ??= promises;
    return known;
  }
  const row = await lockAccount(scope);
  if (!row) throw accountNotFound(scope.accountId);
  const unit = new AccountUnit(tx, scope, row, promises);
  units.set(scope.accountId, unit);
  return unit;
}

/** The unit that a transaction has for an account, if it has one: to tell it of a change beside it. */
export const knownUnit = (tx: Tx, accountId: number): Unit | undefined => unitsOf.get(tx)?.get(accountId);

/** What deliveries left to the end of the transaction. In the order of accounts, as they were locked. */
export async function flushUnits(tx: Tx): Promise<void> {
  const units = [...(unitsOf.get(tx)?.values() ?? [])];
  for (const unit of units.sort((a, b) => a.scope.accountId - b.scope.accountId)) await unit.flush();
}

class AccountUnit implements Unit {
  readonly scope: Scope;
  readonly tx: Tx;
  readonly account: AccountState;
  quotaBytes: number;
  private readonly changes = createChangeLog();
  private readonly counters = new Map<MailboxId, MailboxDelta>();
  /** As far as they were asked for: the account is locked, nobody else takes any. */
  private readonly uidNext = new Map<MailboxId, number>();
  /** Where deliveries went. */
  private readonly roles = new Map<MailboxRole, MailboxId>();
  private readonly before: ModSeq;
  promises: UidPromises | undefined;
  private dirty = false;

  constructor(
    tx: Tx,
    scope: Scope,
    { quotaBytes, ...account }: AccountState & { quotaBytes: number },
    promises: UidPromises | undefined,
  ) {
    this.tx = tx;
    this.scope = scope;
    this.promises = promises;
    this.account = account;
    this.quotaBytes = quotaBytes;
    this.before = account.modseq;
  }

  modseq(): ModSeq {
    const { account, before } = this;
    this.dirty = true;
    if (account.modseq === before) {
      account.modseq = (before + 1) as ModSeq;
      this.tx.announce(accountTopic(this.scope.accountId));
    }
    return account.modseq;
  }

  takeMailboxId(): MailboxId {
    this.modseq();
    return this.account.nextMailboxId++ as MailboxId;
  }
  takeEmailId(): EmailId {
    this.modseq();
    return this.account.nextEmailId++ as EmailId;
  }
  takeThreadId(): ThreadId {
    this.modseq();
    return this.account.nextThreadId++ as ThreadId;
  }
  takeSubmissionId(): SubmissionId {
    this.modseq();
    return this.account.nextSubmissionId++ as SubmissionId;
  }
  takeUidValidity(now: Millis): number {
    this.modseq();
    this.account.lastUidValidity = Math.max(validityByClock(now), this.account.lastUidValidity + 1);
    return this.account.lastUidValidity;
  }

  giveNoneBelow(least: ToGive): boolean {
    const low = (Object.keys(least) as (keyof ToGive)[]).filter((one) => this.account[one] < least[one]);
    for (const one of low) this.account[one] = least[one];
    this.dirty ||= low.length > 0;
    return low.length > 0;
  }
  store(emails: number, bytes: number): void {
    this.modseq();
    this.account.emailCount += emails;
    this.account.usedBytes += bytes;
  }
  log(type: ChangeType, objectId: number, action: ChangeAction): void {
    this.modseq();
    this.changes.add(type, objectId, action);
  }
  count(mailboxId: MailboxId, { total, unread, bytes }: Counted, uids = 0): void {
    this.modseq();
    const sum = this.counters.get(mailboxId);
    if (!sum) {
      this.counters.set(mailboxId, { total, unread, bytes, uids });
      return;
    }
    sum.total += total;
    sum.unread += unread;
    sum.bytes += bytes;
    sum.uids += uids;
  }

  async takeUids(mailboxId: MailboxId, uids: number, delta: Counted): Promise<number | undefined> {
    this.passBy(mailboxId);
    const next = this.uidNext.get(mailboxId) ?? (await nextUid(this.scope, mailboxId));
    if (next === undefined) return undefined;
    const first = this.promises?.free({ accountId: this.scope.accountId, mailboxId }, next) ?? next;
    this.uidNext.set(mailboxId, first + uids);
    this.count(mailboxId, delta, first + uids - next);
    return first;
  }
  async takePromised(mailboxId: MailboxId, promised: number, delta: Counted): Promise<number | undefined> {
    const next = this.uidNext.get(mailboxId) ?? (await nextUid(this.scope, mailboxId));
    if (next === undefined) return undefined;
    // One before it may have come to nothing, and leaves a gap.
    const uid = Math.max(promised, next);
    this.uidNext.set(mailboxId, uid + 1);
    this.count(mailboxId, delta, uid + 1 - next);
    return uid;
  }
  askForRoom(bytes: number, free: number): void {
    this.promises?.askForRoom(this.scope.accountId, bytes, free);
  }
  passBy(mailboxId: MailboxId): void {
    this.promises?.passBy({ accountId: this.scope.accountId, mailboxId });
  }
  async mailboxOfRole(role: MailboxRole): Promise<MailboxId | undefined> {
    const known = this.roles.get(role);
    if (known !== undefined) return known;
    const place = await placeOfRole(this.scope, role);
    if (!place) return undefined;
    if (!this.uidNext.has(place.id)) this.uidNext.set(place.id, place.uidNext);
    this.roles.set(role, place.id);
    return place.id;
  }
  forget(mailboxId: MailboxId): void {
    this.counters.delete(mailboxId);
    this.uidNext.delete(mailboxId);
    this.roles.clear();
  }

  async flush(): Promise<void> {
    if (!this.dirty) return;
    const { scope, account } = this;
    for (const [mailboxId, delta] of this.counters) await moveMailbox(scope, mailboxId, delta, account.modseq);
    this.counters.clear();
    await this.changes.write(scope, account.modseq);
    await saveAccount(scope, account);
    this.dirty = false;
  }
}
