/** What an earlier process left: taken and perhaps not delivered, or kept aside. */
import { sha256 } from '../../base/bytes.ts';
import type { Log } from '../../base/log.ts';
import type { UidPlace, UidPromise } from '../../mailstore/uid-promises.ts';
import type { Aside } from './aside.ts';
import type { Release } from './journals.ts';
import type { Entry, Line } from './line.ts';
import { mailOf, noteOf } from './note.ts';
import { beginStart } from './start-guard.ts';
import { isFiled, type Taken } from './types.ts';

export interface Left {
  note: unknown;
  bytes: Uint8Array;
  /** Of those aside: their file. */
  name?: string;
  forget?: () => Promise<void>;
  release?: Release;
}

/** The same message has the same name: the octets of mail from outside are its own, what is filed may come again as it is. */
export function asideNameOf(mail: Taken): string {
  const hash = sha256(mail.bytes);
  if (!isFiled(mail)) return hash;
  const { accountId, mailboxId, uid } = mail.place;
  return `${hash}-${accountId}-${mailboxId}-${uid}`;
}

/** What was kept aside stays in its journal until all that lies beside it there is dealt with. */
export function withoutDoubles(left: readonly Left[], aside: readonly Left[]): Left[] {
  const known = new Set(aside.map(({ name }) => name));
  const isKnown = ({ note, bytes }: Left): boolean => {
    try {
      return known.has(asideNameOf(mailOf(note, bytes)));
    } catch {
      return false;
    }
  };
  for (const { release } of left.filter(isKnown)) release?.();
  return [...left.filter((one) => !isKnown(one)), ...aside];
}

export interface TakingUp {
  folder: string;
  log: Log;
  line: Line;
  aside: Aside;
  isKnown(mail: Taken): Promise<boolean>;
  /** All that was promised is known. */
  entered(): void;
  renew?: (place: UidPlace) => UidPromise;
}

/** All enter before the first one leaves: what is promised is known before anything is stored. */
export async function takeUp(given: TakingUp, found: readonly Left[]): Promise<void> {
  const entries = found.length === 0 ? [] : await enterAll(given, found);
  given.entered();
  if (found.length > 0) await deliverAll(given, entries);
}

async function deliverAll({ folder, log, line, aside, isKnown }: TakingUp, entries: readonly Entry[]): Promise<void> {
  const guard = beginStart(folder);
  if (guard.oneByOne) log.warn({ suspect: guard.suspect }, 'incoming: the start before did not end: now one by one');
  for (const entry of entries) {
    const { mail } = entry;
    const hash = sha256(mail.bytes);
    if (await isKnown(mail)) {
      await entry.known.forget?.();
      line.leave(entry);
    } else if (hash === guard.suspect) {
      log.error({ hash, folder }, 'incoming: the server ended while it delivered this message: it is kept aside');
      await aside.keepForGood(asideNameOf(mail), noteOf(mail), mail.bytes);
      line.leave(entry);
    } else {
      if (guard.oneByOne) guard.trying(hash);
      line.run(entry);
      if (guard.oneByOne) await line.gone(entry);
    }
  }
  await line.drained();
  guard.done();
}

async function enterAll({ log, line, aside, renew }: TakingUp, found: readonly Left[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const { note, bytes, forget, release } of found) {
    try {
      const mail = mailOf(note, bytes);
      // What was aside has lost its UID: others were given since.
      const promise = isFiled(mail) && !forget ? renew?.(mail.place) : undefined;
      const accounts = isFiled(mail) ? [mail.place.accountId] : undefined;
      entries.push(line.enter({ ...mail, ...(promise && { promise }) }, { accounts, forget, release }));
    } catch (error) {
      log.error({ err: error }, 'incoming: written by another version, kept aside');
      if (!forget) await aside.keep(sha256(bytes), { note }, bytes, error);
      release?.();
    }
  }
  return entries;
}
