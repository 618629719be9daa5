/** Reads a whole backup again: every stored thing against its own hash, and whether each snapshot finds all that it names. */
import { isDomainError } from '../base/errors.ts';
import { contentNames, isBlobs } from './content.ts';
import { lockFolder } from './lock.ts';
import { openPacks, type Packs } from './packs.ts';
import { linesOf } from './rows.ts';
import type { Kind } from './records.ts';
import { packFolder, readSnapshot, snapshotNames, type SnapshotFile } from './snapshots.ts';

type Table = SnapshotFile['tables'][number];

export interface Verified {
  snapshots: number;
  things: number;
  /** One sentence each. */
  faults: string[];
}

export async function verifyFolder(folder: string): Promise<Verified> {
  const lock = await lockFolder(folder);
  try {
    const packs = await openPacks(packFolder(folder), { writable: false });
    try {
      return await verify(folder, packs);
    } finally {
      await packs.close();
    }
  } finally {
    await lock.release();
  }
}

async function verify(folder: string, packs: Packs): Promise<Verified> {
  const faults: string[] = [];
  let things = 0;
  const damaged: { kind: Kind; key: string }[] = [];
  for await (const { kind, key, fault } of packs.verify()) {
    things++;
    if (fault === undefined) continue;
    faults.push(fault);
    damaged.push({ kind, key });
  }
  await packs.suspect(damaged);
  const names = await snapshotNames(folder);
  const look: Look = {
    folder,
    packs,
    damaged: new Set(damaged.map(({ kind, key }) => kind + key)),
    lacking: new Map(),
    said: new Set(),
  };
  for (const name of names) {
    try {
      faults.push(...(await absences(look, name)));
    } catch (error) {
      if (!isDomainError(error)) throw error;
      faults.push(error.message);
    }
  }
  return { snapshots: names.length, things, faults };
}

interface Look {
  folder: string;
  packs: Packs;
  damaged: ReadonlySet<string>;
  /** Content that pieces of tables name and that is nowhere. Snapshots share pieces, but not what each of them knew to be missing. */
  lacking: Map<string, string[]>;
  /** Content is named once, for the oldest snapshot that lacks it. */
  said: Set<string>;
}

async function absences(look: Look, name: string): Promise<string[]> {
  const snapshot = await readSnapshot(look.folder, name);
  const missing = new Set([...snapshot.missing, ...snapshot.swept]);
  const absent: string[] = [];
  for (const table of snapshot.tables)
    for (const piece of table.pieces)
      for (const hash of await lackingIn(look, table, piece))
        if (hash === piece) absent.push(`snapshot ${name}: a piece of ${table.name} is missing`);
        else if (!missing.has(hash) && !look.said.has(hash)) {
          look.said.add(hash);
          absent.push(`snapshot ${name}: content ${hash} is missing`);
        }
  return absent;
}

/** Itself, if it is nowhere; otherwise what it names and is nowhere. */
async function lackingIn({ packs, damaged, lacking }: Look, table: Table, piece: string): Promise<string[]> {
  if (!packs.index.has('t', piece)) return [piece];
  if (!isBlobs(table) || damaged.has(`t${piece}`)) return [];
  const known = lacking.get(piece);
  if (known) return known;
  const content = contentNames(table);
  const found: string[] = [];
  for (const line of linesOf(await packs.read('t', piece))) {
    const { kind, hash } = content(JSON.parse(line) as unknown[]);
    if (!packs.index.has(kind, hash)) found.push(hash);
  }
  lacking.set(piece, found);
  return found;
}
