/** A long thread shows what is open; of many folded messages in a row only the first and the last, with a word about the others. */

export type Fold<T> = { row: T } | { hidden: number; after: T };

/** Fewer than this stand there one by one. */
const MANY = 4;

export function foldThread<T>(rows: readonly T[], isOpen: (row: T) => boolean): Fold<T>[] {
  const shown: Fold<T>[] = [];
  for (let at = 0; at < rows.length;) {
    const open = rows.findIndex((row, n) => n >= at && isOpen(row));
    const run = rows.slice(at, open < 0 ? rows.length : open);
    const [first, last] = [run[0], run[run.length - 1]];
    if (run.length >= MANY && first !== undefined && last !== undefined)
      shown.push({ row: first }, { hidden: run.length - 2, after: first }, { row: last });
    else shown.push(...run.map((row) => ({ row })));
    if (open < 0) break;
    shown.push(...rows.slice(open, open + 1).map((row) => ({ row })));
    at = open + 1;
  }
  return shown;
}
