/**
 * UIDs of a mailbox, ascending, four octets each. What a connection holds is never changed, only replaced; connections that
 * see the same mailbox hold the same octets, so that a thousand of them on one mailbox cost little more than one.
 */
import type { ModSeq } from '../base/ids.ts';

export type Uids = Uint32Array;
export const NO_UIDS: Uids = new Uint32Array(0);

/** Index of the first UID that is `uid` or above. */
export function firstAtLeast(uids: Uids, uid: number): number {
  let low = 0;
  let high = uids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((uids[middle] ?? 0) < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** -1 when it is not there. */
export function indexOf(uids: Uids, uid: number): number {
  const at = firstAtLeast(uids, uid);
  return uids[at] === uid ? at : -1;
}

export const last = (uids: Uids): number => uids[uids.length - 1] ?? 0;

/** How many entries of a buffer are taken; what lies behind is spare. */
const taken = new WeakMap<ArrayBufferLike, number>();

/** `more` all lie above. They are written into the spare room of the same octets, or found there when another connection was first. */
export function grown(uids: Uids, more: ArrayLike<number>): Uids {
  if (more.length === 0) return uids;
  const { buffer } = uids;
  const used = taken.get(buffer);
  const length = uids.length + more.length;
  if (used !== undefined && uids.byteOffset === 0 && length * 4 <= buffer.byteLength) {
    const all = new Uint32Array(buffer);
    let same = true;
    for (let i = 0; same && i < Math.min(more.length, used - uids.length); i++) same = all[uids.length + i] === more[i];
    if (same) {
      for (let i = used - uids.length; i < more.length; i++) all[uids.length + i] = more[i] ?? 0;
      taken.set(buffer, Math.max(used, length));
      return all.subarray(0, length);
    }
  }
  const room = new Uint32Array(length + 64 + (length >> 4));
  room.set(uids);
  room.set(more, uids.length);
  taken.set(room.buffer, length);
  return room.subarray(0, length);
}

/** `gone` ascends too. */
export function without(uids: Uids, gone: Uids): Uids {
  const left = new Uint32Array(uids.length);
  let n = 0;
  let g = 0;
  for (const uid of uids) {
    while (g < gone.length && (gone[g] ?? 0) < uid) g++;
    if (gone[g] !== uid) left[n++] = uid;
  }
  return n === uids.length ? uids : left.slice(0, n);
}

/** Those of `uids` that `among` has. */
export function both(uids: Uids, among: Uids): Uids {
  // A few are looked for; many are gone through beside the others.
  if (uids.length * 16 < among.length) return uids.filter((uid) => indexOf(among, uid) >= 0);
  const found = new Uint32Array(uids.length);
  let n = 0;
  let at = firstAtLeast(among, uids[0] ?? 0);
  for (const uid of uids) {
    while (at < among.length && (among[at] ?? 0) < uid) at++;
    if (among[at] === uid) found[n++] = uid;
  }
  return n === uids.length ? uids : found.slice(0, n);
}

/** Those of either. */
export function union(a: Uids, b: Uids): Uids {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const all = new Uint32Array(a.length + b.length);
  let n = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [x, y] = [a[i] ?? Infinity, b[j] ?? Infinity];
    all[n++] = Math.min(x, y);
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return all.subarray(0, n);
}

/** Ascending runs that do not touch. One run stays where it is. */
export function joined(runs: readonly Uids[]): Uids {
  if (runs.length === 1 && runs[0]) return runs[0];
  const all = new Uint32Array(runs.reduce((sum, run) => sum + run.length, 0));
  let at = 0;
  for (const run of runs) {
    all.set(run, at);
    at += run.length;
  }
  return all;
}

export function equal(a: Uids, b: Uids): boolean {
  if (a.length !== b.length) return false;
  if (a.buffer === b.buffer && a.byteOffset === b.byteOffset) return true;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** 8 MB: the mailboxes that were looked at last. Those that stand open are held by their connections anyway. */
const KEPT = 2_000_000;

/** The newest picture of each mailbox, for the next SELECT and so that connections share it. One for a server. */
export class KnownUids {
  private readonly pictures = new Map<string, { mark: ModSeq; uids: Uids }>();
  private kept = 0;
  private readonly most: number;

  constructor(most = KEPT) {
    this.most = most;
  }

  newest(key: string): { mark: ModSeq; uids: Uids } | undefined {
    return this.pictures.get(key);
  }

  /** What the mailbox held at `mark`. @returns the same UIDs, in the octets that others have too. */
  keep(key: string, mark: ModSeq, uids: Uids): Uids {
    const known = this.pictures.get(key);
    if (known && known.mark > mark) return uids;
    const shared = known && equal(known.uids, uids) ? known.uids : uids;
    this.forget(key);
    if (shared.length > this.most) return shared;
    this.pictures.set(key, { mark, uids: shared });
    this.kept += shared.length;
    for (const oldest of this.pictures.keys()) {
      if (this.kept <= this.most) break;
      this.forget(oldest);
    }
    return shared;
  }

  private forget(key: string): void {
    this.kept -= this.pictures.get(key)?.uids.length ?? 0;
    this.pictures.delete(key);
  }
}
