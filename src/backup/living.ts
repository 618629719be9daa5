/** A backup that is read beside the living installation that it is of. */
import { DomainError } from '../base/errors.ts';
import type { FactStore } from '../db/facts.ts';
import { INSTALLATION } from '../init.ts';
import { lockFolder } from './lock.ts';
import { openPacks, type Packs } from './packs.ts';
import { packFolder, readSnapshot, type SnapshotFile } from './snapshots.ts';

/** @throws backup.other_installation, backup.snapshot_missing, backup.snapshot_damaged, backup.busy */
export async function livingBackup<T>(
  { facts }: { facts: FactStore },
  folder: string,
  wanted: string | undefined,
  work: (packs: Packs, snapshot: SnapshotFile) => Promise<T>,
): Promise<T> {
  const lock = await lockFolder(folder);
  try {
    const snapshot = await readSnapshot(folder, wanted);
    if (snapshot.installation !== (await facts.get(INSTALLATION)))
      throw new DomainError('conflict', 'backup.other_installation', 'this is the backup of another installation');
    const packs = await openPacks(packFolder(folder), { writable: false });
    try {
      return await work(packs, snapshot);
    } finally {
      await packs.close();
    }
  } finally {
    await lock.release();
  }
}
