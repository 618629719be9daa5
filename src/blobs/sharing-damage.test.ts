/** Damage to files that messages share, to their rows and to recipes is found and never handed out. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { noise } from './testing/noise.ts';
import { letter, NOW, only, SharedFiles } from './testing/sharing.ts';

describe.each(dialects)('damage on $dialect', ({ open }) => {
  let store: SharedFiles;
  beforeAll(async () => {
    store = new SharedFiles(await open());
  });
  afterAll(() => store.dispose());
  beforeEach(() => store.fresh());

  const file = noise(200_000);
  const made = letter('một lá thư', file);
  let hash: BlobHash;
  beforeEach(async () => {
    hash = await store.put(made);
  });
  const path = () => join(store.folder, sha256(file).slice(0, 2), sha256(file));
  const refused = async (code: string) => {
    await expect(store.blobs.read(hash)).rejects.toMatchObject({ code });
    await expect(store.blobs.readRange(hash, 50_000, 60_000)).rejects.toMatchObject({ code });
    const stream = async () => {
      for await (const _ of store.blobs.stream(hash));
    };
    await expect(stream()).rejects.toMatchObject({ code });
    // What is not touched by the damage can still be read.
    expect(Buffer.from(await store.blobs.readRange(hash, 0, 12)).toString()).toBe('Subject: x\r\n');
  };

  it('of a file is found and never handed out', async () => {
    const stored = Buffer.from((await store.blobs.backend.get(sha256(file)))!);
    stored[60_000]! ^= 1;
    await writeFile(path(), stored);
    await refused('blob.damaged');
    expect(await store.findings(false)).toEqual([]);
    expect((await store.findings()).sort()).toEqual(
      [`the bytes of ${hash} have changed`, `the bytes of ${sha256(file)} have changed`].sort(),
    );
    await writeFile(path(), stored.subarray(0, 1000));
    await refused('blob.damaged');
    await rm(path());
    await refused('blob.missing');
    expect(await store.findings(false)).toEqual([`the bytes of ${sha256(file)} are missing`]);
  });

  it('of the row of a file is found', async () => {
    await store.db.write(({ q }) => q.exec(sql`delete from blobs where hash = ${sha256(file)}`));
    await refused('blob.missing');
    expect((await store.findings(false)).join()).toMatch(/needs .*, and one of the two has no row/);
  });

  it('of the row that keeps a file from the sweep is found', async () => {
    await store.db.write(({ q }) => q.exec(sql`delete from blob_parts`));
    expect((await store.findings(false)).join()).toMatch(/is not written down in full/);
    await store.db.write(({ q }) => q.exec(sql`insert into blob_parts (hash, content_hash) values (${hash}, ${hash})`));
    expect(await store.findings(false)).toEqual([]);
    expect((await store.findings()).join()).toMatch(/which no row says/);
    const mended: string[] = [];
    for await (const { finding } of store.blobs.repair()) mended.push(finding);
    expect(mended).toEqual([`what ${hash} needs was written down anew`]);
    await store.db.write(({ q }) => q.exec(sql`delete from blob_parts where content_hash = ${hash}`));
    expect(await store.findings()).toEqual([]);
    for await (const { finding } of store.blobs.repair()) expect(finding).toBeUndefined();
    expect(await store.blobs.sweep(only(hash), NOW + 1)).toBe(0);
  });

  it('of a recipe is found, whatever octet it is', async () => {
    const [[data] = []] = await store.db.read.rows(sql`select data as data from blobs where hash = ${hash}`);
    const recipe = Buffer.from(data as Uint8Array);
    for (let at = 0; at < recipe.length; at += 3) {
      const changed = Buffer.from(recipe);
      changed[at]! ^= 0x11;
      await store.db.write(({ q }) =>
        q
          .update(store.db.t.blobs)
          .set({ data: changed })
          .where(sql`hash = ${hash}`),
      );
      const read = await store.blobs.read(hash).catch((error: unknown) => error);
      if (read instanceof Uint8Array) expect(Buffer.from(read).equals(made.bytes), `octet ${at}`).toBe(true);
      else expect(read).toMatchObject({ kind: 'unavailable', code: expect.stringMatching(/^blob\./) as string });
    }
  });
});
