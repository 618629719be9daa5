/** Looks into the SQLite database of a data folder, beside the running server. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { DatabaseSync } from '@photostructure/sqlite';
import * as v from 'valibot';

const fileIn = (data: string) => join(data, 'congvu.db');

function within<T>(data: string, work: (db: InstanceType<typeof DatabaseSync>) => T): T {
  const db = new DatabaseSync(fileIn(data));
  try {
    db.exec('PRAGMA busy_timeout=10000');
    return work(db);
  } finally {
    db.close();
  }
}

/** Copies the write-ahead log back and empties it: what is written twice only for a while is no use of the disk. */
export async function checkpoint(data: string): Promise<void> {
  if (!existsSync(fileIn(data))) return;
  for (let tries = 0; tries < 20; tries++) {
    const row: unknown = within(data, (db) => db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as unknown);
    if (v.parse(v.object({ busy: v.number() }), row).busy === 0) return;
    await sleep(250);
  }
  throw new Error('the write-ahead log cannot be copied back: a reader holds it');
}

const rows = v.array(v.object({ name: v.string(), bytes: v.number() }));

/** Bytes of the database by table; an index counts with its own name. */
export function bytesByTable(data: string): { name: string; bytes: number }[] {
  const sql = 'select name, sum(pgsize) as bytes from dbstat group by name order by bytes desc';
  return within(data, (db) => v.parse(rows, db.prepare(sql).all()));
}
