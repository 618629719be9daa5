/** What changed or was lost in a living store is whole again from its backup: mail, registered documents, the queue, whatever form it lies in. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import type { BlobHash, DocumentId } from '../base/ids.ts';
import { placeIn } from '../blobs/folder.ts';
import { noise } from '../blobs/testing/noise.ts';
import { input, system } from '../documents/testing/parts.ts';
import { sweep } from '../maintenance.ts';
import { mendContent } from './mend-content.usecases.ts';
import { piecesOf, spoil } from './testing/damage.ts';
import { world, type Dialect, type World } from './testing/installation.ts';

const HOUR = 3_600_000;

describe.each(['sqlite', 'pg'] as const)('stored content on %s that is no longer what it was', (dialect: Dialect) => {
  let w: World;
  let documentId: DocumentId;
  let fileIds: number[];
  const [small, large, shared, inMail] = [noise(4000, 1), noise(210_000, 2), noise(190_000, 3), noise(6000, 4)];
  const letters: BlobHash[] = [];
  const mend = () => mendContent(w.parts, { backup: w.backups, actor: 'cli' });

  beforeAll(async () => {
    w = await world(dialect);
    const { documents } = w.parts;
    documentId = (await documents.create(system, input({ recipientCodes: ['H99.01'] }))).id as DocumentId;
    const add = async (bytes: Uint8Array, name: string) =>
      (await documents.addFile(system, documentId, { kind: 'attachment', name, type: 'application/pdf', bytes })).id;
    fileIds = [await add(small, 'nho.pdf'), await add(large, 'lon.pdf'), await add(shared, 'chung.pdf')];
    for (const [name, attachment] of [
      ['chung', shared],
      ['rieng', inMail],
    ] as const)
      letters.push(sha256(await w.put(name, { attachment })));
    letters.push(sha256(await w.put('khong-tep')));
    await w.take();
  });
  afterAll(() => w.dispose());

  /** Changes octets wherever the stored form lies. */
  async function damage(hash: BlobHash): Promise<void> {
    const [row] = await w.parts.db.read.rows(sql`select data from blobs where hash = ${hash}`);
    if (row?.[0] instanceof Uint8Array) {
      const data = Buffer.from(row[0]);
      data.fill(7, data.length >> 1);
      await w.parts.db.write(({ q }) => q.exec(sql`update blobs set data = ${data} where hash = ${hash}`));
    } else {
      const path = placeIn(join(w.data, 'blobs'), hash);
      writeFileSync(path, readFileSync(path).fill(7, 1000));
    }
    expect(await w.parts.blobs.isWhole(hash)).toBe(false);
  }
  const findings = async () => {
    const found: string[] = [];
    for await (const { finding } of w.parts.mailstore.check({ deep: true })) found.push(finding);
    return found;
  };
  async function expectAll(): Promise<void> {
    expect(await findings()).toEqual([]);
    for (const [i, bytes] of [small, large, shared].entries()) {
      const { bytes: held } = await w.parts.documents.fileContent(system, documentId, fileIds[i]!);
      expect(sha256(held)).toBe(sha256(bytes));
    }
    for (const hash of letters) expect(sha256(await w.parts.blobs.read(hash))).toBe(hash);
  }
  const audited = async () => {
    const [row] = await w.parts.db.read.rows(sql`select action, details from audit_log order by id desc limit 1`);
    return [row![0], JSON.parse(String(row![1]))] as [string, unknown];
  };

  it('is left as it is where all of it is whole, and nothing is written down', async () => {
    const before = await audited();
    expect(await mend()).toEqual({ damaged: 0, mended: [], lost: [] });
    expect(await audited()).toEqual(before);
  });

  it.each([
    ['a small file of a document, in its row', [small]],
    ['a large file of a document, in the folder', [large]],
    ['a file that a document and a letter share', [shared]],
    ['all files at once', [small, large, shared, inMail]],
  ])('is whole again: %s', async (_, files) => {
    for (const file of files) await damage(sha256(file));
    const { damaged, mended, lost } = await mend();
    expect(lost).toEqual([]);
    // Letters that need a file could not be read either.
    const broken = [...files.map((file) => sha256(file)), ...(files.includes(shared) ? [letters[0]!] : [])];
    expect(mended).toEqual(expect.arrayContaining(broken));
    expect(damaged).toBe(mended.length);
    await expectAll();
    expect(await audited()).toEqual(['content.mended', { mended: mended.length, lost: 0 }]);
  });

  it('is whole again where letters themselves had changed, and lies as before: its files once', async () => {
    for (const hash of letters) await damage(hash);
    const stored = async () => w.parts.db.read.rows(sql`select hash, size, parts from blobs order by hash`);
    const before = await stored();
    expect((await mend()).mended.sort()).toEqual([...letters].sort());
    await expectAll();
    expect(await stored()).toEqual(before);
  });

  it('comes back where its file is lost, or its row, or both', async () => {
    const path = placeIn(join(w.data, 'blobs'), sha256(large));
    const forget = (hash: BlobHash) => w.parts.db.write(({ q }) => q.exec(sql`delete from blobs where hash = ${hash}`));
    rmSync(path);
    expect((await mend()).mended).toEqual([sha256(large)]);
    await expectAll();
    await forget(sha256(small));
    await forget(letters[1]!);
    expect((await mend()).mended.sort()).toEqual([sha256(small), letters[1]!].sort());
    await expectAll();
    rmSync(path);
    await forget(sha256(large));
    expect((await mend()).mended).toEqual([sha256(large)]);
    await expectAll();
    // And stays: what needs it is known again.
    w.clock.advance(100 * HOUR);
    await sweep(w.parts);
    await expectAll();
  });

  it('does not need any table of the backup, and says what that has lost too', async () => {
    const right = [
      await spoil(w.backups, 'f', sha256(large)),
      await spoil(w.backups, 't', (await piecesOf(w.backups, 'blobs'))[0]!),
      await spoil(w.backups, 't', (await piecesOf(w.backups, 'emails'))[0]!),
    ];
    await damage(sha256(large));
    await damage(sha256(small));
    expect(await mend()).toEqual({ damaged: 2, mended: [sha256(small)], lost: [sha256(large)] });
    expect(await findings()).toEqual([`the bytes of ${sha256(large)} have changed`]);
    for (const step of right.reverse()) step();
    expect((await mend()).mended).toEqual([sha256(large)]);
    await expectAll();
  });

  it('is not taken from the backup of another installation', async () => {
    await w.parts.db.write((tx) => w.parts.facts.put(tx, 'installation.id', 'another'));
    await expect(mend()).rejects.toMatchObject({ code: 'backup.other_installation' });
  });
});
