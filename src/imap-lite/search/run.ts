/**
 * Runs a search over the selected mailbox. Each key becomes the UIDs that have it: by the message numbers, by the text index, or by
 * one condition of the store, asked in slices so that others are served meanwhile. NOT, OR and several keys take these together.
 */
import type { PlacePick, TextKey } from '../../mailstore/types.ts';
import { turns, type Turn } from '../../base/turns.ts';
import { no } from '../errors.ts';
import { progressOf } from '../progress.ts';
import type { Session } from '../session.ts';
import { columnsOf, NEVER } from '../sort/keys.ts';
import { ranksOf } from '../sort/order.ts';
import type { Tell } from '../store.ts';
import { both, joined, NO_UIDS, union, without, type Uids } from '../uids.ts';
import type { SearchKey, SentKey } from '../wire/search-key.ts';
import { conditionOf, wasSent, type PlaceKey } from './condition.ts';

/** Messages asked for at once: their places, or what they say themselves. */
const PLACES = 4000;
const HEADINGS = 250;
/** Keys whose answer is kept for when they come again: a stranger may write thousands. */
const KEPT = 50;

interface Asking {
  session: Session;
  turn: Turn;
  /** Hears how many were looked at. */
  tell?: Tell;
}
interface Run extends Required<Asking> {
  now: number;
  /** Nothing else can match: all that is still in the mailbox, or of it what a key says that every match must fulfil. */
  among: Uids;
  /** What the keys of text have found. */
  found: ReadonlyMap<SearchKey, Uids>;
  /** What others have: the same key twice gives the same twice. */
  asked: Map<string, Uids>;
}

/** @returns ascending, and none that the client was not told of */
export async function search(session: Session, key: SearchKey): Promise<Uids> {
  const { view, clock } = session;
  const found = new Map<SearchKey, Uids>();
  const most = session.settings.searchTexts;
  if (textsIn(key) > most) throw no(`a search looks for at most ${most} words or phrases`, 'LIMIT');
  await prepare(session, key, found);
  const some = necessary(session, key, found) ?? view.uids;
  const asking = { session, turn: turns() };
  // What another client took out keeps its number until the client hears of it, and matches nothing.
  const among = await placed({}, some, asking);
  const tell = progressOf(session, some.length);
  return matching(key, { ...asking, now: clock.now(), among, found, asked: new Map(), tell });
}

/** RFC 7162 §3.1.5. */
export async function highestModseq({ view, store }: Session, uids: Uids): Promise<number> {
  const turn = turns();
  let most = 0;
  for (let i = 0; i < uids.length; i += PLACES) {
    await turn();
    most = Math.max(most, await store.highestModseq(view.ref, view.pick(uids.subarray(i, i + PLACES))));
  }
  return most;
}

async function matching(key: SearchKey, run: Run): Promise<Uids> {
  const { among, found, session } = run;
  switch (key.key) {
    case 'ALL':
      return among;
    case 'RECENT':
      return among.filter((uid) => session.view.isRecent(uid));
    case 'NOT':
      return without(among, await matching(key.of, run));
    case 'AND':
      return and(key.of, run);
    case 'OR':
      return or(key.of, run);
    case 'SENTBEFORE':
    case 'SENTON':
    case 'SENTSINCE':
      return once(key, run, () => sent(key.key, key.day, run));
    case 'FROM':
    case 'TO':
    case 'CC':
    case 'BCC':
    case 'SUBJECT':
    case 'BODY':
    case 'TEXT':
    case 'HEADER':
      return both(found.get(key) ?? NO_UIDS, among);
    case 'UID':
    case 'SEQUENCE':
      return both(session.uidsOf(key.set, key.key === 'UID'), among);
    default:
      return once(key, run, () => byPlace(key, run));
  }
}

async function and(keys: readonly SearchKey[], run: Run): Promise<Uids> {
  let rest: Uids | undefined;
  for (const key of keys) {
    if (rest?.length === 0) break;
    const one = await matching(key, run);
    rest = rest ? both(one, rest) : one;
  }
  return rest ?? run.among;
}

async function or(keys: readonly SearchKey[], run: Run): Promise<Uids> {
  let all = NO_UIDS;
  for (const key of keys) all = union(all, await matching(key, run));
  return all;
}

async function once(key: SearchKey, { asked }: Run, ask: () => Promise<Uids>): Promise<Uids> {
  const name = JSON.stringify(key);
  const known = asked.get(name) ?? (await ask());
  if (asked.size < KEPT) asked.set(name, known);
  return known;
}

