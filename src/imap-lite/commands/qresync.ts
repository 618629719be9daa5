/** What SELECT (QRESYNC …) and UID FETCH (… VANISHED) tell of the time since the client was here (RFC 7162 §3.2.5, §3.2.6). */
import type { ModSeq } from '../../base/ids.ts';
import { turns } from '../../base/turns.ts';
import { markedRows } from '../fetch/marked-rows.ts';
import type { Session } from '../session.ts';
import { indexOf, last, type Uids } from '../uids.ts';
import type { QresyncArgs } from '../wire/list-args.ts';
import { printNumbers, resolveRanges, type SequenceSet } from '../wire/sequence-set.ts';

/** Read at once. */
const CHUNK = 4000;

export async function tellQresync(session: Session, args: QresyncArgs): Promise<void> {
  const { uidValidity, modseq, knownUids, seqMatch } = args;
  const { view, store, out } = session;
  // §3.2.5.1: of another UIDVALIDITY nothing is known.
  if (uidValidity !== view.uidValidity) return;
  const since = modseq as ModSeq;
  await tellVanished(session, since, knownUids, seqMatch);
  const known = knownUids && inSet(knownUids, last(view.uids));
  const changed = (await store.uids(view.ref, { changedSince: since })).filter((uid) => !known || known(uid));
  const turn = turns();
  for (let i = 0; i < changed.length; i += CHUNK) {
    await turn();
    for (const row of await markedRows(store, view.ref, view.pick(changed.subarray(i, i + CHUNK)))) {
      const seq = view.seqOf(row.uid);
      if (seq !== undefined) out.line(`* ${seq} FETCH ${view.flagData(row, true)}`);
    }
    if (out.shouldFlush) await out.flush();
  }
}

export async function tellVanished(
  session: Session,
  since: ModSeq,
  among?: SequenceSet,
  seqMatch?: QresyncArgs['seqMatch'],
): Promise<void> {
  const { view, store, out } = session;
  const logged = await store.expungedSince(view.ref, since);
  const low = logged || !seqMatch ? 0 : lastInCommon(view.uids, seqMatch);
  const candidates = logged ?? everything(view.uids, among, low);
  const fits = among ? inSet(among, Math.max(last(view.uids), ...candidates.slice(-1))) : () => true;
  // A UID that this view still shows is told of later, by its own VANISHED.
  const uids = candidates.filter((uid) => fits(uid) && indexOf(view.uids, uid) < 0);
  uids.sort((a, b) => a - b);
  if (uids.length > 0) out.line(`* VANISHED (EARLIER) ${printNumbers(uids)}`);
}

/** The log does not reach back: every UID above `low` that the client may know and that is not here has vanished (RFC 7162 §3.2.5.1). */
function everything(here: Uids, among: SequenceSet | undefined, low: number): number[] {
  const highest = last(here);
  const ranges = among ? resolveRanges(among, highest) : [[1, highest] as const];
  const uids: number[] = [];
  for (const [first, end] of ranges) {
    for (let uid = Math.max(first, low + 1); uid <= Math.min(end, highest); uid++) {
      if (indexOf(here, uid) < 0) uids.push(uid);
    }
  }
  return uids;
}

/**
 * RFC 7162 §3.2.5.2: message numbers of the client with their UIDs. Where the newest pair is still so here, nothing at or below
 * it has gone. With the log this is never needed: it names what has gone.
 */
function lastInCommon(here: Uids, { sequence, uids }: NonNullable<QresyncArgs['seqMatch']>): number {
  const numbers = flat(sequence);
  const theirs = flat(uids);
  let low = 0;
  for (let i = 0; i < Math.min(numbers.length, theirs.length); i++) {
    const uid = theirs[i] ?? 0;
    if (here[(numbers[i] ?? 0) - 1] !== uid) break;
    low = uid;
  }
  return low;
}

/** A client names some dozens (RFC 7162 §3.2.5.2: "a subset"); whoever names more is answered for the first ones. */
const PAIRS = 10_000;

function flat(set: SequenceSet): number[] {
  const list: number[] = [];
  for (const [low, high] of set.ranges) {
    for (let n = low; n <= high; n++) {
      if (list.length >= PAIRS) return list;
      list.push(n);
    }
  }
  return list;
}

function inSet(set: SequenceSet, highest: number): (uid: number) => boolean {
  const ranges = resolveRanges(set, highest);
  return (uid) => ranges.some(([low, high]) => uid >= low && uid <= high);
}
