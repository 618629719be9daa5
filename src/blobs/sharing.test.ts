/** Files under names of their own: shared by messages, uploads and documents, kept as long as anything needs them. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import { sha256 } from '../base/bytes.ts';
import { manualClock } from '../base/clock.ts';
import type { BlobHash } from '../base/ids.ts';
import { createBlobStore, ROW_BYTES, type BlobStore, type StagedBlob } from './blob-store.ts';
import { folderBackend } from './folder.ts';
import { CONTENT_BYTES, MAX_CONTENTS, TEXT_BYTES, type Span } from './recipe.ts';
import { noise, noiseText } from './testing/noise.ts';

const NOW = Date.UTC(2026, 0, 12);
const lines76 = (content: Buffer): string => content.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');

/** A message of text and files, and where the files lie in it. */
function letter(text: string, ...files: Buffer[]): { bytes: Buffer; spans: Span[] } {
  const spans: Span[] = [];
  let made = `Subject: x\r\n\r\n${text}\r\n`;
  for (const file of files) {
    made += '--x\r\n\r\n';
    const start = made.length;
    made += lines76(file);
    spans.push({ start, end: made.length, encoding: 'base64', isFile: true });
    made += '\r\n';
  }
  return { bytes: Buffer.from(made, 'latin1'), spans };
}