async function byPlace(key: PlaceKey, run: Run): Promise<Uids> {
  const condition = conditionOf(key, run.session.view.ref, run.now);
  return condition ? placed(condition, run.among, run) : NO_UIDS;
}

async function placed(condition: PlacePick, among: Uids, { session, turn, tell }: Asking): Promise<Uids> {
  const { view, store } = session;
  const found: Uids[] = [];
  for (let i = 0; i < among.length; i += PLACES) {
    await turn();
    await tell?.(i);
    found.push(await store.uids(view.ref, { ...view.pick(among.subarray(i, i + PLACES)), ...condition }));
  }
  return joined(found);
}

/** Mostly the instant of the Date field decides; its zone, which is dearer, is read of those near the day. */
async function sent(key: SentKey, day: number, { session, among, turn }: Run): Promise<Uids> {
  const { view, store } = session;
  const [column] = await columnsOf(session, among, { names: ['SENT'], turn });
  const verdicts = column.keys.map((at) =>
    at === NEVER ? false : wasSent(key, day, { at: Number(at), zone: undefined }),
  );
  const there = both(among, column.uids);
  const ranks = ranksOf(column, there);
  const having = (verdict: boolean | undefined): Uids => there.filter((_, i) => verdicts[ranks[i] ?? 0] === verdict);
  const near = having(undefined);
  const found: number[] = [];
  for (let i = 0; i < near.length; i += HEADINGS) {
    await turn();
    const pick = view.pick(near.subarray(i, i + HEADINGS));
    for (const { uid, sentAt, summary } of await store.headings(view.ref, pick, {
      sentAt: true,
      summary: ['sentZone'],
    }))
      if (sentAt !== null && wasSent(key, day, { at: sentAt, zone: summary.sentZone ?? 0 })) found.push(uid);
  }
  return union(having(true), Uint32Array.from(found));
}

/** How many keys of text there are. */
function textsIn(key: SearchKey): number {
  if (key.key === 'NOT') return textsIn(key.of);
  if (key.key === 'AND' || key.key === 'OR') return key.of.reduce((sum, one) => sum + textsIn(one), 0);
  return 'text' in key ? 1 : 0;
}

/** Keys of text, before all others: mostly few messages are left to be asked for. And numbers that are not there are BAD. */
async function prepare(session: Session, key: SearchKey, found: Map<SearchKey, Uids>): Promise<void> {
  switch (key.key) {
    case 'NOT':
      return prepare(session, key.of, found);
    case 'AND':
    case 'OR':
      for (const k of key.of) await prepare(session, k, found);
      return;
    case 'UID':
    case 'SEQUENCE':
      session.uidsOf(key.set, key.key === 'UID');
      return;
    case 'BODY':
    case 'TEXT':
      found.set(key, await withText(session, { in: key.key === 'BODY' ? 'body' : 'text', text: key.text }));
      return;
    case 'HEADER':
      found.set(key, await withText(session, { in: 'header', field: key.field.toLowerCase(), text: key.text }));
      return;
    case 'FROM':
    case 'TO':
    case 'CC':
    case 'BCC':
    case 'SUBJECT':
      found.set(key, await withText(session, { in: 'header', field: key.key.toLowerCase(), text: key.text }));
      return;
    default:
  }
}

async function withText(session: Session, key: TextKey): Promise<Uids> {
  const { store, view } = session;
  const uids = await store.withText(view.ref, key, progressOf(session, view.uids.length));
  return both(Uint32Array.from(uids).sort(), view.uids);
}

/** undefined: any message may match. */
function necessary(session: Session, key: SearchKey, found: ReadonlyMap<SearchKey, Uids>): Uids | undefined {
  switch (key.key) {
    case 'AND': {
      let least: Uids | undefined;
      for (const k of key.of) {
        const one = necessary(session, k, found);
        if (one && (!least || one.length < least.length)) least = one;
      }
      return least;
    }
    case 'OR': {
      let all: Uids = NO_UIDS;
      for (const k of key.of) {
        const one = necessary(session, k, found);
        if (!one) return undefined;
        all = union(all, one);
      }
      return all;
    }
    case 'UID':
    case 'SEQUENCE':
      return session.uidsOf(key.set, key.key === 'UID');
    default:
      return found.get(key);
  }
}
