/**
 * The packs of a backup folder: everything that any snapshot names, each thing once. A pack is never changed: it grows under
 * another name until it is full and synced, and it goes when little of it is still named (prune.ts).
 */
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { makeFolder, syncFolder } from './durable.ts';
import { ObjectIndex } from './object-index.ts';
import { loadPacks, readAt } from './pack-files.ts';
import { createPackWriter, indexName, packName, type PackWriter } from './pack-writer.ts';
import { DamagedBackup, decodeHead, decodeRecord, encodeRecord, HEAD_BYTES, type Kind } from './records.ts';
import { readSuspects, writeSuspects } from './suspects.ts';

/** Below 4 GiB, which the index counts to; so large that a terabyte is a thousand open files. */
const PACK_BYTES = 1024 * 1024 * 1024;

export interface Packs {
  readonly index: ObjectIndex;
  /** Numbers of the finished packs. */
  readonly numbers: number[];
  /** Of these, those that hold more than could be found in them. */
  readonly broken: ReadonlySet<number>;
  /** It need not be added. */
  has(kind: Kind, key: string): boolean;
  /** These were found damaged: `add` will copy them anew, and until then they stay as they are. */
  suspect(things: readonly { kind: Kind; key: string }[]): Promise<void>;
  /** The same for this run only: whoever says so writes it anew at once, and would find it again. */
  doubt(kind: Kind, key: string): void;
  /** Reads it to its end. @returns why it cannot be had as it was written, undefined when it can. */
  fault(kind: Kind, key: string): Promise<string | undefined>;
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
  /** Everything that can be found, proven; each pack from its beginning to its end. */
  verify(): AsyncIterable<{ kind: Kind; key: string; fault?: string }>;
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
  const loaded = await loadPacks(folder, index, options.writable);
  const suspects = await readSuspects(folder);
  return new FolderPacks({ folder, index, ...loaded, suspects, packBytes: options.packBytes ?? PACK_BYTES });
}

class FolderPacks implements Packs {
  readonly index: ObjectIndex;
  readonly numbers: number[];
  readonly broken: ReadonlySet<number>;
  written = 0;
  private readonly folder: string;
  private readonly packBytes: number;
  private readonly suspects: Set<string>;
  private readonly files = new Map<number, Promise<FileHandle>>();
  private writer: PackWriter | undefined;
  /** Added to the unfinished pack: known, but not readable yet. */
  private readonly fresh = new Map<string, { kind: Kind; key: string; offset: number; length: number }>();
  private tail: Promise<void> = Promise.resolve();
  /** Suspects were taken off the list since it was written. */
  private trusted = false;
  private abandoned = false;

  constructor(
    given: Pick<Packs, 'index' | 'numbers' | 'broken'> & { folder: string; suspects: Set<string>; packBytes: number },
  ) {
    this.folder = given.folder;
    this.index = given.index;
    this.numbers = given.numbers;
    this.broken = given.broken;
    this.suspects = given.suspects;
    this.packBytes = given.packBytes;
  }

  has(kind: Kind, key: string): boolean {
    return this.index.has(kind, key) && !this.suspects.has(kind + key);
  }

  async suspect(things: readonly { kind: Kind; key: string }[]): Promise<void> {
    for (const { kind, key } of things) this.suspects.add(kind + key);
    if (things.length > 0) await writeSuspects(this.folder, this.suspects);
  }

  async read(kind: Kind, key: string): Promise<Buffer> {
    const where = this.index.find(kind, key);
    if (!where) throw new DamagedBackup(`the backup does not hold ${key}`);
    const record = await readAt(await this.file(where.pack), where.offset, where.length);
    return proven(kind, key, record);
  }

  doubt(kind: Kind, key: string): void {
    this.suspects.add(kind + key);
  }

  async fault(kind: Kind, key: string): Promise<string | undefined> {
    try {
      await this.read(kind, key);
      return undefined;
    } catch (error) {
      if (error instanceof DamagedBackup) return error.message;
      throw error;
    }
  }

  async add(kind: Kind, key: string, bytes: Uint8Array): Promise<void> {
    if (this.has(kind, key) || this.fresh.has(kind + key)) return;
    this.fresh.set(kind + key, { kind, key, offset: -1, length: 0 });
    await this.append(kind, key, await encodeRecord(kind, key, bytes));
  }

  async copy(kind: Kind, key: string): Promise<void> {
    const where = this.index.find(kind, key);
    if (!where || this.fresh.has(kind + key)) return;
    const record = await readAt(await this.file(where.pack), where.offset, where.length);
    await proven(kind, key, record);
    await this.append(kind, key, record);
  }

  /** One after the other: records are encoded side by side and appended in a row. */
  private append(kind: Kind, key: string, record: Buffer): Promise<void> {
    const mine = this.tail.then(async () => {
      // What was still being encoded when its backup broke off must not write beside the next one.
      if (this.abandoned) throw new Error('this backup was broken off');
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
    if (this.trusted) await writeSuspects(this.folder, this.suspects);
    this.trusted = false;
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
      // Copied anew: from now on that place counts.
      if (this.suspects.delete(name)) this.trusted = true;
    }
  }

  async abandon(): Promise<void> {
    this.abandoned = true;
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
      await rm(join(this.folder, indexName(number)), { force: true });
      await rm(join(this.folder, packName(number)));
      this.numbers.splice(this.numbers.indexOf(number), 1);
    }
    await syncFolder(this.folder);
  }

  async *verify(): AsyncIterable<{ kind: Kind; key: string; fault?: string }> {
    for (let n = 0; n < this.index.count; n++) {
      const { kind, key } = this.index.thing(n);
      const fault = await this.fault(kind, key);
      if (fault === undefined) yield { kind, key };
      else yield { kind, key, fault: `pack ${this.index.where(n).pack}: ${fault} (${key})` };
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

async function proven(kind: Kind, key: string, record: Buffer): Promise<Buffer> {
  const head = decodeHead(record);
  if (head.kind !== kind || head.key !== key) throw new DamagedBackup('a pack does not hold what its index says');
  return decodeRecord(head, record.subarray(HEAD_BYTES));
}
