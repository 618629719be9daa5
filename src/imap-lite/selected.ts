/**
 * The selected mailbox as this client knows it: message number n is `uids[n-1]`.
 *
 * Invariants: `uids` ascends and changes only together with the EXISTS, EXPUNGE or VANISHED that tells it; a message number
 * is never reused inside a command that may not hear of expunges (RFC 9051 §7.5.1). Changes are read from the log after
 * `expungeKnown` and `changeKnown`; reading twice is harmless, so both are moved only to a mark taken before the reading.
 * UIDs are given in the order of commits: what the store has of those that we know of is never more than we have.
 */
import type { ModSeq } from '../base/ids.ts';
import { turns } from '../base/turns.ts';
import type { Mailbox, PlacePick } from '../mailstore/types.ts';
import { type MarkedRow, markedRows } from './fetch/marked-rows.ts';
import { printFlags } from './flags.ts';
import { RecentHere, type Recents } from './recent.ts';
import type { Output } from './session.ts';
import type { FlagResult, ImapStore, MailboxRef } from './store.ts';
import { both, firstAtLeast, grown, indexOf, joined, last, NO_UIDS, without, type Uids } from './uids.ts';
import { printNumbers, resolveRanges, type SequenceSet } from './wire/sequence-set.ts';

/** Read at once when flags are told. */
const CHUNK = 4000;

export interface Telling {
  /** May EXPUNGE be said now? */
  expunge: boolean;
  vanished: boolean;
  modseq: boolean;
}

export class Selected {
  readonly ref: MailboxRef;
  readonly name: string;
  readonly readOnly: boolean;
  readonly uidValidity: number;
  uids: Uids = NO_UIDS;
  /** RFC 9051 §6.4.4.1: "$". */
  saved: Uids = NO_UIDS;
  /** The store said that something changed. */
  stale = false;
  private lastUid = 0;
  private readonly recents: Recents;
  private readonly mine = new RecentHere();
  /** RFC 9051 Appendix E: rev2 knows no \Recent. */
  private readonly rev2: boolean;
  private expungeKnown: ModSeq;
  private changeKnown: ModSeq;
  /** Own changes that were answered already. */
  private announced = new Map<number, ModSeq>();
  /** Of their units of work. */
  private readonly ownMarks = new Set<ModSeq>();
  private readonly unsubscribe: () => void;

  constructor(at: {
    ref: MailboxRef;
    name: string;
    readOnly: boolean;
    mailbox: Mailbox;
    store: ImapStore;
    rev2: boolean;
    onChange: () => void;
  }) {
    this.ref = at.ref;
    this.name = at.name;
    this.readOnly = at.readOnly;
    this.rev2 = at.rev2;
    this.recents = at.store.recents;
    this.uidValidity = at.mailbox.uidValidity;
    this.expungeKnown = this.changeKnown = at.mailbox.highestModseq;
    this.unsubscribe = at.store.onChange(at.ref.accountId, () => {
      this.stale = true;
      at.onChange();
    });
  }

  close(): void {
    this.unsubscribe();
    if (!this.readOnly) this.recents.keep(this.ref, { uidValidity: this.uidValidity, recentUid: 1 });
  }

  /** Up to here the client was told everything (RFC 7162 §3.1.2.1): an expunge that it hears of later is above. */
  get mark(): string {
    return `HIGHESTMODSEQ ${Math.max(1, this.expungeKnown)}`;
  }

  /** The first picture, of the time when `mailbox` was read or a little later: changes since come as changes. */
  fill(uids: Uids, mailbox: Mailbox): void {
    this.uids = uids;
    this.lastUid = last(uids);
    this.hearOf(mailbox);
    this.stale = true;
  }

  /** What nobody heard of before is recent here; for good, unless the mailbox is only looked at. */
  private hearOf(mailbox: Mailbox): void {
    const below = this.lastUid + 1;
    const { recents, ref } = this;
    this.mine.add(this.readOnly ? recents.first(ref, mailbox) : recents.claim(ref, mailbox, below), below);
  }

  isRecent(uid: number): boolean {
    return !this.rev2 && this.mine.has(uid);
  }
  get recentCount(): number {
    return this.mine.count(this.uids);
  }

  seqOf(uid: number): number | undefined {
    const at = indexOf(this.uids, uid);
    return at < 0 ? undefined : at + 1;
  }

  /** The UIDs that a set names here, ascending. Undefined: a message number that is not there (RFC 9051 §6.4.5: BAD). */
  resolve(set: SequenceSet, byUid: boolean): Uids | undefined {
    const { uids } = this;
    if (set.saved) return both(this.saved, uids);
    const runs: Uids[] = [];
    const highest = byUid ? last(uids) : uids.length;
    for (const [low, high] of resolveRanges(set, highest)) {
      if (!byUid && (low < 1 || high > highest)) return undefined;
      const [start, end] = byUid ? [firstAtLeast(uids, low), firstAtLeast(uids, high + 1)] : [low - 1, high];
      if (end > start) runs.push(uids.subarray(start, end));
    }
    return joined(runs);
  }

  /** The same UIDs for the store: as a range where they stand side by side here, which is quicker than a list. */
  pick(uids: Uids): PlacePick {
    const [low, high] = [uids[0] ?? 0, last(uids)];
    const dense = indexOf(this.uids, high) - indexOf(this.uids, low) === uids.length - 1;
    return dense ? { from: low, to: high } : { uids };
  }

