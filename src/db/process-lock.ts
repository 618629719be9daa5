/**
 * A lock that the system takes back when its holder's process ends, however it ends: SQLite's own on a file that holds nothing.
 * It is seen by every process of the machine, in whatever container.
 */
import { setTimeout as pause } from 'node:timers/promises';

import { DatabaseSync } from '@photostructure/sqlite';

const BUSY = 5;
const LOOK = 100;

/** @returns what gives it back; undefined: another has it, and kept it for `patience` milliseconds */
export async function holdLock(file: string, patience: number): Promise<(() => void) | undefined> {
  const connection = new DatabaseSync(file);
  connection.exec('PRAGMA busy_timeout=0');
  for (let waited = 0; ; waited += LOOK) {
    if (taken(connection)) return () => connection.close();
    if (waited >= patience) break;
    await pause(LOOK);
  }
  connection.close();
  return undefined;
}

function taken(connection: InstanceType<typeof DatabaseSync>): boolean {
  try {
    connection.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'sqliteCode' in error && error.sqliteCode === BUSY) return false;
    connection.close();
    throw error;
  }
}
