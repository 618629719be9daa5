/**
 * The packs of a backup folder: everything that any snapshot names, each thing once. A pack is never changed: it grows under
 * another name until it is full and synced, and it goes when little of it is still named (prune.ts).
 */
import { open, readdir, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { makeFolder, syncFolder } from './durable.ts';
import { ObjectIndex } from './object-index.ts';
import { createPackWriter, INDEX_ENTRY, indexName, packName, sha256, type PackWriter } from './pack-writer.ts';
import { DamagedBackup, decodeHead, decodeRecord, encodeRecord, HEAD_BYTES, type Kind } from './records.ts';

/** Below 4 GiB, which the index counts to; so large that a terabyte is a thousand open files. */
const PACK_BYTES = 1024 * 1024 * 1024;

export interface Packs {
  readonly index: ObjectIndex;
  /** Numbers of the finished packs. */
  readonly numbers: number[];
  /** @throws DamagedBackup when it is not there, or not what was written. */
  read(kind: Kind, key: string): Promise<Buffer>;
  /** Unless it is there. */
  add(kind: Kind, key: string, bytes: Uint8Array): Promise<void>;
  /** As it lies elsewhere, for good. */
  copy(kind: Kind, key: string): Promise<void>;
  /** What was added is on the disk. */
  flush(): Promise<void>;
  /** What was not flushed is gone. */
  abandon(): Promise<void>;
  remove(numbers: readonly number[]): Promise<void>;
  /** Every record of a pack, proven. */
  verify(number: number): AsyncIterable<{ kind: Kind; key: string; fault?: string }>;
  size(number: number): Promise<number>;
  close(): Promise<void>;
  /** Bytes written since it was opened. */
  readonly written: number;
}

export async function openPacks(
  folder: string,
  options: { packBytes?: number | undefined; writable: boolean },
): Promise<Packs> {
  if (options.writable) await makeFolder(folder);
  const index = new ObjectIndex();
  const numbers = await finished(folder, options.writable);
  for (const number of numbers) await load(folder, number, index);
  return new FolderPacks(folder, index, numbers, options.packBytes ?? PACK_BYTES);
}

/** A pack without an index was not finished: nothing names it. */
async function finished(folder: string, writable: boolean): Promise<number[]> {
  const names = await readdir(folder);
  const number = (name: string, end: string) => (name.endsWith(end) ? Number(name.slice(0, -end.length)) : NaN);
  const indexes = new Set(names.map((name) => number(name, '.idx')).filter((n) => n > 0));
  const packs = new Set(names.map((name) => number(name, '.pack')).filter((n) => n > 0));
  if (writable) {
    const unfinished = names.filter((name) => name.endsWith('.tmp') || !indexes.has(parseInt(name, 10)));
    for (const name of unfinished) await rm(join(folder, name), { force: true });
  }
  return [...indexes].filter((n) => packs.has(n)).sort((a, b) => a - b);
}

async function load(folder: string, pack: number, index: ObjectIndex): Promise<void> {
  const bytes = await readFile(join(folder, indexName(pack)));
  const body = bytes.subarray(0, Math.max(0, bytes.length - 32));
  if (body.length % INDEX_ENTRY !== 0 || !sha256(body).equals(bytes.subarray(body.length)))
    return loadFromPack(folder, pack, index);
  for (let at = 0; at < body.length; at += INDEX_ENTRY) {
    const kind = body.toString('latin1', at, at + 1) as Kind;
    const key = body.toString('hex', at + 1, at + 33);
    index.put(kind, key, { pack, offset: body.readUInt32BE(at + 33), length: body.readUInt32BE(at + 37) });
  }
  return undefined;
}

/** The index is damaged: the records name themselves. */
async function loadFromPack(folder: string, pack: number, index: ObjectIndex): Promise<void> {
  const file = await open(join(folder, packName(pack)), 'r');
  try {
    const { size } = await file.stat();
    for (let offset = 0; offset < size;) {
      const head = decodeHead(await readAt(file, offset, HEAD_BYTES));
      const length = HEAD_BYTES + head.stored;
      index.put(head.kind, head.key, { pack, offset, length });
      offset += length;
    }
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) throw new DamagedBackup('a pack is shorter than its index says');
    filled += bytesRead;
  }
  return buffer;
}

