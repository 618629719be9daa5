/**
 * What was acknowledged, and what may or may not have happened when the server died. Every look at the server is held against it;
 * a sentence for each thing that must not be.
 */

/** Mail that came in or was handed in: known by its Message-ID, the same for all of its recipients here. */
export interface Letter {
  id: string;
  /** How often a sender tried; each try may have been stored with its acknowledgement lost. */
  tries: number;
  acknowledged: boolean;
  remote: boolean;
  /** SHA-256 of its body, when it is also sent to the peer. */
  body?: string;
}

export type Place = 'Kho' | 'Xong' | 'none';

/** One message that a client puts, moves and removes over IMAP. */
export interface Item {
  id: string;
  place: Place;
  uid: number;
  flagged: boolean;
  /** Asked for when the connection died. */
  maybe?: { place: Place; flagged: boolean };
}

export interface Seen {
  uidValidity: number;
  uidNext: number;
  highestModseq: number;
  messages: { uid: number; id: string; flagged: boolean }[];
}

export class Ledger {
  readonly letters = new Map<string, Letter>();
  /** Tried in vain by the sending server: it comes again. */
  readonly owed: Letter[] = [];
  readonly items = new Map<string, Map<string, Item>>();
  readonly faults: string[] = [];
  /** Every UID ever seen or told, by account and mailbox: never another message's. */
  private readonly uids = new Map<string, Map<number, string>>();
  private readonly marks = new Map<string, { uidValidity: number; uidNext: number; highestModseq: number }>();

  itemsOf(account: string): Map<string, Item> {
    const known = this.items.get(account) ?? new Map<string, Item>();
    this.items.set(account, known);
    return known;
  }

  fault(sentence: string): void {
    this.faults.push(sentence);
  }

  /** A UID that the server told or showed. */
  uid(account: string, mailbox: string, uid: number, id: string): void {
    const key = `${account} ${mailbox}`;
    const known = this.uids.get(key) ?? new Map<number, string>();
    this.uids.set(key, known);
    const before = known.get(uid);
    if (before !== undefined && before !== id) this.fault(`UID ${uid} in ${key} was ${before} and is now ${id}`);
    known.set(uid, id);
  }

  /** UIDVALIDITY stays, UIDNEXT and HIGHESTMODSEQ never go back. */
  marked(account: string, mailbox: string, now: Seen): void {
    const key = `${account} ${mailbox}`;
    const before = this.marks.get(key);
    if (before && before.uidValidity !== now.uidValidity) this.fault(`${key}: UIDVALIDITY changed`);
    if (before && before.uidNext > now.uidNext) this.fault(`${key}: UIDNEXT ${before.uidNext} -> ${now.uidNext}`);
    if (before && before.highestModseq > now.highestModseq)
      this.fault(`${key}: HIGHESTMODSEQ ${before.highestModseq} -> ${now.highestModseq}`);
    for (const uid of this.uids.get(key)?.keys() ?? [])
      if (uid >= now.uidNext) this.fault(`${key}: UID ${uid} was given, UIDNEXT is ${now.uidNext}`);
    this.marks.set(key, { uidValidity: now.uidValidity, uidNext: now.uidNext, highestModseq: now.highestModseq });
    for (const { uid, id } of now.messages) this.uid(account, mailbox, uid, id);
  }

  /** Holds the client's messages against what the server shows, and takes what it shows for the truth where both were possible. */
  settle(account: string, seen: Record<'Kho' | 'Xong', Seen>): void {
    const found = new Map<string, { place: Place; uid: number; flagged: boolean }[]>();
    for (const place of ['Kho', 'Xong'] as const) {
      this.marked(account, place, seen[place]);
      for (const { uid, id, flagged } of seen[place].messages)
        found.set(id, [...(found.get(id) ?? []), { place, uid, flagged }]);
    }
    const items = this.itemsOf(account);
    for (const id of found.keys()) if (!items.has(id)) this.fault(`${account}: nobody put ${id} there`);
    for (const item of items.values()) this.settleItem(account, item, found.get(item.id) ?? []);
  }

  private settleItem(account: string, item: Item, at: { place: Place; uid: number; flagged: boolean }[]): void {
    const [now = { place: 'none' as const, uid: 0, flagged: false }, ...more] = at;
    const what = `${account} ${item.id}`;
    if (more.length > 0) this.fault(`${what} is there ${at.length} times`);
    const allowed = [item, ...(item.maybe ? [item.maybe] : [])];
    if (!allowed.some(({ place }) => place === now.place))
      this.fault(`${what} is in ${now.place}, expected ${allowed.map(({ place }) => place).join(' or ')}`);
    if (now.place === item.place && now.place !== 'none' && item.uid !== now.uid && !item.maybe)
      this.fault(`${what} has UID ${now.uid}, was told ${item.uid}`);
    if (now.place !== 'none' && !allowed.some(({ flagged }) => flagged === now.flagged))
      this.fault(`${what}: flagged is ${now.flagged}`);
    item.place = now.place;
    item.uid = now.uid;
    item.flagged = now.flagged;
    delete item.maybe;
  }

  /** Each letter, as often as it was stored, in every recipient's mailbox. @returns how many lie there more than once. */
  settleLetters(inboxes: Map<string, Map<string, number>>): number {
    let doubles = 0;
    for (const letter of this.letters.values()) {
      const counts = [...inboxes].map(([, held]) => held.get(letter.id) ?? 0);
      const [count = 0] = counts;
      if (counts.some((one) => one !== count)) this.fault(`${letter.id} is there ${counts.join(', ')} times`);
      if (letter.acknowledged && count === 0) this.fault(`${letter.id} was acknowledged and is lost`);
      if (count > letter.tries) this.fault(`${letter.id} is there ${count} times after ${letter.tries} tries`);
      if (count > 1) doubles++;
    }
    for (const [address, held] of inboxes)
      for (const id of held.keys()) if (!this.letters.has(id)) this.fault(`${address}: nobody sent ${id}`);
    return doubles;
  }
}
