/** Sweeps of what is much, of what is half there, and of what comes back in another form. */
import { mkdirSync, readdirSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { placeIn } from './folder.ts';
import { pack } from './packed.ts';
import { noise, noiseText } from './testing/noise.ts';
import { letter, NOW, only, SharedFiles } from './testing/sharing.ts';

const RECIPES = 20;
const CONTENTS = 150;

describe.each(dialects)('a sweep on $dialect', ({ dialect, open }) => {
  let store: SharedFiles;
  beforeAll(async () => {
    store = new SharedFiles(await open());
  });
  beforeEach(() => store.fresh());
  afterAll(() => store.dispose());

  it('lets go of thousands of files of a few messages, as many at once as one statement may name', async () => {
    const name = (n: string) => (dialect === 'pg' ? `lpad(to_hex(${n}), 64, '0')` : `printf('%064x', ${n})`);
    const counted = (most: number) =>
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${most}) `;
    // Messages whose files nobody else has; how they would be read does not matter here.
    await store.db.write(async ({ q }) => {
      await q.exec(
        sql.raw(`insert into blobs (hash, size, parts, created_at, data)
          ${counted(RECIPES)} select ${name('i')}, 1, ${CONTENTS}, 0, ${dialect === 'pg' ? `'\\x02'::bytea` : `x'02'`} from n`),
      );
      await q.exec(
        sql.raw(`insert into blobs (hash, size, parts, created_at)
          ${counted(RECIPES * CONTENTS)} select ${name('1000000 + i')}, 1, 0, 0 from n`),
      );
      await q.exec(
        sql.raw(`insert into blob_parts (hash, content_hash)
          ${counted(RECIPES * CONTENTS)} select ${name(`1 + i % ${RECIPES}`)}, ${name('1000000 + i')} from n`),
      );
    });
    let most = 0;
    const nobody = (hashes: BlobHash[]) => {
      most = Math.max(most, hashes.length);
      return Promise.resolve(new Set<BlobHash>());
    };
    expect(await store.blobs.sweep(nobody, NOW)).toBe(RECIPES * (CONTENTS + 1));
    expect(most).toBeLessThanOrEqual(500);
    expect([await store.count('blobs'), await store.count('blob_parts')]).toEqual([0, 0]);
  });

  it('that is cut off leaves nothing that is needed without what it needs, and the next one ends it', async () => {
    const kept = letter('ở lại', noise(3000, 1), noise(4000, 2));
    const gone = letter('đi', noise(3000, 1), noise(150_000, 3));
    const [stays, goes] = [await store.put(kept), await store.put(gone)];
    let asked = 0;
    const failing = (hashes: BlobHash[]) =>
      ++asked === 2 ? Promise.reject(new Error('the database went')) : only(stays)(hashes);
    await expect(store.blobs.sweep(failing, NOW + 1)).rejects.toThrow('went');
    await store.expectRead(stays, kept.bytes);
    expect(await store.findings()).toEqual([]);
    await store.blobs.sweep(only(stays), NOW + 1);
    expect(await store.blobs.size(goes)).toBeUndefined();
    await store.expectRead(stays, kept.bytes);
    expect(await store.findings()).toEqual([]);
  });

  it('clears what a killed write left beside a file, once it is old, and nothing younger', async () => {
    const hash = await store.put({ bytes: noise(200_000), spans: [] });
    const beside = `${placeIn(store.folder, hash)}.0123456789ab.tmp`;
    const other = join(store.folder, 'ff', `${'f'.repeat(64)}.ba9876543210.tmp`);
    mkdirSync(dirname(other), { recursive: true });
    for (const path of [beside, other]) writeFileSync(path, 'half');
    const old = new Date(NOW - 1000);
    utimesSync(beside, old, old);
    await store.blobs.sweep(only(hash), NOW);
    const left = readdirSync(store.folder, { recursive: true }).filter((name) => String(name).endsWith('.tmp'));
    expect(left).toHaveLength(1);
    expect(String(left[0])).toContain('ba9876543210');
    await store.expectRead(hash, noise(200_000));
  });

  it('content whose file was lost is whole again when it comes in a form that fits into its row', async () => {
    const bytes = Buffer.from(noiseText(190_000));
    const hash = await store.put({ bytes, spans: [] });
    unlinkSync(placeIn(store.folder, hash));
    expect(await store.findings()).toHaveLength(1);
    // As another release may pack it: what is in the row is all that there is.
    const row = { hash: sha256(bytes), size: bytes.length, names: [], data: await pack(bytes) };
    await store.record({ hash, size: bytes.length, rows: [row] });
    await store.expectRead(hash, bytes);
    // And stays so, for whoever stages the same bytes later.
    await store.put({ bytes, spans: [] });
    await store.expectRead(hash, bytes);
    expect(await store.findings()).toEqual([]);
  });
});
