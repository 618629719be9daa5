/** The two tables: `blobs`, and `blob_parts`, which says what a recipe needs. */
import { sql } from 'drizzle-orm';

import type { BlobHash } from '../base/ids.ts';
import type { Database, Query, Tx } from '../db/database.ts';
import { inserter } from '../db/prepared.ts';

export interface BlobRow {
  hash: BlobHash;
  size: number;
  /** The stored form; undefined: it lies in the folder. */
  data: Buffer | undefined;
}

export interface NewRow {
  readonly hash: BlobHash;
  readonly size: number;
  /** What a recipe needs; empty for content. */
  readonly names: readonly BlobHash[];
  readonly data: Buffer | undefined;
}

const asBuffer = (value: unknown): Buffer | undefined =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : undefined;

/** What reading needs of a database. */
type Reading = Pick<Database, 'dialect' | 'read'>;

export async function findRow({ dialect, read }: Reading, hash: BlobHash): Promise<BlobRow | undefined> {
  const given = dialect === 'pg' ? '$1' : '?';
  // Once for every message that is read: the text of the statement is known.
  const [row] = await read.statement(`select "size", "data" from "blobs" where "hash" = ${given}`, [hash]);
  return row && { hash, size: Number(row[0]), data: asBuffer(row[1]) };
}

/** At most a few hundred, as many as a recipe names. */
export async function findRows(db: Reading, hashes: readonly BlobHash[]): Promise<Map<BlobHash, BlobRow>> {
  const found = new Map<BlobHash, BlobRow>();
  const [only] = hashes;
  if (hashes.length === 1 && only !== undefined) {
    const row = await findRow(db, only);
    if (row) found.set(only, row);
  } else if (hashes.length > 1) {
    // Lists are made longer by their last name, so that few texts serve all.
    const length = 2 ** Math.ceil(Math.log2(hashes.length));
    const names = Array.from({ length }, (_, i) => hashes[i] ?? hashes.at(-1));
    const given = names.map((_, i) => (db.dialect === 'pg' ? `$${i + 1}` : '?')).join();
    const rows = await db.read.statement(
      `select "hash", "size", "data" from "blobs" where "hash" in (${given})`,
      names,
    );
    for (const [name, size, data] of rows) {
      const hash = String(name) as BlobHash;
      found.set(hash, { hash, size: Number(size), data: asBuffer(data) });
    }
  }
  return found;
}

export async function findSize({ dialect, read }: Database, hash: BlobHash): Promise<number | undefined> {
  const given = dialect === 'pg' ? '$1' : '?';
  const [row] = await read.statement(`select "size" from "blobs" where "hash" = ${given}`, [hash]);
  return row && Number(row[0]);
}

const list = (hashes: readonly BlobHash[]) =>
  sql`(${sql.join(
    hashes.map((hash) => sql`${hash}`),
    sql`, `,
  )})`;

/** Nothing of this age is swept (`maintenance.blobGraceHours` is one at least), ms: it need not be made younger. */
export const YOUNG = 600_000;

/**
 * What is there already stays as it is and becomes young again, unless it is: a row is written with all its octets, and the picture
 * below a signature comes with every message. But a recipe takes the place of content that was stored whole (an upload that turned
 * out to be a message). Octets for a row that has none come only when the folder has lost them.
 */
const RENEW = `on conflict ("hash") do update set "created_at" = excluded."created_at",
  "data" = case when excluded."parts" > "blobs"."parts" then excluded."data" else coalesce("blobs"."data", excluded."data") end,
  "parts" = case when excluded."parts" > "blobs"."parts" then excluded."parts" else "blobs"."parts" end
  where "blobs"."created_at" < excluded."created_at" - ${YOUNG} or excluded."parts" > "blobs"."parts"
    or ("blobs"."data" is null and excluded."data" is not null)`;

const insert = inserter('blobs', ['hash', 'size', 'parts', 'createdAt', 'data'], RENEW);
const insertParts = inserter('blobParts', ['hash', 'contentHash'], 'on conflict do nothing');

/** Rows in the order of their names, so that two transactions never wait for each other. */
export async function writeRows(db: Database, { q }: Tx, rows: readonly NewRow[], now: number): Promise<void> {
  const store = { db, q };
  const sorted = [...rows].sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const values = sorted.map(({ hash, size, names, data }) => ({
    ...{ hash, size, parts: names.length, createdAt: now },
    data: data ?? null,
  }));
  await insert(store, values);
  const parts = sorted.flatMap(({ hash, names }) => names.map((contentHash) => ({ hash, contentHash })));
  await insertParts(store, parts);
}

/** What lies there could not be read. What the old form needed besides is kept a while longer than it must be. */
export async function replaceRow({ q }: Tx, { hash, size, names, data }: NewRow): Promise<void> {
  await q.exec(
    sql`update blobs set size = ${size}, parts = ${names.length}, data = ${data ?? null} where hash = ${hash}`,
  );
}

/** What a recipe needs, and that it is young: a sweep beside us may have seen it unused. */
export async function writeParts(
  db: Database,
  { q }: Tx,
  hash: BlobHash,
  names: readonly BlobHash[],
  now: number,
): Promise<void> {
  await q.exec(sql`update blobs set created_at = ${now} where hash in ${list([hash, ...names])}`);
  const parts = names.map((contentHash) => ({ hash, contentHash }));
  await insertParts({ db, q }, parts);
}

