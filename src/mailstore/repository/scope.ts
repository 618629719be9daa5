/** What every query of one account needs, and the few places where the dialects differ. */
import { sql, type SQL, type SQLWrapper } from 'drizzle-orm';

import type { AccountId } from '../../base/ids.ts';
import type { Database, Query } from '../../db/database.ts';
import type { Dialect } from '../../db/kit.ts';

export interface Store {
  readonly db: Pick<Database, 'dialect' | 't'>;
  readonly q: Query;
}
export interface Scope extends Store {
  readonly accountId: AccountId;
}

/** Rows per insert: far below both engines' limit on parameters. */
export const ROWS = 500;

export function* chunks<T>(list: readonly T[], size = ROWS): Generator<T[]> {
  for (let i = 0; i < list.length; i += size) yield list.slice(i, i + size);
}

/** `column in (ids)` as one parameter: one statement text, prepared once, for any number of ids. */
export function inIds(dialect: Dialect, column: SQLWrapper, ids: ArrayLike<number>): SQL {
  const list = idList(dialect, ids);
  return dialect === 'sqlite'
    ? sql`${column} in (select value from json_each(${list}))`
    : sql`${column} = any(${list}::bigint[])`;
}

/** The one parameter of a condition over ids. */
export function idList(dialect: Dialect, ids: ArrayLike<number>): string {
  const text = Array.prototype.join.call(ids, ',');
  return dialect === 'sqlite' ? `[${text}]` : `{${text}}`;
}

/** The same for a statement of `ask`, after the column's name. */
export const among = (dialect: Dialect): string =>
  dialect === 'sqlite' ? 'in (select value from json_each(?))' : '= any(?::bigint[])';

/** Runs a statement whose text is known, `?` for each value: for reads of many rows, where the builder would cost more than the database. */
export function ask({ db, q }: Store, text: string, values: readonly unknown[]): Promise<unknown[][]> {
  let n = 0;
  return q.statement(db.dialect === 'pg' ? text.replace(/\?/g, () => `$${++n}`) : text, values);
}

/** For hexadecimal digits only: nothing in them needs quoting. */
export const inHashes = (dialect: Dialect, column: SQLWrapper, hashes: readonly string[]): SQL =>
  inHashList(dialect, column, hashList(dialect, hashes));

/** The one parameter of `inHashList`. */
export const hashList = (dialect: Dialect, hashes: readonly string[]): string =>
  dialect === 'sqlite' ? JSON.stringify(hashes) : `{${hashes.join(',')}}`;

export const inHashList = (dialect: Dialect, column: SQLWrapper, list: SQL | string): SQL =>
  dialect === 'sqlite'
    ? sql`${column} in (select value from json_each(${list}))`
    : sql`${column} = any(${list}::text[])`;

/** Substring without case rules of its own: both sides are folded before. U+0000 is looked for as it is stored (`clean`). */
export const contains = (column: SQLWrapper, text: string): SQL =>
  sql`${column} like ${`%${text.replaceAll('\0', '\ufffd').replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`;
