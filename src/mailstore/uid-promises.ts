/**
 * UIDs that were told before their messages are in the mailbox: what a client appends is durable in the journal
 * (src/delivery/incoming), and is stored a moment later, many together.
 *
 * Invariants:
 * - while a mailbox has promises open, any other unit that takes UIDs of it is undone and runs again when they are kept
 *   (RFC 9051 §2.3.1.1: no message may come in with a lower UID than one that was seen before);
 * - from the moment that one waits so, no further promise is made there, so that nobody waits for ever.
 *
 * One process gives promises. What another does to the same mailbox in that moment (the command line) is seen when the message is
 * stored: it then has the next UID that is free.
 */
import { DomainError } from '../base/errors.ts';
import type { AccountId, MailboxId } from '../base/ids.ts';
import { RunAgain } from '../db/again.ts';
import { deferred, type Deferred } from './deferred.ts';
import { PromisedRoom } from './promised-room.ts';

export interface MailboxPlace {
  readonly accountId: AccountId;
  readonly mailboxId: MailboxId;
}
export interface UidPlace extends MailboxPlace {
  readonly uid: number;
  readonly uidValidity: number;
}
export interface UidPromise extends UidPlace {
  /** The message is stored, or never will be under this UID. */
  done(): void;
}

interface Gate {
  readonly accountId: AccountId;
  next: number;
  readonly uidValidity: number;
  /** By UID, ascending. */
  readonly open: Map<number, Deferred>;
  contested: boolean;
  readonly closed: Deferred;
  hurry(): void;
}

export class UidPromises {
  private readonly gates = new Map<string, Gate>();
  /** The first of each mailbox, while the database is asked for it: those behind it keep their order. */
  private readonly beginning = new Map<string, Promise<unknown>>();
  private readonly room = new PromisedRoom();
  /** The last UID of a mailbox that was told for a message that did not come: it is never another one's. */
  private readonly givenUp = new Map<string, number>();
  private held: Deferred | undefined;

  /** Until the function that comes back is called nobody takes UIDs: somebody is about to say which are promised. */
  hold(): () => void {
    const held = (this.held = deferred());
    return () => {
      if (this.held === held) this.held = undefined;
      held.resolve();
    };
  }

  /** Nothing is stored any more; whoever waits hears it. */
  end(): void {
    const error = new DomainError('unavailable', 'mail.stopped', 'the server is stopping');
    this.held?.reject(error);
    this.room.end(error);
    for (const { closed, open } of this.gates.values()) for (const one of [closed, ...open.values()]) one.reject(error);
  }

  /** One more where some are open; a promise of nothing: when to ask again; undefined: none is open. */
  take(place: MailboxPlace, bytes: number): UidPromise | Promise<void> | undefined {
    const gate = this.gates.get(keyOf(place));
    if (!gate) return undefined;
    if (gate.contested || !this.room.fits(place.accountId, bytes)) return this.wait(gate);
    this.room.enter(place.accountId, bytes, undefined);
    return this.promise(gate, { ...place, uid: gate.next++, uidValidity: gate.uidValidity }, bytes);
  }

  /** Somebody asks for the first one: when that is over. */
  opening(place: MailboxPlace): Promise<unknown> | undefined {
    return this.beginning.get(keyOf(place));
  }

  /** @param first from `open`, in the end */
  begin(place: MailboxPlace, first: Promise<UidPromise>): Promise<UidPromise> {
    const over = first.catch(() => undefined).finally(() => this.beginning.delete(keyOf(place)));
    this.beginning.set(keyOf(place), over);
    return first;
  }

  /**
   * The first of a mailbox, within a unit that has locked its account.
   * @param place the next UID as the database has it @param free octets of the account, as its row says
   * @throws RunAgain when somebody else was first
   */
  open(place: UidPlace, { bytes, free }: { bytes: number; free: number }, hurry: () => void): UidPromise {
    this.passBy(place);
    const { accountId } = place;
    // What has to come in (`anew`) does not ask for room.
    if (bytes <= free) this.runAgain(accountId, this.room.askToPromise(accountId, bytes, free));
    this.room.enter(accountId, bytes, free);
    const gate = newGate(place, hurry);
    this.gates.set(keyOf(place), gate);
    return this.promise(gate, place, bytes);
  }

  /** One that an earlier process gave; no further ones are added to those. */
  renew(place: UidPlace): UidPromise {
    const gate = this.gates.get(keyOf(place)) ?? newGate(place, () => undefined);
    this.gates.set(keyOf(place), gate);
    gate.contested = true;
    this.room.enter(place.accountId, 0, undefined);
    return this.promise(gate, place, 0);
  }

  giveUp(place: UidPlace): void {
    this.givenUp.set(keyOf(place), Math.max(place.uid, this.givenUp.get(keyOf(place)) ?? 0));
  }

  /** @param uidNext as the database has it @returns the next UID that may be given */
  free(place: MailboxPlace, uidNext: number): number {
    return Math.max(uidNext, (this.givenUp.get(keyOf(place)) ?? 0) + 1);
  }

  /** For what is stored at once. @param free octets as the account's row says @throws RunAgain when it depends on what is promised */
  askForRoom(accountId: AccountId, bytes: number, free: number): void {
    this.runAgain(accountId, this.room.ask(accountId, bytes, free));
  }

  /** @throws RunAgain when promises come first */
  passBy(place: MailboxPlace): void {
    if (this.held) throw new RunAgain(this.held.promise);
    const gate = this.gates.get(keyOf(place));
    if (gate) throw new RunAgain(this.wait(gate));
  }

  /** @param uids that are about to be stored @throws RunAgain when a lower one is promised, and not yet stored */
  inOrder(place: MailboxPlace, uids: readonly number[]): void {
    const last = Math.max(...uids);
    for (const [uid, one] of this.gates.get(keyOf(place))?.open ?? [])
      if (uid < last && !uids.includes(uid)) throw new RunAgain(one.promise);
  }

  private runAgain(accountId: AccountId, after: Promise<void> | undefined): void {
    if (!after) return;
    for (const gate of this.gates.values()) if (gate.accountId === accountId) gate.hurry();
    throw new RunAgain(after);
  }

  private wait(gate: Gate): Promise<void> {
    gate.contested = true;
    gate.hurry();
    return gate.closed.promise;
  }

  private promise(gate: Gate, place: UidPlace, bytes: number): UidPromise {
    const one = deferred();
    let isOver = false;
    gate.open.set(place.uid, one);
    return {
      ...place,
      done: () => {
        one.resolve();
        if (!isOver) this.room.leave(place.accountId, bytes);
        isOver = true;
        // A journal that was not cleared may bring one UID twice: the later promise stands.
        if (gate.open.get(place.uid) !== one) return;
        gate.open.delete(place.uid);
        if (gate.open.size > 0) return;
        this.gates.delete(keyOf(place));
        gate.closed.resolve();
      },
    };
  }
}

const keyOf = ({ accountId, mailboxId }: MailboxPlace): string => `${accountId}/${mailboxId}`;

const newGate = ({ accountId, uid, uidValidity }: UidPlace, hurry: () => void): Gate => ({
  ...{ accountId, next: uid + 1, uidValidity, open: new Map<number, Deferred>() },
  ...{ contested: false, closed: deferred(), hurry },
});