class FolderPacks implements Packs {
  readonly index: ObjectIndex;
  readonly numbers: number[];
  written = 0;
  private readonly folder: string;
  private readonly packBytes: number;
  private readonly files = new Map<number, Promise<FileHandle>>();
  private writer: PackWriter | undefined;
  /** Added to the unfinished pack: known, but not readable yet. */
  private readonly fresh = new Map<string, { kind: Kind; key: string; offset: number; length: number }>();
  private tail: Promise<void> = Promise.resolve();

  constructor(folder: string, index: ObjectIndex, numbers: number[], packBytes: number) {
    this.folder = folder;
    this.index = index;
    this.numbers = numbers;
    this.packBytes = packBytes;
  }

  async read(kind: Kind, key: string): Promise<Buffer> {
    const where = this.index.find(kind, key);
    if (!where) throw new DamagedBackup(`the backup does not hold ${key}`);
    const record = await readAt(await this.file(where.pack), where.offset, where.length);
    const head = decodeHead(record);
    if (head.kind !== kind || head.key !== key) throw new DamagedBackup('a pack does not hold what its index says');
    return decodeRecord(head, record.subarray(HEAD_BYTES));
  }

  async add(kind: Kind, key: string, bytes: Uint8Array): Promise<void> {
    if (this.index.has(kind, key) || this.fresh.has(kind + key)) return;
    this.fresh.set(kind + key, { kind, key, offset: -1, length: 0 });
    await this.append(kind, key, await encodeRecord(kind, key, bytes));
  }

  async copy(kind: Kind, key: string): Promise<void> {
    const where = this.index.find(kind, key);
    if (!where || this.fresh.has(kind + key)) return;
    const record = await readAt(await this.file(where.pack), where.offset, where.length);
    await decodeRecord(decodeHead(record), record.subarray(HEAD_BYTES));
    await this.append(kind, key, record);
  }

  /** One after the other: records are encoded side by side and appended in a row. */
  private append(kind: Kind, key: string, record: Buffer): Promise<void> {
    const mine = this.tail.then(async () => {
      this.writer ??= await createPackWriter(this.folder, (this.numbers.at(-1) ?? 0) + 1);
      const offset = await this.writer.append(kind, key, record);
      this.fresh.set(kind + key, { kind, key, offset, length: record.length });
      this.written += record.length;
      if (this.writer.size >= this.packBytes) await this.finish();
    });
    this.tail = mine.catch(() => undefined);
    return mine;
  }

  async flush(): Promise<void> {
    await this.tail;
    await this.finish();
  }

  private async finish(): Promise<void> {
    const { writer } = this;
    if (!writer) return;
    await writer.finish();
    this.writer = undefined;
    this.numbers.push(writer.number);
    for (const [name, { kind, key, offset, length }] of this.fresh) {
      // Still being encoded: it comes into the next pack.
      if (offset < 0) continue;
      this.index.put(kind, key, { pack: writer.number, offset, length });
      this.fresh.delete(name);
    }
  }

  async abandon(): Promise<void> {
    await this.tail;
    await this.writer?.abandon();
    this.writer = undefined;
    this.fresh.clear();
  }

  async remove(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      await (await this.files.get(number))?.close();
      this.files.delete(number);
      // The index first: a pack without one is swept at the next opening.
      await rm(join(this.folder, indexName(number)));
      await rm(join(this.folder, packName(number)));
      this.numbers.splice(this.numbers.indexOf(number), 1);
    }
    await syncFolder(this.folder);
  }

  async *verify(number: number): AsyncIterable<{ kind: Kind; key: string; fault?: string }> {
    const file = await this.file(number);
    const size = await this.size(number);
    for (let offset = 0; offset < size;) {
      const head = decodeHead(await readAt(file, offset, Math.min(HEAD_BYTES, size - offset)));
      const { kind, key } = head;
      try {
        await decodeRecord(head, await readAt(file, offset + HEAD_BYTES, head.stored));
        yield { kind, key };
      } catch (error) {
        if (!(error instanceof DamagedBackup)) throw error;
        yield { kind, key, fault: error.message };
      }
      offset += HEAD_BYTES + head.stored;
    }
  }

  async size(number: number): Promise<number> {
    return (await stat(join(this.folder, packName(number)))).size;
  }

  async close(): Promise<void> {
    for (const file of this.files.values()) await (await file).close();
    this.files.clear();
  }

  private file(number: number): Promise<FileHandle> {
    const known = this.files.get(number) ?? open(join(this.folder, packName(number)), 'r');
    this.files.set(number, known);
    return known;
  }
}
