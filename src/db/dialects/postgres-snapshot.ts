/** REPEATABLE READ on a connection of its own: every query sees the moment of the first. */
import pg from 'pg';

import type { Snapshot } from '../database.ts';

const BATCH = 500;

export async function postgresSnapshot<T>(
  options: { connectionString: string; types: pg.CustomTypesConfig },
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(options);
  // The query under way hears of it by itself.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // Rows in the order in which they lie, every time from the beginning.
    await client.query('SET LOCAL synchronize_seqscans = off');
    return await work({
      rows: async (text) => (await client.query<unknown[]>({ text, rowMode: 'array' })).rows,
      table: (name, columns) => batches(client, `select ${columns.join(', ')} from "${name}"`),
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

let cursors = 0;

async function* batches(client: pg.Client, query: string): AsyncIterable<unknown[][]> {
  const name = `snapshot_${++cursors}`;
  await client.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${query}`);
  for (;;) {
    const { rows } = await client.query<unknown[]>({ text: `FETCH ${BATCH} FROM ${name}`, rowMode: 'array' });
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) break;
  }
  await client.query(`CLOSE ${name}`);
}
