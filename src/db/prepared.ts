/**
 * Statements whose text is built once. Every delivered message runs a dozen; building their text with the query builder costs
 * several times what running them does. For the few that are on that path; elsewhere the builder is clearer.
 */
import { Column, fillPlaceholders, getTableColumns, getTableName, sql, type SQL } from 'drizzle-orm';

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
  /** How the driver wants each value; undefined: as it is. */
  convert: (((value: unknown) => unknown) | undefined)[];
  head: string;
  texts: Map<number, string>;
}

/**
 * An insert of rows that have these members, all of them.
 * @param tail "on conflict …", "returning …"
 * @returns what `returning` names, as the driver gives it
 */
export function inserter<N extends keyof Schema, K extends keyof Schema[N]['$inferInsert'] & string>(
  table: N,
  keys: readonly K[],
  tail = '',
): (store: Store, rows: readonly Required<Pick<Schema[N]['$inferInsert'], K>>[]) => Promise<unknown[][]> {
  const shapes: Partial<Record<Dialect, Shape>> = {};
  return async ({ db, q }, rows) => {
    if (rows.length === 0) return [];
    const shape = (shapes[db.dialect] ??= shapeOf(db.t[table], keys));
    const out: unknown[][] = [];
    for (let i = 0; i < rows.length; i += ROWS) {
      const end = Math.min(i + ROWS, rows.length);
      const values: unknown[] = [];
      for (let n = i; n < end; n++) addValues(values, shape, keys, rows[n] ?? {});
      const made = await q.statement(textOf(shape, end - i, db.dialect, tail), values);
      if (end === rows.length && i === 0) return made;
      out.push(...made);
    }
    return out;
  };
}

function shapeOf(table: Table, keys: readonly string[]): Shape {
  const all: Record<string, Column> = getTableColumns(table);
  const columns = keys.map((key) => all[key]).filter((column) => column !== undefined);
  const names = columns.map((column) => `"${column.name}"`).join(', ');
  return {
    convert: columns.map((column) =>
      column.mapToDriverValue === Column.prototype.mapToDriverValue
        ? undefined
        : (value) => column.mapToDriverValue(value),
    ),
    head: `insert into "${getTableName(table)}" (${names}) values`,
    texts: new Map(),
  };
}

function addValues(values: unknown[], { convert }: Shape, keys: readonly string[], row: object): void {
  // The keys are those of the table's columns.
  const given = row as Readonly<Record<string, unknown>>;
  for (let i = 0; i < keys.length; i++) {
    const value = given[keys[i] ?? ''];
    const convertOne = convert[i];
    values.push(value == null ? null : convertOne ? convertOne(value) : value);
  }
}

function textOf({ convert, head, texts }: Shape, rows: number, dialect: Dialect, tail: string): string {
  let text = texts.get(rows);
  if (text === undefined) {
    let n = 0;
    const parameter = () => (dialect === 'pg' ? `$${++n}` : '?');
    const row = () => `(${convert.map(parameter).join(', ')})`;
    text = `${head} ${Array.from({ length: rows }, row).join(', ')} ${tail}`;
    texts.set(rows, text);
  }
  return text;
}
