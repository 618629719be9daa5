/** The rows of one table of a snapshot, by the names of their columns. */
import { DamagedBackup } from './records.ts';
import type { Packs } from './packs.ts';
import { linesOf } from './rows.ts';
import type { SnapshotFile } from './snapshots.ts';

type Table = SnapshotFile['tables'][number];
export type SavedRow = (column: string) => unknown;

export function savedTable(snapshot: SnapshotFile, name: string): Table | undefined {
  return snapshot.tables.find((table) => table.name === name);
}

/** @param first only rows whose first column has this value: others are passed over without a look. */
export async function* savedRows(packs: Packs, table: Table, first?: number): AsyncIterable<SavedRow> {
  const at = new Map(table.columns.map(({ name }, i) => [name, i]));
  const beginning = first === undefined ? '[' : `[${first},`;
  for (const piece of table.pieces) {
    for (const line of linesOf(await packs.read('t', piece))) {
      if (!line.startsWith(beginning)) continue;
      const values = JSON.parse(line) as unknown[];
      yield (column) => {
        const i = at.get(column);
        if (i === undefined) throw new DamagedBackup(`${table.name} has no column ${column} in this backup`);
        return values[i];
      };
    }
  }
}