describe.each(dialects)('files of messages on $dialect', ({ open }) => {
  let test: TestDatabase;
  let folder: string;
  let blobs: BlobStore;
  const clock = manualClock(NOW);
  beforeAll(async () => {
    test = await open();
  });
  afterAll(() => test.dispose());
  const clear = () =>
    test.db.write(async ({ q }) => {
      await q.exec(sql`delete from blobs`);
      await q.exec(sql`delete from blob_parts`);
    });
  beforeEach(async () => {
    clock.set(NOW);
    await clear();
    folder = await mkdtemp(join(tmpdir(), 'congvu-sharing-'));
    blobs = createBlobStore({ db: test.db, backend: folderBackend(folder), clock });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const record = (staged: StagedBlob) => test.db.write((tx) => blobs.record(tx, staged));
  async function put({ bytes, spans }: { bytes: Buffer; spans: Span[] }): Promise<BlobHash> {
    const staged = await blobs.stage(bytes, spans);
    await record(staged);
    return staged.hash;
  }
  const only =
    (...kept: BlobHash[]) =>
    (hashes: BlobHash[]) =>
      Promise.resolve(new Set(hashes.filter((hash) => kept.includes(hash))));
  const findings = async (deep = true) => {
    const list: string[] = [];
    for await (const { finding } of blobs.check(deep)) list.push(finding);
    return list;
  };
  const count = async (table: 'blobs' | 'blob_parts') =>
    Number((await test.db.read.rows(sql`select count(*) as n from ${sql.identifier(table)}`))[0]?.[0]);
  const filesIn = async () => (await readdir(folder, { recursive: true })).filter((name) => name.length > 60).length;
  const expectRead = async (hash: BlobHash, bytes: Buffer) =>
    expect(Buffer.from(await blobs.read(hash)).equals(bytes)).toBe(true);

  it('lie once, decoded, under the name that documents use too', async () => {
    const file = noise(300_000);
    const first = letter('một', file);
    const second = letter('hai', file, file);
    const hashes = [await put(first), await put(second)];
    await put({ bytes: file, spans: [] }); // the same file, registered as a document
    expect(await count('blobs')).toBe(3);
    expect(await filesIn()).toBe(1);
    await expectRead(hashes[0]!, first.bytes);
    await expectRead(hashes[1]!, second.bytes);
    await expectRead(sha256(file), file);
    expect(await blobs.size(hashes[1]!)).toBe(second.bytes.length);
    expect(await findings()).toEqual([]);
  });

  it.each([
    ['below the least size of a file of its own', CONTENT_BYTES - 1, 1, 0],
    ['of that size', CONTENT_BYTES, 2, 0],
    ['that fit into a row', ROW_BYTES - 64, 2, 0],
    ['that do not', ROW_BYTES, 2, 1],
  ])('%s are stored where they belong', async (_, size, rows, outside) => {
    const made = letter('kèm', noise(size));
    await expectRead(await put(made), made.bytes);
    expect([await count('blobs'), await filesIn()]).toEqual([rows, outside]);
  });

  it('are named up to a limit; more of them stay in the text', async () => {
    const files = Array.from({ length: MAX_CONTENTS + 3 }, (_, i) => noise(CONTENT_BYTES, i));
    const made = letter('nhiều', ...files);
    await expectRead(await put(made), made.bytes);
    // The message, its files, and the text: too large for the recipe now that files are in it.
    const text = 3 * CONTENT_BYTES > TEXT_BYTES ? 1 : 0;
    expect(await count('blobs')).toBe(1 + MAX_CONTENTS + text);
  });

  it('stay while a message needs them, whoever else lets go, and leave with the last', async () => {
    const file = noise(200_000);
    const [a, b] = [await put(letter('a', file)), await put(letter('b', file))];
    await put({ bytes: file, spans: [] });
    const old = NOW + 1;
    expect(await blobs.sweep(only(a, b), old)).toBe(0);
    expect(await blobs.sweep(only(b), old)).toBe(1);
    await expectRead(b, letter('b', file).bytes);
    expect(await findings()).toEqual([]);
    expect(await blobs.sweep(only(), old)).toBe(2);
    expect([await count('blobs'), await count('blob_parts')]).toEqual([0, 0]);
  });

  it('stay when a document needs them and no message does', async () => {
    const file = noise(5000);
    await put(letter('a', file));
    expect(await blobs.sweep(only(sha256(file)), NOW + 1)).toBe(1);
    await expectRead(sha256(file), file);
    expect(await findings()).toEqual([]);
  });

  it('are young again when a message that needs them is stored again', async () => {
    const file = noise(5000);
    const made = letter('a', file);
    await put(made);
    clock.set(NOW + 1000);
    await put(made);
    expect(await blobs.sweep(only(), NOW + 500)).toBe(0);
    expect(await blobs.sweep(only(), NOW + 1001)).toBe(2);
  });

  it('survive a sweep that looked before the message came', async () => {
    const file = noise(5000);
    await put({ bytes: file, spans: [] });
    const made = letter('a', file);
    let late: BlobHash | undefined;
    await blobs.sweep(async (hashes) => {
      if (late === undefined && hashes.length > 0) {
        clock.set(NOW + 5000);
        late = await put(made);
      }
      return new Set();
    }, NOW + 1000);
    await expectRead(late!, made.bytes);
    expect(await findings()).toEqual([]);
  });

  it('are found anew in what was uploaded as a whole, large or small', async () => {
    for (const size of [5000, 400_000]) {
      const made = letter(`thư ${size}`, noise(size));
      const hash = await put({ bytes: made.bytes, spans: [] });
      expect(await count('blob_parts')).toBe(0);
      expect(await put(made)).toBe(hash);
      await expectRead(hash, made.bytes);
      expect(await count('blob_parts')).toBe(1);
      // Stored whole again by whoever does not know it for a message: it stays a recipe.
      await put({ bytes: made.bytes, spans: [] });
      await expectRead(hash, made.bytes);
      expect(await findings()).toEqual([]);
      await clear();
    }
  });

  it('may be messages with files themselves', async () => {
    const inner = letter('trong', noise(9000));
    const outer = letter('ngoài', inner.bytes);
    const hash = await put(outer);
    await put(inner);
    await expectRead(hash, outer.bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of blobs.stream(hash, 100)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(outer.bytes.subarray(100))).toBe(true);
    expect(await blobs.sweep(only(hash), NOW + 1)).toBe(0);
    expect(await blobs.sweep(only(), NOW + 1)).toBe(3);
  });

  it('a large text has a name of its own, and goes with its message', async () => {
    const made = letter(noiseText(3 * ROW_BYTES), noise(3000));
    const hash = await put(made);
    expect([await count('blobs'), await filesIn()]).toEqual([3, 1]);
    await expectRead(hash, made.bytes);
    expect(await blobs.sweep(only(), NOW + 1)).toBe(3);
  });

  it('spans that cannot be are no danger: overlapping, backwards, beyond the end, of nothing', async () => {
    const { bytes, spans } = letter('lạ', noise(5000), noise(6000, 2));
    const [a, b] = spans as [Span, Span];
    const odd: Span[][] = [
      [a, a, { ...a, start: a.start + 76 }],
      [b, a],
      [{ ...a, end: bytes.length + 10 }],
      [{ ...a, start: a.end, end: a.start }],
      [{ ...a, start: -5 }],
      [{ ...a, encoding: 'identity' }, b],
      [{ ...a, start: a.start + 1 }],
    ];
    for (const list of odd) {
      const { data: _, ...staged } = await blobs.stage(bytes, list);
      expect(Buffer.from(await blobs.staged(staged)).equals(bytes)).toBe(true);
    }
  });

  describe('damage', () => {
    const file = noise(200_000);
    const made = letter('một lá thư', file);
    let hash: BlobHash;
    beforeEach(async () => {
      hash = await put(made);
    });
    const path = () => join(folder, sha256(file).slice(0, 2), sha256(file));
    const refused = async (code: string) => {
      await expect(blobs.read(hash)).rejects.toMatchObject({ code });
      await expect(blobs.readRange(hash, 50_000, 60_000)).rejects.toMatchObject({ code });
      const stream = async () => {
        for await (const _ of blobs.stream(hash));
      };
      await expect(stream()).rejects.toMatchObject({ code });
      // What is not touched by the damage can still be read.
      expect(Buffer.from(await blobs.readRange(hash, 0, 12)).toString()).toBe('Subject: x\r\n');
    };

    it('of a file is found and never handed out', async () => {
      const stored = Buffer.from((await blobs.backend.get(sha256(file)))!);
      stored[60_000]! ^= 1;
      await writeFile(path(), stored);
      await refused('blob.damaged');
      expect(await findings(false)).toEqual([]);
      expect((await findings()).sort()).toEqual(
        [`the bytes of ${hash} have changed`, `the bytes of ${sha256(file)} have changed`].sort(),
      );
      await writeFile(path(), stored.subarray(0, 1000));
      await refused('blob.damaged');
      await rm(path());
      await refused('blob.missing');
      expect(await findings(false)).toEqual([`the bytes of ${sha256(file)} are missing`]);
    });

    it('of the row of a file is found', async () => {
      await test.db.write(({ q }) => q.exec(sql`delete from blobs where hash = ${sha256(file)}`));
      await refused('blob.missing');
      expect((await findings(false)).join()).toMatch(/needs .*, and one of the two has no row/);
    });

    it('of the row that keeps a file from the sweep is found', async () => {
      await test.db.write(({ q }) => q.exec(sql`delete from blob_parts`));
      expect((await findings(false)).join()).toMatch(/is not written down in full/);
      await test.db.write(({ q }) =>
        q.exec(sql`insert into blob_parts (hash, content_hash) values (${hash}, ${hash})`),
      );
      expect(await findings(false)).toEqual([]);
      expect((await findings()).join()).toMatch(/which no row says/);
      const mended: string[] = [];
      for await (const { finding } of blobs.repair()) mended.push(finding);
      expect(mended).toEqual([`what ${hash} needs was written down anew`]);
      await test.db.write(({ q }) => q.exec(sql`delete from blob_parts where content_hash = ${hash}`));
      expect(await findings()).toEqual([]);
      for await (const { finding } of blobs.repair()) expect(finding).toBeUndefined();
      expect(await blobs.sweep(only(hash), NOW + 1)).toBe(0);
    });

    it('of a recipe is found, whatever octet it is', async () => {
      const [[data] = []] = await test.db.read.rows(sql`select data as data from blobs where hash = ${hash}`);
      const recipe = Buffer.from(data as Uint8Array);
      for (let at = 0; at < recipe.length; at += 3) {
        const changed = Buffer.from(recipe);
        changed[at]! ^= 0x11;
        await test.db.write(({ q }) =>
          q
            .update(test.db.t.blobs)
            .set({ data: changed })
            .where(sql`hash = ${hash}`),
        );
        const read = await blobs.read(hash).catch((error: unknown) => error);
        if (read instanceof Uint8Array) expect(Buffer.from(read).equals(made.bytes), `octet ${at}`).toBe(true);
        else expect(read).toMatchObject({ kind: 'unavailable', code: expect.stringMatching(/^blob\./) as string });
      }
    });
  });

  it('a crash between staging and recording leaves nothing that names what is not there', async () => {
    const made = letter('mất điện', noise(200_000));
    const staged = await blobs.stage(made.bytes, made.spans);
    expect(await filesIn()).toBe(1); // durable before any row names it
    expect(await count('blobs')).toBe(0);
    const failing = test.db.write(async (tx) => {
      await blobs.record(tx, staged);
      throw new Error('cut off');
    });
    await expect(failing).rejects.toThrow('cut off');
    expect([await count('blobs'), await count('blob_parts')]).toEqual([0, 0]);
    expect(await findings()).toEqual([]);
    await record(staged);
    await expectRead(staged.hash, made.bytes);
    expect(staged.rows.map((row) => row.hash)).toContain(sha256(noise(200_000)));
  });

  it('many who store messages with the same files at once, and sweeps beside them, lose nothing', async () => {
    const files = [noise(3000, 1), noise(3000, 2), noise(150_000, 3)];
    const made = Array.from({ length: 24 }, (_, i) =>
      letter(`thư ${i % 8}`, ...(i % 2 === 0 ? files : [...files].reverse())),
    );
    const kept = new Set<BlobHash>();
    const work = made.map(async (each) => {
      const staged = await blobs.stage(each.bytes, each.spans);
      await record(staged);
      kept.add(staged.hash);
    });
    const sweeps = Array.from({ length: 4 }, () => blobs.sweep(only(), NOW));
    await Promise.all([...work, ...sweeps]);
    for (const each of made) await expectRead(sha256(each.bytes), each.bytes);
    expect(await findings()).toEqual([]);
  });
});
