/** What SELECT (QRESYNC …) and UID FETCH (… VANISHED) tell of the time since the client was here (RFC 7162 §3.2.5, §3.2.6). */
import type { ModSeq } from '../../base/ids.ts';
import { flagData } from '../selected.ts';
import type { Session } from '../session.ts';
import type { QresyncArgs } from '../wire/list-args.ts';
import { printNumbers, resolveRanges, type SequenceSet } from '../wire/sequence-set.ts';

export async function tellQresync(session: Session, { uidValidity, modseq, knownUids }: QresyncArgs): Promise<void> {
  const { view, store, out } = session;
  // §3.2.5.1: of another UIDVALIDITY nothing is known. Seq-match data only shortens our answer: §3.2.5.2 lets us ignore it.
  if (uidValidity !== view.uidValidity) return;
  const since = modseq as ModSeq;
  await tellVanished(session, since, knownUids);
  const changed = await store.placed(view.ref, { changedSince: since });
  const known = knownUids && inSet(knownUids, view.uids[view.uids.length - 1] ?? 0);
  for (const row of changed) {
    const seq = view.seqOf(row.uid);
    if (seq === undefined || (known && !known(row.uid))) continue;
    out.line(`* ${seq} FETCH ${flagData(row, true)}`);
    if (out.shouldFlush) await out.flush();
  }
}

export async function tellVanished(session: Session, since: ModSeq, among?: SequenceSet): Promise<void> {
  const { view, store, out } = session;
  const wanted = (last: number): ((uid: number) => boolean) => (among ? inSet(among, last) : () => true);
  const logged = await store.expungedSince(view.ref, since);
  const candidates = logged ?? everything(view.uids, among);
  const fits = wanted(Math.max(view.uids[view.uids.length - 1] ?? 0, ...candidates.slice(-1)));
  // A UID that this view still shows is told of later, by its own VANISHED.
  const uids = candidates.filter((uid) => fits(uid) && view.seqOf(uid) === undefined);
  uids.sort((a, b) => a - b);
  if (uids.length > 0) out.line(`* VANISHED (EARLIER) ${printNumbers(uids)}`);
}

/** The log does not reach back: every UID that the client may know and that is not here has vanished (RFC 7162 §3.2.5.1). */
function everything(here: readonly number[], among: SequenceSet | undefined): number[] {
  const last = here[here.length - 1] ?? 0;
  const ranges = among ? resolveRanges(among, last) : [[1, last] as const];
  const uids: number[] = [];
  for (const [low, high] of ranges) for (let uid = low; uid <= Math.min(high, last); uid++) uids.push(uid);
  return uids;
}

function inSet(set: SequenceSet, last: number): (uid: number) => boolean {
  const ranges = resolveRanges(set, last);
  return (uid) => ranges.some(([low, high]) => uid >= low && uid <= high);
}
