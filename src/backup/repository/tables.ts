/** All tables as both dialects have them: columns with what they hold, so that a row can be written down and read back on either. */
import { getTableColumns, getTableName, sql, type Column } from 'drizzle-orm';

import type { Database, Query, Tx } from '../../db/database.ts';
import type { Dialect } from '../../db/kit.ts';
import { schemaFor } from '../../db/schema.ts';

export type ColumnKind = 'int' | 'text' | 'bool' | 'bytes';

export interface TableShape {
  name: string;
  columns: { name: string; kind: ColumnKind }[];
}

/** `data` of `blobs` is kept apart, once; the row says only whether there was any. */
export const BLOBS = 'blobs';
export const BLOB_DATA = 'data';
export const IN_ROW = 'in_row';

export function tableShapes(dialect: Dialect): TableShape[] {
  return Object.values(schemaFor(dialect)).map((table) => ({
    name: getTableName(table),
    columns: Object.values<Column>(getTableColumns(table)).map((column) => ({
      name: column.name,
      kind: kindOf(column),
    })),
  }));
}

function kindOf(column: Column): ColumnKind {
  if (column.dataType === 'boolean') return 'bool';
  if (column.dataType === 'number') return 'int';
  return /^(blob|bytea)$/.test(column.getSQLType()) ? 'bytes' : 'text';
}

/** What is read of a table. */
export const selected = ({ name, columns }: TableShape): string[] =>
  columns.map((column) =>
    name === BLOBS && column.name === BLOB_DATA ? `"${BLOB_DATA}" is not null as "${IN_ROW}"` : `"${column.name}"`,
  );

/** As it is written down. */
export const written = ({ name, columns }: TableShape): TableShape['columns'] =>
  columns.map((column) => (name === BLOBS && column.name === BLOB_DATA ? { name: IN_ROW, kind: 'bool' } : column));

/** The highest key that each table ever gave out. */
export const countersQuery = (dialect: Dialect): string =>
  dialect === 'sqlite'
    ? 'select name, seq from sqlite_sequence'
    : `select t.relname::text, coalesce(s.last_value, 0)::bigint from pg_sequences s
        join pg_class c on c.relname = s.sequencename join pg_depend d on d.objid = c.oid and d.deptype = 'i'
        join pg_class t on t.oid = d.refobjid where s.schemaname = current_schema()`;

export async function setCounter({ dialect }: Database, { q }: Tx, table: string, last: number): Promise<void> {
  if (last <= 0) return;
  if (dialect === 'pg') await q.rows(sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${last}) as v`);
  else {
    await q.exec(sql`delete from sqlite_sequence where name = ${table}`);
    await q.exec(sql`insert into sqlite_sequence (name, seq) values (${table}, ${last})`);
  }
}

/** Parameters in one statement: far below both engines' limits. */
const PARAMETERS = 8000;

/** Rows with the driver's own values. */
export async function insertAll(
  { dialect }: Database,
  { q }: Tx,
  { name, columns }: TableShape,
  rows: readonly unknown[][],
): Promise<void> {
  const each = Math.max(1, Math.min(500, Math.floor(PARAMETERS / columns.length)));
  const names = columns.map((c) => `"${c.name}"`).join(', ');
  // Keys that the database would count by itself are put as they were.
  const head = `insert into "${name}" (${names}) ${dialect === 'pg' ? 'overriding system value ' : ''}values `;
  for (let i = 0; i < rows.length; i += each) {
    const part = rows.slice(i, i + each);
    let n = 0;
    const row = () => `(${columns.map(() => (dialect === 'pg' ? `$${++n}` : '?')).join(', ')})`;
    await q.statement(head + part.map(row).join(', '), part.flat());
  }
}

export async function appliedMigrations(q: Query): Promise<string[]> {
  return (await q.rows(sql`select name from migrations order by name`)).map(([name]) => String(name));
}

/** Nothing was ever made in this database. */
export async function isEmptyDatabase({ dialect, read }: Database): Promise<boolean> {
  const tables =
    dialect === 'pg'
      ? sql`select count(*) as n from information_schema.tables where table_schema = current_schema()`
      : sql`select count(*) as n from sqlite_schema`;
  return Number((await read.rows(tables))[0]?.[0]) === 0;
}

/** Content as it lies in rows: of those that need other content, or of those that do not. */
export async function rowData(
  db: Database,
  hashes: readonly string[],
  needsOthers: boolean,
): Promise<Map<string, Uint8Array>> {
  if (hashes.length === 0) return new Map();
  const list = sql.join(
    hashes.map((hash) => sql`${hash}`),
    sql`, `,
  );
  const form = needsOthers ? sql`parts > 0` : sql`parts = 0`;
  const rows = await db.read.rows(
    sql`select hash, data from blobs where hash in (${list}) and data is not null and ${form}`,
  );
  return new Map(rows.map(([hash, data]) => [String(hash), data as Uint8Array]));
}