/** Content and all that its recipe needs, if it lies here; undefined also where that needs more in turn. */
export async function wholeRows(
  { dialect, read }: Reading,
  hash: BlobHash,
): Promise<{ hash: BlobHash; size: number; inRow: boolean }[] | undefined> {
  const given = dialect === 'pg' ? '$1' : '?';
  const rows = await read.statement(
    `select b."hash", b."size", b."parts", case when b."data" is null then 0 else 1 end,
      (select count(*) from "blob_parts" where "hash" = w."hash")
      from (select ${given} as "hash") w join "blobs" b
      on b."hash" = w."hash" or b."hash" in (select "content_hash" from "blob_parts" where "hash" = w."hash")`,
    [hash],
  );
  const needed = Number(rows[0]?.[4] ?? 0);
  const isNested = rows.some(([name, , parts]) => name !== hash && Number(parts) > 0);
  const whole = rows.map(([name, size, , inRow]) => ({
    hash: String(name) as BlobHash,
    size: Number(size),
    inRow: Number(inRow) === 1,
  }));
  return whole.length === needed + 1 && whole.some((one) => one.hash === hash) && !isNested ? whole : undefined;
}

/** Makes them young. @returns false when one went: no sweep takes those that are here now. */
export async function renewRows(
  { dialect }: Pick<Database, 'dialect'>,
  { q }: Tx,
  hashes: readonly BlobHash[],
  now: number,
): Promise<boolean> {
  const given = hashes.map((_, i) => (dialect === 'pg' ? `$${i + 1}` : '?')).join(', ');
  const text = `select count(*), min("created_at") from "blobs" where "hash" in (${given})`;
  const [[count, oldest] = []] = await q.statement(text, hashes);
  if (Number(count) !== hashes.length) return false;
  if (Number(oldest) >= now - YOUNG) return true;
  await q.exec(sql`update blobs set created_at = ${now} where hash in ${list(hashes)} and created_at < ${now - YOUNG}`);
  // On PostgreSQL a sweep beside us may have come before that.
  const [[left] = []] = await q.statement(text, hashes);
  return Number(left) === hashes.length;
}

export async function hashesBefore(db: Database, before: number, after: string, limit: number): Promise<BlobHash[]> {
  const rows = await db.read.rows(
    sql`select hash from blobs where hash > ${after} and created_at < ${before} order by hash limit ${limit}`,
  );
  return rows.map(([hash]) => String(hash) as BlobHash);
}

/** Which of these some recipe needs. */
export async function neededParts(q: Query, hashes: readonly BlobHash[]): Promise<Set<BlobHash>> {
  if (hashes.length === 0) return new Set();
  const rows = await q.rows(
    sql`select distinct content_hash as hash from blob_parts where content_hash in ${list(hashes)}`,
  );
  return new Set(rows.map(([hash]) => String(hash) as BlobHash));
}

/** Removes what is still old and what no recipe needs now. @returns how many, and what their recipes needed. */
export async function deleteRows(
  { q }: Tx,
  hashes: readonly BlobHash[],
  before: number,
): Promise<{ removed: number; released: BlobHash[] }> {
  // Recorded again since it was looked at: then it is in use, whatever was known before.
  const rows = await q.rows(
    sql`delete from blobs where hash in ${list(hashes)} and created_at < ${before}
      and not exists (select 1 from blob_parts p where p.content_hash = blobs.hash) returning hash`,
  );
  const gone = rows.map(([hash]) => String(hash) as BlobHash);
  if (gone.length === 0) return { removed: 0, released: [] };
  const released = await q.rows(sql`delete from blob_parts where hash in ${list(gone)} returning content_hash as hash`);
  return { removed: gone.length, released: [...new Set(released.map(([hash]) => String(hash) as BlobHash))] };
}

/** Of these names, those whose row says that the folder has them. */
export async function inFolder({ read }: Database, hashes: readonly BlobHash[]): Promise<Set<BlobHash>> {
  const rows = await read.rows(sql`select hash from blobs where hash in ${list(hashes)} and data is null`);
  return new Set(rows.map(([hash]) => String(hash) as BlobHash));
}

export async function partsOf({ read }: Database, hash: BlobHash): Promise<Set<BlobHash>> {
  const rows = await read.rows(sql`select content_hash as hash from blob_parts where hash = ${hash}`);
  return new Set(rows.map(([name]) => String(name) as BlobHash));
}

export interface CheckedRow {
  hash: BlobHash;
  size: number;
  inRow: boolean;
}

export async function rowsAfter(db: Database, after: string, limit: number): Promise<CheckedRow[]> {
  const rows = await db.read.rows(
    sql`select hash, size, case when data is null then 0 else 1 end as in_row from blobs
      where hash > ${after} order by hash limit ${limit}`,
  );
  return rows.map(([hash, size, inRow]) => ({
    hash: String(hash) as BlobHash,
    size: Number(size),
    inRow: Number(inRow) === 1,
  }));
}

/** Recipes and what they need, as far as the two tables disagree. */
export async function brokenParts(
  { read }: Database,
  limit: number,
): Promise<{ hash: BlobHash; lacks: BlobHash | undefined }[]> {
  const rows = await read.rows(
    sql`select p.hash as hash, p.content_hash as content from blob_parts p
        left join blobs b on b.hash = p.hash left join blobs c on c.hash = p.content_hash
        where b.hash is null or c.hash is null
      union all select b.hash as hash, null as content from blobs b
        where b.parts > (select count(*) from blob_parts p where p.hash = b.hash) limit ${limit}`,
  );
  return rows.map(([hash, content]) => ({
    hash: String(hash) as BlobHash,
    lacks: typeof content === 'string' ? (content as BlobHash) : undefined,
  }));
}
