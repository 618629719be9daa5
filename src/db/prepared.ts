/**
 * Statements whose text is built once. Every delivered message runs a dozen; building their text with the query builder costs
 * several times what running them does. For the few that are on that path; elsewhere the builder is clearer.
 */
import { fillPlaceholders, getTableColumns, getTableName, sql, type Column, type SQL } from 'drizzle-orm';

import type { Database, Query } from './database.ts';
import type { Dialect } from './kit.ts';
import type { Schema } from './schema.ts';

interface Store {
  readonly db: Pick<Database, 'dialect' | 't'>;
  readonly q: Query;
}
type Given<A> = { readonly [K in keyof A]: SQL };
interface Preparable<R> extends PromiseLike<R> {
  prepare(name?: string): Built;
}
interface Built {
  execute(values: Record<string, unknown>): PromiseLike<unknown>;
  /** SQLite only. */
  getQuery(): { sql: string; params: unknown[] };
  mapResult(response: unknown, isFromBatch: boolean): unknown;
}
type Values = Record<string, number | string | null>;

let names = 0;

/**
 * A select, update or delete with open values: numbers and strings, which both drivers take as they are.
 * `prepared<{ id: number }>()((q, t, given) => q.select()…where(eq(t.accounts.id, given.id)))`
 */
export function prepared<A extends { [K in keyof A]: number | string | null }>() {
  return <R>(build: (q: Query, t: Schema, given: Given<A>) => Preparable<R>) => {
    // PostgreSQL keeps the statement under this name on each of its connections.
    const name = `congvu_${names++}`;
    const known = new WeakMap<Query, (values: Values) => PromiseLike<unknown>>();
    const open = new Proxy({}, { get: (_, key) => sql`${sql.placeholder(String(key))}` }) as Given<A>;
    return async ({ db, q }: Store, values: A): Promise<R> => {
      let run = known.get(q);
      if (!run) known.set(q, (run = runOf(build(q, db.t, open).prepare(name), db.dialect, q)));
      // What the prepared statement gives is what awaiting the builder would have given.
      return (await run(values)) as R;
    };
  };
}

/** On SQLite past drizzle's session (logger, cache, a promise for each), which costs more than the statement. */
function runOf(built: Built, dialect: Dialect, q: Query): (values: Values) => PromiseLike<unknown> {
  if (dialect === 'pg') return (values) => built.execute(values);
  const { sql: text, params } = built.getQuery();
  return async (values) => built.mapResult({ rows: await q.statement(text, fillPlaceholders(params, values)) }, true);
}

type Table = Schema[keyof Schema];
/** Far below both engines' limit on parameters. */
const ROWS = 500;

interface Shape {
  columns: [key: string, column: Column][];
  head: string;
  texts: Map<number, string>;
}
const shapes = new WeakMap<Table, Map<string, Shape>>();

/**
 * Rows of one shape: the columns that the first one names.
 * @param tail "on conflict …", "returning …"
 * @returns what `returning` names, as the driver gives it
 */
export async function insertRows<T extends Table>(
  { db, q }: Store,
  table: T,
  rows: readonly T['$inferInsert'][],
  tail = '',
): Promise<unknown[][]> {
  const first = rows[0];
  if (!first) return [];
  const shape = shapeOf(table, first);
  const out: unknown[][] = [];
  for (let i = 0; i < rows.length; i += ROWS) {
    const part = rows.slice(i, i + ROWS);
    const values = part.flatMap((row) => driverValues(shape, row));
    out.push(...(await q.statement(`${textOf(shape, part.length, db.dialect)} ${tail}`, values)));
  }
  return out;
}

function shapeOf(table: Table, row: object): Shape {
  const ofTable = shapes.get(table) ?? new Map<string, Shape>();
  shapes.set(table, ofTable);
  const key = Object.keys(row).join();
  const known = ofTable.get(key);
  if (known) return known;
  const columns = Object.entries<Column>(getTableColumns(table)).filter(([name]) => name in row);
  const names = columns.map(([, column]) => `"${column.name}"`).join(', ');
  const shape = { columns, head: `insert into "${getTableName(table)}" (${names}) values`, texts: new Map() };
  ofTable.set(key, shape);
  return shape;
}

function driverValues({ columns }: Shape, row: object): unknown[] {
  // The keys are those of the table's columns.
  const values = row as Readonly<Record<string, unknown>>;
  return columns.map(([key, column]) => {
    const value = values[key];
    return value == null ? null : column.mapToDriverValue(value);
  });
}

function textOf({ columns, head, texts }: Shape, rows: number, dialect: Dialect): string {
  let text = texts.get(rows);
  if (text === undefined) {
    let n = 0;
    const parameter = () => (dialect === 'pg' ? `$${++n}` : '?');
    const row = () => `(${columns.map(parameter).join(', ')})`;
    text = `${head} ${Array.from({ length: rows }, row).join(', ')}`;
    texts.set(rows, text);
  }
  return text;
}
