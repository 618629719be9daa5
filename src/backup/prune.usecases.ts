/** Old snapshots go, and with them what no other one names. A pack of which little is left is written anew before the old one goes. */
import { isDomainError } from '../base/errors.ts';
import { contentNames, isBlobs } from './content.ts';
import type { Packs } from './packs.ts';
import { DamagedBackup } from './records.ts';
import { linesOf } from './rows.ts';
import { expired, readSnapshot, removeSnapshots, snapshotNames, type SnapshotFile } from './snapshots.ts';

type Table = SnapshotFile['tables'][number];

export interface Pruned {
  snapshots: string[];
  freedBytes: number;
  /** One sentence for each thing that was found damaged in the backup itself: what it may name stays. */
  faults: string[];
}

/** Less than this share of a pack is still named: then the rest is worth the writing. */
const WORTH = 0.6;

interface Living {
  bytes: number;
  things: number[];
}

export async function prune(folder: string, packs: Packs, keep: { keep: number; months: number }): Promise<Pruned> {
  const snapshots = expired(await snapshotNames(folder), keep);
  if (snapshots.length === 0) return { snapshots, freedBytes: 0, faults: [] };
  await removeSnapshots(folder, snapshots);
  const marked = await mark(folder, packs);
  // Nobody knows what that one names.
  if (typeof marked === 'string') return { snapshots, freedBytes: 0, faults: [marked] };
  return { snapshots, ...(await compact(packs, marked)) };
}

interface Marked {
  /** One bit for each thing that a snapshot names. */
  named: Uint8Array;
  /** Something that a snapshot names was not found. */
  lacks: boolean;
}

async function compact(packs: Packs, { named, lacks }: Marked): Promise<Omit<Pruned, 'snapshots'>> {
  const live = livingIn(packs, named);
  // What was not found may lie in a pack that could not be read to its end.
  const mayHold = (number: number) => lacks && packs.broken.has(number);
  const dead = packs.numbers.filter((number) => !live.has(number) && !mayHold(number));
  const faults: string[] = [];
  let freedBytes = 0;
  for (const number of dead) freedBytes += await packs.size(number);
  // First what costs no room: the disk may be full.
  await packs.remove(dead);
  const worth = [...live].filter(([number]) => !mayHold(number));
  try {
    freedBytes += await writeAnew(packs, worth, faults);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    // The snapshot is taken; what lies between is freed when there is room.
    await packs.abandon();
    faults.push('there is no room to write packs anew of which little is left: what nobody needs stays in them');
  }
  return { freedBytes, faults };
}

/** Packs of which little is left go when that lies in another one. @returns how many octets fewer */
async function writeAnew(packs: Packs, live: readonly [number, Living][], faults: string[]): Promise<number> {
  let freedBytes = 0;
  const rewritten: number[] = [];
  for (const [number, { bytes, things }] of live) {
    const size = await packs.size(number);
    if (bytes > size * WORTH) continue;
    const damaged = await copyAll(packs, things);
    faults.push(...damaged);
    // One that holds what could not be read stays: another day the disk may give it.
    if (damaged.length > 0) continue;
    rewritten.push(number);
    freedBytes += size - bytes;
  }
  await packs.flush();
  await packs.remove(rewritten);
  return freedBytes;
}

function livingIn(packs: Packs, named: Uint8Array): Map<number, Living> {
  const live = new Map<number, Living>();
  for (let n = 0; n < packs.index.count; n++) {
    if (((named[n >> 3] ?? 0) & (1 << (n & 7))) === 0) continue;
    const { pack, length } = packs.index.where(n);
    const of = live.get(pack) ?? { bytes: 0, things: [] };
    of.bytes += length;
    of.things.push(n);
    live.set(pack, of);
  }
  return live;
}

/** @returns what could not be read */
async function copyAll(packs: Packs, things: readonly number[]): Promise<string[]> {
  const faults: string[] = [];
  for (const n of things) {
    const thing = packs.index.thing(n);
    try {
      await packs.copy(thing.kind, thing.key);
    } catch (error) {
      if (!(error instanceof DamagedBackup)) throw error;
      faults.push(error.message);
      await packs.suspect([thing]);
    }
  }
  return faults;
}

/** What the snapshots name; or why that cannot be known. */
async function mark(folder: string, packs: Packs): Promise<Marked | string> {
  const marked: Marked = { named: new Uint8Array((packs.index.count >> 3) + 1), lacks: false };
  try {
    for (const name of await snapshotNames(folder)) {
      const snapshot = await readSnapshot(folder, name);
      const absent = new Set([...snapshot.missing, ...snapshot.swept]);
      for (const table of snapshot.tables) await markTable(packs, table, absent, marked);
    }
    return marked;
  } catch (error) {
    if (error instanceof DamagedBackup || isDomainError(error)) return error.message;
    throw error;
  }
}

/** @returns whether it was not named before */
function set(marked: Marked, n: number | undefined): boolean {
  if (n === undefined) {
    marked.lacks = true;
    return false;
  }
  const { named } = marked;
  const was = ((named[n >> 3] ?? 0) & (1 << (n & 7))) !== 0;
  named[n >> 3] = (named[n >> 3] ?? 0) | (1 << (n & 7));
  return !was;
}

async function markTable(packs: Packs, table: Table, absent: ReadonlySet<string>, marked: Marked): Promise<void> {
  const content = contentNames(table);
  for (const piece of table.pieces) {
    const isNew = set(marked, packs.index.number('t', piece));
    if (!isNew || !isBlobs(table)) continue;
    for (const line of linesOf(await readPiece(packs, piece))) {
      const { kind, hash } = content(JSON.parse(line) as unknown[]);
      const n = packs.index.number(kind, hash);
      if (n !== undefined || !absent.has(hash)) set(marked, n);
    }
  }
}

async function readPiece(packs: Packs, key: string): Promise<Buffer> {
  try {
    return await packs.read('t', key);
  } catch (error) {
    if (error instanceof DamagedBackup) await packs.suspect([{ kind: 't', key }]);
    throw error;
  }
}
