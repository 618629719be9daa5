/** What an earlier process left: taken and perhaps not delivered, or kept aside. */
import { sha256 } from '../../base/bytes.ts';
import type { Log } from '../../base/log.ts';
import type { Promised } from '../../mailstore/promised.ts';
import type { Aside } from './aside.ts';
import type { Release } from './journals.ts';
import type { Entry, Line } from './line.ts';
import { mailOf, noteOf } from './note.ts';
import { beginStart, type StartGuard } from './start-guard.ts';
import { isFiled, type FiledMail, type Taken } from './types.ts';

export interface Left {
  note: unknown;
  bytes: Uint8Array;
  /** Of those aside: their file. */
  name?: string;
  forget?: () => Promise<void>;
  amend?: (more: object) => Promise<void>;
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
  /** Absent: clients file nothing here. */
  promised?: Pick<Promised, 'renew' | 'anew' | 'givenUp'> | undefined;
}

/** All enter before the first one leaves: what is promised is known before anything is stored. */
export async function takeUp(given: TakingUp, found: readonly Left[]): Promise<void> {
  const { entries, givenUp } = enterAll(given, await readable(given, found));
  given.entered();
  if (found.length === 0) return;
  const { folder, line, log } = given;
  const guard = beginStart(folder);
  if (guard.oneByOne) log.warn({ suspect: guard.suspect }, 'incoming: the start before did not end: now one by one');
  await deliverAll(given, guard, entries);
  for (const one of givenUp) {
    // Its UID would come behind what cannot be stored now, and nobody be served meanwhile. The next start has it.
    if (line.isStruggling) break;
    await deliverAll(given, guard, await promiseAnew(given, one));
  }
  guard.done();
}

async function deliverAll(
  { folder, log, line, aside, isKnown }: TakingUp,
  guard: StartGuard,
  entries: readonly Entry[],
) {
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
}

interface Read {
  mail: Taken;
  from: Left;
}

async function readable({ log, aside }: TakingUp, found: readonly Left[]): Promise<Read[]> {
  const all: Read[] = [];
  for (const from of found) {
    const { note, bytes, forget, release } = from;
    try {
      all.push({ mail: mailOf(note, bytes), from });
    } catch (error) {
      log.error({ err: error }, 'incoming: written by another version, kept aside');
      if (!forget) await aside.keep(sha256(bytes), { note }, bytes, error);
      release?.();
    }
  }
  return all;
}

interface GivenUp {
  mail: FiledMail;
  from: Left;
}

/** What was aside has lost its UID, others were given since: it enters when it has another one. */
function enterAll({ line, promised }: TakingUp, all: readonly Read[]): { entries: Entry[]; givenUp: GivenUp[] } {
  const entries: Entry[] = [];
  const givenUp: GivenUp[] = [];
  for (const { mail, from } of all) {
    if (isFiled(mail) && from.forget) promised?.givenUp(mail.place);
    if (!isFiled(mail) || !promised) entries.push(enter(line, mail, from));
    else if (!from.forget) entries.push(enter(line, { ...mail, promise: promised.renew(mail.place) }, from));
    else if (!mail.again) givenUp.push({ mail, from });
    else entries.push(enter(line, { ...mail, promise: promised.renew({ ...mail.place, ...mail.again }) }, from));
  }
  // No one is stored before one of a lower UID: those would wait for what comes behind them.
  return { entries: entries.sort((one, other) => turnOf(one) - turnOf(other)), givenUp };
}

const turnOf = ({ mail }: Entry): number => (isFiled(mail) && mail.promise?.uid) || Number.MAX_SAFE_INTEGER;

function enter(line: Line, mail: Taken, { forget, release }: Left): Entry {
  return line.enter(mail, { forget, release, ...(isFiled(mail) && { accounts: [mail.place.accountId] }) });
}

/**
 * Its new UID is in the note before the message is in the store: a start that finds both there knows that it is done.
 * @returns nothing when that cannot be: it stays where it is until the next start
 */
async function promiseAnew({ line, log, promised }: TakingUp, { mail, from }: GivenUp): Promise<Entry[]> {
  try {
    const promise = await promised?.anew(mail.place, mail.bytes.byteLength);
    if (!promise) return [];
    const again = { uid: promise.uid, uidValidity: promise.uidValidity };
    await from.amend?.({ again }).catch((error: unknown) => {
      promise.done();
      throw error;
    });
    return [enter(line, { ...mail, again, promise }, from)];
  } catch (error) {
    log.error({ err: error, place: mail.place }, 'incoming: what was kept aside cannot be stored yet');
    return [];
  }
}
