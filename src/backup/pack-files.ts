/** What lies in the folder of packs: which are whole, and where in them each thing lies. */
import { open, readdir, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import type { ObjectIndex } from './object-index.ts';
import { INDEX_ENTRY, indexName, packName, sha256, writeIndex } from './pack-writer.ts';
import { DamagedBackup, decodeHead, HEAD_BYTES, type Kind } from './records.ts';

export interface Loaded {
  numbers: number[];
  /** Those that hold more than could be found in them. */
  broken: Set<number>;
}

/** Fills the index. @returns the numbers of the packs, ascending: later places of the same thing win. */
export async function loadPacks(folder: string, index: ObjectIndex, writable: boolean): Promise<Loaded> {
  const names = await readdir(folder);
  const of = (end: string) =>
    new Set(names.flatMap((name) => (/^\d{8}\./.test(name) && name.slice(8) === end ? [parseInt(name, 10)] : [])));
  const packs = of('.pack');
  const indexes = of('.idx');
  if (writable) {
    // A new pack may get the number of one that went: then an index that was left must not speak for it.
    for (const number of indexes) if (!packs.has(number)) await rm(join(folder, indexName(number)), { force: true });
    for (const name of names) if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
  }
  const loaded: Loaded = { numbers: [], broken: new Set() };
  for (const number of [...packs].sort((a, b) => a - b)) {
    const state = await load(folder, number, index, writable);
    if (state !== 'empty') loaded.numbers.push(number);
    if (state === 'broken') loaded.broken.add(number);
  }
  return loaded;
}

type State = 'whole' | 'broken' | 'empty';

async function load(folder: string, pack: number, index: ObjectIndex, writable: boolean): Promise<State> {
  const bytes = await readFile(join(folder, indexName(pack))).catch(absent);
  const body = bytes.subarray(0, Math.max(0, bytes.length - 32));
  if (body.length % INDEX_ENTRY !== 0 || !sha256(body).equals(bytes.subarray(body.length)))
    return loadFromPack(folder, pack, index, writable);
  for (let at = 0; at < body.length; at += INDEX_ENTRY) {
    const kind = body.toString('latin1', at, at + 1) as Kind;
    const key = body.toString('hex', at + 1, at + 33);
    index.put(kind, key, { pack, offset: body.readUInt32BE(at + 33), length: body.readUInt32BE(at + 37) });
  }
  return 'whole';
}

/** Also one that the disk does not give: the pack says the same. */
const absent = (error: unknown): Buffer => {
  if (!['ENOENT', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  return Buffer.alloc(0);
};

/**
 * The index is lost or damaged: the records name themselves, up to the first whose head is. The pack was whole before it got its name, so
 * what lies behind that is not nothing: it stays as it is, without an index that would say so. Another day the disk may give it.
 */
async function loadFromPack(folder: string, pack: number, index: ObjectIndex, writable: boolean): Promise<State> {
  const file = await open(join(folder, packName(pack)), 'r');
  const found: { kind: Kind; key: string; offset: number; length: number }[] = [];
  let size = 0;
  let end = 0;
  try {
    ({ size } = await file.stat());
    while (end < size) {
      const head = decodeHead(await readAt(file, end, HEAD_BYTES));
      const length = HEAD_BYTES + head.stored;
      if (end + length > size) break;
      found.push({ kind: head.kind, key: head.key, offset: end, length });
      end += length;
    }
  } catch (error) {
    if (!(error instanceof DamagedBackup)) throw error;
  } finally {
    await file.close();
  }
  for (const { kind, key, offset, length } of found) index.put(kind, key, { pack, offset, length });
  if (size < HEAD_BYTES) {
    if (writable) await rm(join(folder, packName(pack)), { force: true });
    return 'empty';
  }
  if (end < size) return 'broken';
  if (writable) await writeIndex(folder, pack, found);
  return 'whole';
}

/** @throws DamagedBackup also where the disk does not give it: what else is there can be read. */
export async function readAt(file: Pick<FileHandle, 'read'>, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled).catch(unreadable);
    if (bytesRead === 0) throw new DamagedBackup('a pack is shorter than its index says');
    filled += bytesRead;
  }
  return buffer;
}

const unreadable = (cause: unknown): never => {
  if ((cause as NodeJS.ErrnoException).code === 'EIO')
    throw new DamagedBackup('the disk does not give a part of a pack');
  throw cause;
};
