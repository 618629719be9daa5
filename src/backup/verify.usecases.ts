/** Reads a whole backup again: every stored thing against its own hash, and whether each snapshot finds all that it names. */
import { isDomainError } from '../base/errors.ts';
import { contentNames, isBlobs } from './content.ts';
import { lockFolder } from './lock.ts';
import { openPacks, type Packs } from './packs.ts';
import { linesOf } from './rows.ts';
import { packFolder, readSnapshot, snapshotNames } from './snapshots.ts';
import type { Kind } from './records.ts';

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
  const spoilt = new Set(damaged.map(({ kind, key }) => kind + key));
  const names = await snapshotNames(folder);
  const seen = new Set<string>();
  for (const name of names) {
    try {
      faults.push(...(await absences(folder, name, packs, seen, spoilt)));
    } catch (error) {
      if (!isDomainError(error)) throw error;
      faults.push(error.message);
    }
  }
  return { snapshots: names.length, things, faults };
}

async function absences(
  folder: string,
  name: string,
  packs: Packs,
  seen: Set<string>,
  damaged: ReadonlySet<string>,
): Promise<string[]> {
  const snapshot = await readSnapshot(folder, name);
  const missing = new Set([...snapshot.missing, ...snapshot.swept]);
  const absent: string[] = [];
  for (const table of snapshot.tables) {
    const content = contentNames(table);
    for (const piece of table.pieces) {
      if (!packs.index.has('t', piece)) absent.push(`snapshot ${name}: a piece of ${table.name} is missing`);
      if (seen.has(piece) || !isBlobs(table) || !packs.index.has('t', piece) || damaged.has(`t${piece}`)) continue;
      seen.add(piece);
      for (const line of linesOf(await packs.read('t', piece))) {
        const { kind, hash } = content(JSON.parse(line) as unknown[]);
        if (!missing.has(hash) && !packs.index.has(kind, hash))
          absent.push(`snapshot ${name}: content ${hash} is missing`);
      }
    }
  }
  return absent;
}
