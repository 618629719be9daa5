/** Octets of a backup folder that a disk has changed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openPacks } from '../packs.ts';
import type { Kind } from '../records.ts';
import { packFolder, readSnapshot } from '../snapshots.ts';

/** Changes an octet of one stored thing, wherever it lies. @returns what puts it right again */
export async function spoil(backups: string, kind: Kind, key: string): Promise<() => void> {
  const packs = await openPacks(packFolder(backups), { writable: false });
  const { pack, offset, length } = packs.index.find(kind, key)!;
  await packs.close();
  const path = join(packFolder(backups), `${String(pack).padStart(8, '0')}.pack`);
  const whole = readFileSync(path);
  const spoilt = Buffer.from(whole);
  spoilt[offset + length - 1]! ^= 1;
  writeFileSync(path, spoilt);
  return () => writeFileSync(path, whole);
}

export async function piecesOf(backups: string, table: string, snapshot?: string): Promise<string[]> {
  return (await readSnapshot(backups, snapshot)).tables.find(({ name }) => name === table)!.pieces;
}

/** All pieces of these tables in the newest snapshot. @returns what puts them right again */
export async function spoilTables(backups: string, tables: readonly string[]): Promise<() => void> {
  const undo: (() => void)[] = [];
  for (const table of tables)
    for (const piece of await piecesOf(backups, table)) undo.push(await spoil(backups, 't', piece));
  return () => undo.reverse().forEach((step) => step());
}
