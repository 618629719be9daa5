/** Old snapshots go, and with them what no other one names. A pack of which little is left is written anew before the old one goes. */
import { contentNames, isBlobs } from './content.ts';
import type { Packs } from './packs.ts';
import { linesOf } from './rows.ts';
import { expired, readSnapshot, removeSnapshots, snapshotNames } from './snapshots.ts';

export interface Pruned {
  snapshots: string[];
  freedBytes: number;
}

/** Less than this share of a pack is still named: then the rest is worth the writing. */
const WORTH = 0.6;

export async function prune(folder: string, packs: Packs, keep: { keep: number; months: number }): Promise<Pruned> {
  const gone = expired(await snapshotNames(folder), keep);
  if (gone.length === 0) return { snapshots: [], freedBytes: 0 };
  await removeSnapshots(folder, gone);
  const named = await mark(folder, packs);
  const live = new Map<number, { bytes: number; things: number[] }>();
  for (let n = 0; n < packs.index.count; n++) {
    if (((named[n >> 3] ?? 0) & (1 << (n & 7))) === 0) continue;
    const { pack, length } = packs.index.where(n);
    const of = live.get(pack) ?? { bytes: 0, things: [] };
    of.bytes += length;
    of.things.push(n);
    live.set(pack, of);
  }
  const removed: number[] = [];
  let before = 0;
  let kept = 0;
  for (const number of [...packs.numbers]) {
    const size = await packs.size(number);
    const { bytes, things } = live.get(number) ?? { bytes: 0, things: [] };
    if (bytes > size * WORTH) continue;
    for (const n of things) {
      const { kind, key } = packs.index.thing(n);
      await packs.copy(kind, key);
    }
    removed.push(number);
    before += size;
    kept += bytes;
  }
  await packs.flush();
  await packs.remove(removed);
  return { snapshots: gone, freedBytes: before - kept };
}

/** One bit for each thing that a snapshot names. */
async function mark(folder: string, packs: Packs): Promise<Uint8Array> {
  const named = new Uint8Array((packs.index.count >> 3) + 1);
  const set = (n: number | undefined): boolean => {
    if (n === undefined) return false;
    const was = ((named[n >> 3] ?? 0) & (1 << (n & 7))) !== 0;
    named[n >> 3] = (named[n >> 3] ?? 0) | (1 << (n & 7));
    return !was;
  };
  for (const name of await snapshotNames(folder)) {
    for (const table of (await readSnapshot(folder, name)).tables) {
      const content = contentNames(table);
      for (const piece of table.pieces) {
        const isNew = set(packs.index.number('t', piece));
        if (!isNew || !isBlobs(table)) continue;
        for (const line of linesOf(await packs.read('t', piece))) {
          const { kind, hash } = content(JSON.parse(line) as unknown[]);
          set(packs.index.number(kind, hash));
        }
      }
    }
  }
  return named;
}
