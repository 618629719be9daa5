/** Appends records to one pack until it is full. Nothing counts before its index lies beside it, synced. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';

import { syncFolder, writeDurably } from './durable.ts';
import type { Kind } from './records.ts';

/** kind (1) | key (32) | offset (4) | length (4), then a SHA-256 over all of them. */
export const INDEX_ENTRY = 41;
const GATHER = 1024 * 1024;

export const packName = (number: number): string => `${String(number).padStart(8, '0')}.pack`;
export const indexName = (number: number): string => `${String(number).padStart(8, '0')}.idx`;

export interface PackWriter {
  readonly number: number;
  readonly size: number;
  /** @returns its offset */
  append(kind: Kind, key: string, record: Buffer): Promise<number>;
  /** Durable after this. */
  finish(): Promise<void>;
  /** Leaves nothing of it. */
  abandon(): Promise<void>;
}

export async function createPackWriter(folder: string, number: number): Promise<PackWriter> {
  const path = join(folder, packName(number));
  const beside = `${path}.tmp`;
  const file = await open(beside, 'w', 0o600);
  const state = { size: 0, entries: [] as IndexEntry[], waiting: [] as Buffer[], gathered: 0 };
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(state.waiting.splice(0));
    state.gathered = 0;
    await writeAll(file, bytes);
  };
  return {
    number,
    get size() {
      return state.size;
    },
    async append(kind, key, record) {
      const offset = state.size;
      state.size += record.length;
      state.entries.push({ kind, key, offset, length: record.length });
      state.waiting.push(record);
      state.gathered += record.length;
      if (state.gathered >= GATHER) await flush();
      return offset;
    },
    async finish() {
      await flush();
      await file.sync();
      await file.close();
      await rename(beside, path);
      await syncFolder(folder);
      await writeIndex(folder, number, state.entries);
    },
    async abandon() {
      await file.close().catch(() => undefined);
      await rm(beside, { force: true });
    },
  };
}

export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

interface IndexEntry {
  kind: Kind;
  key: string;
  offset: number;
  length: number;
}

export async function writeIndex(folder: string, number: number, entries: readonly IndexEntry[]): Promise<void> {
  const body = Buffer.concat(entries.map(octetsOf));
  await writeDurably(join(folder, indexName(number)), Buffer.concat([body, sha256(body)]));
}

function octetsOf({ kind, key, offset, length }: IndexEntry): Buffer {
  const entry = Buffer.alloc(INDEX_ENTRY);
  entry.write(kind, 0, 'latin1');
  entry.write(key, 1, 'hex');
  entry.writeUInt32BE(offset, 33);
  entry.writeUInt32BE(length, 37);
  return entry;
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
}
