/** What happens between the moment of a snapshot and the moment in which each content is copied. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import type { BlobHash } from '../base/ids.ts';
import { pack } from '../blobs/blob-store.ts';
import { placeIn } from '../blobs/folder.ts';
import { noise } from '../blobs/testing/noise.ts';
import type { Parts } from '../parts.ts';
import { backup, type BackupReport } from './backup.usecases.ts';
import { readSnapshot } from './snapshots.ts';
import { world, type Dialect, type World } from './testing/installation.ts';
import { verifyFolder } from './verify.usecases.ts';

const DAY = 86_400_000;

describe.each(['sqlite', 'pg'] as const)('a snapshot on %s', (dialect: Dialect) => {
  let w: World;
  beforeAll(async () => {
    w = await world(dialect);
    await w.put('dau-tien');
  });
  afterAll(() => w.dispose());

  const record = (bytes: Buffer): Promise<BlobHash> =>
    w.parts.db.write(async (tx) => {
      await w.parts.blobs.record(tx, staged.get(bytes)!);
      return staged.get(bytes)!.hash;
    });
  const staged = new Map<Buffer, Awaited<ReturnType<Parts['blobs']['stage']>>>();
  const upload = async (bytes: Buffer): Promise<BlobHash> => {
    staged.set(bytes, await w.parts.blobs.stage(bytes));
    return record(bytes);
  };
  /** `work` is done when the tables have been read and nothing is copied yet. */
  async function takeWith(work: () => Promise<unknown>, more: Partial<Parts> = {}): Promise<BackupReport> {
    w.clock.advance(DAY);
    const { db } = w.parts;
    const parts: Parts = {
      ...w.parts,
      ...more,
      db: {
        ...db,
        async snapshot(read) {
          const state = await db.snapshot(read);
          await work();
          return state;
        },
      },
    };
    return backup(parts, { folder: w.backups, version: 'test', keep: 30, months: 0 });
  }
  const letter = (subject: string, ...files: Buffer[]): Buffer =>
    Buffer.from(
      `From: a@example.org\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${files
        .map((file) => file.toString('base64').replace(/.{76}/g, '$&\r\n'))
        .map((lines) => `--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}\r\n`)
        .join('')}--b--\r\n`,
    );
  const arrive = async (bytes: Buffer): Promise<void> => {
    const message = await w.parts.mailstore.prepare(bytes);
    await w.parts.mailstore.write(w.people.hung.accountId, async (writer) => {
      const inbox = await writer.mailboxByRole('inbox');
      await writer.append(message, { mailboxIds: [inbox!.id] });
    });
  };

  it.each([
    ['small', noise(20_000, 1)],
    ['large', noise(300_000, 2)],
  ])(
    'holds an upload as it was then, which has become a letter with a %s file before it was copied',
    async (_, file) => {
      const bytes = letter(`tai-len-${file.length}`, file);
      const hash = await upload(bytes);
      const { snapshot, missing } = await takeWith(() => arrive(bytes));
      expect(missing).toEqual([]);
      // Nothing of that letter was in the tables, so nothing that it needs now is in this snapshot.
      const { report, open } = await w.bringBack('sqlite', { snapshot });
      expect(report).toMatchObject({ lost: [], findings: [] });
      const parts = await open();
      try {
        expect(sha256(await parts.blobs.read(hash))).toBe(hash);
      } finally {
        await parts.close();
      }
      // The next one has the letter, and the form that it has now.
      expect((await w.take()).newContents).toBeGreaterThan(0);
      expect(await verifyFolder(w.backups)).toMatchObject({ faults: [] });
    },
  );

  it('does not miss what a sweep under way takes in that moment, file or row: nothing named it', async () => {
    const gone = [await upload(noise(200_000, 5)), await upload(noise(900, 6))];
    const report = await takeWith(
      () =>
        // The rows go first; the file is still there when it is copied.
        w.parts.blobs.sweep(
          (hashes) => Promise.resolve(new Set(hashes.filter((hash) => !gone.includes(hash)))),
          w.clock.now() + DAY,
        ),
      {
        blobs: {
          ...w.parts.blobs,
          backend: { ...w.parts.blobs.backend, get: () => Promise.resolve(noise(200_000, 5)) },
        },
      },
    );
    expect(report.missing).toEqual([]);
    expect((await readSnapshot(w.backups)).swept).toEqual(expect.arrayContaining(gone));
  });

  it('of which one file cannot be read is taken with all others, and names it', async () => {
    const file = noise(400_000, 7);
    await arrive(letter('dia-hong', file));
    await arrive(letter('con-lai', noise(400_000, 8)));
    for (const code of ['EIO', 'EACCES']) {
      const failing = Object.assign(new Error(code), { code });
      const of = <T>(hash: BlobHash, work: () => Promise<T>) =>
        hash === sha256(file) ? Promise.reject(failing) : work();
      const { blobs } = w.parts;
      const backend = { ...blobs.backend, get: (hash: BlobHash) => of(hash, () => blobs.backend.get(hash)) };
      const report = await takeWith(() => Promise.resolve(), {
        blobs: { ...blobs, backend, read: (hash) => of(hash, () => blobs.read(hash)) },
      });
      expect(report.missing).toEqual([sha256(file)]);
      expect((await readSnapshot(w.backups)).missing).toEqual([sha256(file)]);
    }
    expect((await w.take()).missing).toEqual([]);
  });

  it('copies content that lies in another place than the tables said', async () => {
    const bytes = noise(180_000, 9);
    const hash = await upload(bytes);
    const { missing } = await takeWith(async () => {
      // Its file is lost, and it comes again as another release packs it: into its row.
      rmSync(placeIn(join(w.data, 'blobs'), hash));
      const row = { hash, size: bytes.length, names: [], data: await pack(bytes) };
      await w.parts.db.write((tx) => w.parts.blobs.record(tx, { hash, size: bytes.length, rows: [row] }));
    });
    expect(missing).toEqual([]);
    const { report, open } = await w.bringBack('sqlite');
    expect(report).toMatchObject({ lost: [], findings: [] });
    const parts = await open();
    expect(sha256(await parts.blobs.read(hash))).toBe(hash);
    await parts.close();
  });
});