  /**
   * An own change whose answer carries the new flags or, if it is silent, says nothing of them: then the client knows them only
   * where nobody else has changed them since it was told.
   */
  announce({ rows, before, mark }: FlagResult, silent = false): void {
    const { changeKnown, announced } = this;
    for (const [i, { uid, modseq }] of rows.entries()) {
      const was = before[i]?.modseq ?? modseq;
      const known = was <= changeKnown || announced.get(uid) === was;
      if (modseq > changeKnown && (known || !silent)) announced.set(uid, modseq);
    }
    // Not that of others, though it be told with these: they may have changed more by it.
    if (mark !== undefined) this.ownMarks.add(mark);
    this.stale = true;
  }

  /** The answer never went out: what was announced is told as what others did. */
  takeBack(): void {
    this.forgetOwn();
  }

  /** Tells what others did since, as untagged lines. False: the mailbox is gone. */
  async news(store: ImapStore, how: Telling, out: Output): Promise<boolean> {
    if (!this.stale) return true;
    this.stale = false;
    try {
      return await this.readNews(store, how, out);
    } catch (error) {
      this.stale = true;
      throw error;
    }
  }

  private async readNews(store: ImapStore, how: Telling, out: Output): Promise<boolean> {
    const mailbox = await store.mailbox(this.ref);
    if (mailbox?.uidValidity !== this.uidValidity) return false;
    const mark = mailbox.highestModseq;
    if (this.onlyOwn(mark)) {
      this.expungeKnown = this.changeKnown = mark;
      this.forgetOwn();
      return true;
    }
    // Both are read before anything is told: a failure must not leave the client with other numbers than ours.
    const gone = how.expunge && mark > this.expungeKnown ? await this.gone(store) : undefined;
    const changed = mark > this.changeKnown ? await store.uids(this.ref, { changedSince: this.changeKnown }) : NO_UIDS;
    if (gone) {
      this.expungeKnown = mark;
      this.drop(gone, how.vanished, out);
    } else if (mark > this.expungeKnown) {
      this.stale = true;
      // RFC 7162 §3.2: or the client, once cut off, would take the marks that it hears now as the end of what it has missed.
      if (how.vanished && (await this.gone(store)).length > 0)
        out.line(`* OK [${this.mark}] what has gone is told later`);
    }
    await this.tellFlags(store, this.take(changed, mailbox, out), how.modseq, { mark, out });
    this.changeKnown = mark;
    if (this.expungeKnown === mark) this.uids = store.remember(this.ref, mailbox, this.uids);
    return true;
  }

  /** Every unit of work since was ours: they changed flags, and those were told. Each has a mark one above the last. */
  private onlyOwn(mark: ModSeq): boolean {
    const { ownMarks, changeKnown, expungeKnown } = this;
    return (
      ownMarks.size > 0 && ownMarks.size === mark - changeKnown && ownMarks.has(mark) && expungeKnown === changeKnown
    );
  }

  private forgetOwn(): void {
    this.announced.clear();
    this.ownMarks.clear();
  }

  private async gone(store: ImapStore): Promise<Uids> {
    const logged = await store.expungedSince(this.ref, this.expungeKnown);
    if (logged) return both(Uint32Array.from(logged), this.uids);
    // The log was cut meanwhile: what is not there any more has gone.
    return without(this.uids, await store.uids(this.ref));
  }

  private drop(gone: Uids, vanished: boolean, out: Output): void {
    if (gone.length === 0) return;
    if (vanished) out.line(`* VANISHED ${printNumbers(gone)}`);
    // From the end: then each number is the one that the client still uses.
    else for (let i = gone.length - 1; i >= 0; i--) out.line(`* ${this.seqOf(gone[i] ?? 0)} EXPUNGE`);
    this.uids = without(this.uids, gone);
    this.saved = without(this.saved, gone);
  }

  /** @returns those that came before: the client fetches what it wants of the new ones. */
  private take(changed: Uids, mailbox: Mailbox, out: Output): Uids {
    const at = firstAtLeast(changed, this.lastUid + 1);
    if (at < changed.length) {
      this.uids = grown(this.uids, changed.subarray(at));
      this.lastUid = last(this.uids);
      out.line(`* ${this.uids.length} EXISTS`);
      this.hearOf(mailbox);
      // RFC 3501 §7.3.2.
      if (!this.rev2) out.line(`* ${this.recentCount} RECENT`);
    }
    return changed.subarray(0, at);
  }

  /** The UID is always there: it costs little and spares a reader of the log from counting. */
  flagData(row: MarkedRow, modseq: boolean): string {
    const flags = printFlags(row, this.isRecent(row.uid));
    return `(UID ${row.uid} FLAGS ${flags}${modseq ? ` MODSEQ (${row.modseq})` : ''})`;
  }

  private async tellFlags(
    store: ImapStore,
    uids: Uids,
    modseq: boolean,
    { mark, out }: { mark: ModSeq; out: Output },
  ): Promise<void> {
    const { announced } = this;
    // What we told with the newest mark of all cannot have changed since.
    const open = announced.size === 0 ? uids : uids.filter((uid) => announced.get(uid) !== mark);
    const turn = turns();
    for (let i = 0; i < open.length; i += CHUNK) {
      for (const row of await markedRows(store, this.ref, this.pick(open.subarray(i, i + CHUNK)))) {
        const seq = this.seqOf(row.uid);
        if (seq !== undefined && announced.get(row.uid) !== row.modseq)
          out.line(`* ${seq} FETCH ${this.flagData(row, modseq)}`);
      }
      if (out.shouldFlush) await out.flush();
      await turn();
    }
    this.forgetOwn();
  }
}
