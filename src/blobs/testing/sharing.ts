/** A store of messages that share files, in a fresh folder for each test. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { expect } from 'vitest';

import type { TestDatabase } from '../../../test/support/databases.ts';
import { manualClock } from '../../base/clock.ts';
import type { BlobHash } from '../../base/ids.ts';
import { createBlobStore, type BlobStore, type StagedBlob } from '../blob-store.ts';
import { folderBackend } from '../folder.ts';
import type { Span } from '../recipe.ts';

export const NOW = Date.UTC(2026, 0, 12);

const lines76 = (content: Buffer): string => content.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');

export interface Letter {
  bytes: Buffer;
  spans: Span[];
}

/** A message of text and files, and where the files lie in it. */
export function letter(text: string, ...files: Buffer[]): Letter {
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

/** What a sweep is told: these are needed, nothing else is. */
export const only =
  (...kept: BlobHash[]) =>
  (hashes: BlobHash[]): Promise<Set<BlobHash>> =>
    Promise.resolve(new Set(hashes.filter((hash) => kept.includes(hash))));

export class SharedFiles {
  readonly clock = manualClock(NOW);
  blobs!: BlobStore;
  folder = '';
  private readonly test: TestDatabase;

  constructor(test: TestDatabase) {
    this.test = test;
  }

  get db(): TestDatabase['db'] {
    return this.test.db;
  }

  async fresh(): Promise<void> {
    this.clock.set(NOW);
    await this.clear();
    await this.removeFolder();
    this.folder = await mkdtemp(join(tmpdir(), 'congvu-sharing-'));
    this.blobs = createBlobStore({ db: this.db, backend: folderBackend(this.folder), clock: this.clock });
  }

  async dispose(): Promise<void> {
    await this.test.dispose();
    await this.removeFolder();
  }

  clear(): Promise<void> {
    return this.db.write(async ({ q }) => {
      await q.exec(sql`delete from blobs`);
      await q.exec(sql`delete from blob_parts`);
    });
  }

  record(staged: StagedBlob): Promise<void> {
    return this.db.write((tx) => this.blobs.record(tx, staged));
  }

  async put({ bytes, spans }: Letter): Promise<BlobHash> {
    const staged = await this.blobs.stage(bytes, spans);
    await this.record(staged);
    return staged.hash;
  }

  async findings(deep = true): Promise<string[]> {
    const list: string[] = [];
    for await (const { finding } of this.blobs.check(deep)) list.push(finding);
    return list;
  }

  async count(table: 'blobs' | 'blob_parts'): Promise<number> {
    return Number((await this.db.read.rows(sql`select count(*) as n from ${sql.identifier(table)}`))[0]?.[0]);
  }

  async filesIn(): Promise<number> {
    return (await readdir(this.folder, { recursive: true })).filter((name) => name.length > 60).length;
  }

  async expectRead(hash: BlobHash, bytes: Buffer): Promise<void> {
    expect(Buffer.from(await this.blobs.read(hash)).equals(bytes)).toBe(true);
  }

  private async removeFolder(): Promise<void> {
    if (this.folder !== '') await rm(this.folder, { recursive: true, force: true });
  }
}
