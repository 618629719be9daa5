/**
 * The selected mailbox as this client knows it: message number n is `uids[n-1]`.
 *
 * Invariants: `uids` ascends and changes only together with the EXISTS, EXPUNGE or VANISHED that tells it; a message number
 * is never reused inside a command that may not hear of expunges (RFC 9051 §7.5.1). Changes are read from the log after
 * `expungeKnown` and `changeKnown`; reading twice is harmless, so both are moved only to a mark taken before the reading.
 */
import type { ModSeq } from '../base/ids.ts';
import type { Mailbox, Placed } from '../mailstore/types.ts';
import { printFlags } from './flags.ts';
import type { ImapStore, MailboxRef } from './store.ts';
import { printNumbers, resolveRanges, type SequenceSet } from './wire/sequence-set.ts';

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
  uids: number[] = [];
  /** RFC 9051 §6.4.4.1: "$". */
  saved: number[] = [];
  /** The store said that something changed. */
  stale = false;
  private lastUid = 0;
  private expungeKnown: ModSeq;
  private changeKnown: ModSeq;
  /** Own changes that were answered already. */
  private readonly announced = new Map<number, ModSeq>();
  private readonly unsubscribe: () => void;

  constructor(at: {
    ref: MailboxRef;
    name: string;
    readOnly: boolean;
    mailbox: Mailbox;
    store: ImapStore;
    onChange: () => void;
  }) {
    this.ref = at.ref;
    this.name = at.name;
    this.readOnly = at.readOnly;
    this.uidValidity = at.mailbox.uidValidity;
    this.expungeKnown = this.changeKnown = at.mailbox.highestModseq;
    this.unsubscribe = at.store.onChange(at.ref.accountId, () => {
      this.stale = true;
      at.onChange();
    });
  }

  close(): void {
    this.unsubscribe();
  }

  get highestModseq(): ModSeq {
    return this.changeKnown;
  }

  /** The first picture, read after `mailbox` was: later changes come as changes. */
  fill(rows: readonly Placed[]): void {
    this.uids = rows.map((r) => r.uid);
    this.lastUid = this.uids[this.uids.length - 1] ?? 0;
    this.stale = true;
  }

  seqOf(uid: number): number | undefined {
    let low = 0;
    let high = this.uids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.uids[middle] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    return this.uids[low] === uid ? low + 1 : undefined;
  }

  /** The UIDs that a set names here, ascending. Undefined: a message number that is not there (RFC 9051 §6.4.5: BAD). */
  resolve(set: SequenceSet, byUid: boolean): number[] | undefined {
    if (set.saved) return this.saved.filter((uid) => this.seqOf(uid) !== undefined);
    const out: number[] = [];
    const last = byUid ? (this.uids[this.uids.length - 1] ?? 0) : this.uids.length;
    for (const [low, high] of resolveRanges(set, last)) {
      if (!byUid && (low < 1 || high > last)) return undefined;
      for (let i = byUid ? this.firstAtLeast(low) : low - 1; i < this.uids.length; i++) {
        const uid = this.uids[i] ?? 0;
        if (byUid ? uid > high : i >= high) break;
        out.push(uid);
      }
    }
    return out;
  }

  private firstAtLeast(uid: number): number {
    let low = 0;
    let high = this.uids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.uids[middle] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** An own change whose answer carries the new flags. */
  announce(rows: readonly Placed[]): void {
    for (const { uid, modseq } of rows) this.announced.set(uid, modseq);
    this.stale = true;
  }

  /** What others did since, as untagged lines. Undefined: the mailbox is gone. */
  async news(store: ImapStore, how: Telling): Promise<string[] | undefined> {
    if (!this.stale) return [];
    this.stale = false;
    try {
      return await this.readNews(store, how);
    } catch (error) {
      this.stale = true;
      throw error;
    }
  }

  private async readNews(store: ImapStore, how: Telling): Promise<string[] | undefined> {
    const mailbox = await store.mailbox(this.ref);
    if (!mailbox || mailbox.uidValidity !== this.uidValidity) return undefined;
    const mark = mailbox.highestModseq;
    // All is read before anything is told: a failure must not leave the client with other numbers than ours.
    const gone = how.expunge && mark > this.expungeKnown ? await this.gone(store) : undefined;
    const rows = mark > this.changeKnown ? await store.placed(this.ref, { changedSince: this.changeKnown }) : [];
    if (!how.expunge && mark > this.expungeKnown) this.stale = true;
    if (gone) this.expungeKnown = mark;
    this.changeKnown = mark;
    return [...(gone ? this.drop(gone, how.vanished) : []), ...this.take(rows, how.modseq)];
  }

  private async gone(store: ImapStore): Promise<Set<number>> {
    const logged = await store.expungedSince(this.ref, this.expungeKnown);
    if (logged) return new Set(logged);
    // The log was cut meanwhile: what is not there any more has gone.
    const there = new Set((await store.placed(this.ref)).map((r) => r.uid));
    return new Set(this.uids.filter((uid) => !there.has(uid)));
  }

  private drop(gone: ReadonlySet<number>, vanished: boolean): string[] {
    const lost = this.uids.filter((uid) => gone.has(uid));
    if (lost.length === 0) return [];
    // From the end: then each number is the one that the client still uses.
    const numbers = lost.map((uid) => this.seqOf(uid) ?? 0).reverse();
    this.uids = this.uids.filter((uid) => !gone.has(uid));
    this.saved = this.saved.filter((uid) => !gone.has(uid));
    return vanished ? [`* VANISHED ${printNumbers(lost)}`] : numbers.map((n) => `* ${n} EXPUNGE`);
  }

  private take(rows: readonly Placed[], modseq: boolean): string[] {
    const lines: string[] = [];
    const arrived = new Set(rows.filter((r) => r.uid > this.lastUid));
    for (const row of arrived) this.uids.push(row.uid);
    if (arrived.size > 0) {
      this.lastUid = this.uids[this.uids.length - 1] ?? 0;
      lines.push(`* ${this.uids.length} EXISTS`);
    }
    // The client fetches what it wants of the new ones; of the others it is told.
    return [...lines, ...this.changedLines(rows, arrived, modseq)];
  }

  private changedLines(rows: readonly Placed[], skip: ReadonlySet<Placed>, modseq: boolean): string[] {
    const lines: string[] = [];
    for (const row of rows) {
      const told = this.announced.get(row.uid);
      if (told !== undefined && told <= row.modseq) this.announced.delete(row.uid);
      const seq = this.seqOf(row.uid);
      if (seq === undefined || skip.has(row) || told === row.modseq) continue;
      lines.push(`* ${seq} FETCH ${flagData(row, modseq)}`);
    }
    return lines;
  }
}

/** The UID is always there: it costs little and spares a reader of the log from counting. */
export const flagData = (row: Placed, modseq: boolean): string =>
  `(UID ${row.uid} FLAGS ${printFlags(row)}${modseq ? ` MODSEQ (${row.modseq})` : ''})`;
