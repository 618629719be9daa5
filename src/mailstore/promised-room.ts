/**
 * The room of accounts that is promised, and not yet counted in their rows: messages whose UID was told (uid-promises.ts).
 *
 * Invariants:
 * - who stores something counts with all that is promised to the account, in whichever mailbox; where only that leaves no room he
 *   runs again when it is stored, since it may be counted already, or come to nothing: nobody is refused for it;
 * - from the moment that one waits so, no further promise is made for the account.
 */
import type { AccountId } from '../base/ids.ts';
import { deferred, type Deferred } from './deferred.ts';

interface Room {
  promises: number;
  /** Octets of the promises. */
  underWay: number;
  /** Octets that may be promised besides without a look at the account's row. */
  left: number;
  contested: boolean;
  readonly over: Deferred;
}

export class PromisedRoom {
  private readonly accounts = new Map<AccountId, Room>();

  /** For one more promise without a look at the row. False: somebody has to look. */
  fits(accountId: AccountId, bytes: number): boolean {
    const room = this.accounts.get(accountId);
    return room !== undefined && !room.contested && bytes <= room.left;
  }

  /**
   * Within a unit that has locked the account: room for something that is stored at once.
   * @param free octets that the row says, at least `bytes`
   * @returns when to begin again, since it depends on what is promised; undefined: there is room
   */
  ask(accountId: AccountId, bytes: number, free: number): Promise<void> | undefined {
    const room = this.accounts.get(accountId);
    if (!room) return undefined;
    if (bytes <= free - room.underWay) {
      room.left -= bytes;
      return undefined;
    }
    room.contested = true;
    return room.over.promise;
  }

  /** As `ask`, before a promise: whoever waits already comes first. */
  askToPromise(accountId: AccountId, bytes: number, free: number): Promise<void> | undefined {
    const room = this.accounts.get(accountId);
    return room?.contested ? room.over.promise : this.ask(accountId, bytes, free);
  }

  /**
   * One more is promised; every one of them ends with `leave`.
   * @param free octets that the row says, just read; undefined: it was not looked at
   */
  enter(accountId: AccountId, bytes: number, free: number | undefined): void {
    const room = this.accounts.get(accountId) ?? newRoom();
    this.accounts.set(accountId, room);
    room.left = (free === undefined ? room.left : free - room.underWay) - bytes;
    room.underWay += bytes;
    room.promises++;
  }

  leave(accountId: AccountId, bytes: number): void {
    const room = this.accounts.get(accountId);
    if (!room) return;
    room.underWay -= bytes;
    if (--room.promises > 0) return;
    this.accounts.delete(accountId);
    room.over.resolve();
  }

  /** Nothing is stored any more. */
  end(error: Error): void {
    for (const { over } of this.accounts.values()) over.reject(error);
  }
}

const newRoom = (): Room => ({ promises: 0, underWay: 0, left: 0, contested: false, over: deferred() });
