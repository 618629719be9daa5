/** A row of `blobs` in a snapshot: whose content it is and under which kind the packs hold it. */
import type { Kind } from './records.ts';
import { BLOBS, IN_ROW, type TableShape } from './repository/tables.ts';

export interface Named {
  kind: Kind;
  hash: string;
}

/**
 * From a row's values to what it names. The same content may be stored anew in another form once nobody held it for a while: a
 * form that needs other content is therefore not taken for one that does not.
 */
export function contentNames({ columns }: Pick<TableShape, 'columns'>): (row: readonly unknown[]) => Named {
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const [hashAt, inRowAt, partsAt] = [at('hash'), at(IN_ROW), at('parts')];
  return (row) => {
    const inRow = row[inRowAt] === true || row[inRowAt] === 1;
    const kind = !inRow ? 'f' : Number(row[partsAt] ?? 0) > 0 ? 'r' : 'p';
    return { kind, hash: String(row[hashAt]) };
  };
}

export const isBlobs = ({ name }: Pick<TableShape, 'name'>): boolean => name === BLOBS;
