/** Large content in 256 folders: ab/<hash>, written beside, synced, renamed, the folder synced. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import type { BlobHash } from '../base/ids.ts';
import type { BlobBackend } from './blob-store.ts';

/** Where a folder has it. */
export const placeIn = (root: string, hash: BlobHash): string => join(root, hash.slice(0, 2), hash);

export function folderBackend(root: string): BlobBackend {
  const place = (hash: BlobHash) => placeIn(root, hash);
  // There already perhaps, but not durable yet: whoever comes with the same bytes waits for it.
  const underway = new Map<BlobHash, Promise<void>>();
  const settled = async (hash: BlobHash): Promise<void> => underway.get(hash)?.catch(() => undefined);
  const folders = durableFolders(root);
  return {
    put(hash, bytes) {
      const putting = underway.get(hash) ?? put(folders, place(hash), bytes).finally(() => underway.delete(hash));
      underway.set(hash, putting);
      return putting;
    },
    get: (hash) => ifPresent(readFile(place(hash))),
    range: (hash, start, end) => ifPresent(readRange(place(hash), start, end)),
    async has(hash) {
      await settled(hash);
      return (await ifPresent(stat(place(hash)))) !== undefined;
    },
    async touch(hash) {
      await settled(hash);
      const now = new Date();
      if ((await ifPresent(utimes(place(hash), now, now).then(() => true))) !== true) return false;
      await folders.keep(place(hash));
      return true;
    },
    async deleteOlder(hash, before) {
      folders.forget(place(hash));
      await deleteOlder(place(hash), before);
    },
    list: () => list(root),
  };
}

async function put(folders: Folders, path: string, bytes: Uint8Array): Promise<void> {
  await folders.prepare(dirname(path));
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await write(beside, bytes);
    folders.forget(path);
    await rename(beside, path);
  } catch (error) {
    // What a full disk did not take must not fill it until the next sweep.
    await unlink(beside).catch(() => undefined);
    throw error;
  }
  await folders.sync(path);
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

const gone = /\.[0-9a-f]{12}\.gone$/;

/**
 * Taken aside first, and looked at there: a touch comes either before that, then it is seen, or after, then it finds nothing and
 * the bytes are put anew. A crash in between leaves the name aside; `list` brings it back.
 */
async function deleteOlder(path: string, before: number): Promise<void> {
  // A name of its own: another sweep must not put younger bytes in the place of what is looked at here.
  const aside = `${path}.${randomBytes(6).toString('hex')}.gone`;
  if ((await ifPresent(rename(path, aside).then(() => true))) !== true) return;
  const info = await ifPresent(stat(aside));
  if (info && info.mtimeMs >= before) await bringBack(aside, path);
  else await ifPresent(unlink(aside));
}

async function bringBack(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    // Put anew meanwhile, with the same bytes; or another process brought it back.
    if (!['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  await ifPresent(unlink(aside));
}

interface Folders {
  /** The folder is there, and would be after a power cut. */
  prepare(folder: string): Promise<void>;
  /** The same for the name of a file, which lies in a folder that is. */
  sync(path: string): Promise<void>;
  /** The same for a file that lies there, unless that is known. */
  keep(path: string): Promise<void>;
  /** The file goes, or another one takes its place. */
  forget(path: string): void;
}

/** Names that are known to be durable, at most. */
const KNOWN = 10_000;

/**
 * A new folder is durable once the one above it is synced, up to one that existed before; a file's name once its folder is. Who finds
 * one there cannot know whether its maker, at work beside us, killed, or refused by the disk, came as far: so each is seen to once by
 * whoever relies on it first.
 */
function durableFolders(root: string): Folders {
  const durable = new Set<string>();
  const names = new Set<string>();
  /** The uppermost folder that we made, or the root. */
  let top = root;
  const prepare = async (folder: string): Promise<void> => {
    const made = await mkdir(folder, { recursive: true });
    if (made !== undefined) {
      if (made.length < top.length) top = made;
      // Perhaps they were there before, and known.
      for (let path = folder; path.length >= made.length; path = dirname(path)) durable.delete(path);
    }
    for (let path = folder; path.length >= top.length; path = dirname(path)) {
      if (durable.has(path)) continue;
      await syncFolder(dirname(path));
      durable.add(path);
    }
  };
  const sync = async (path: string): Promise<void> => {
    await syncFolder(dirname(path));
    if (names.size >= KNOWN) names.clear();
    names.add(path);
  };
  return {
    prepare,
    sync,
    async keep(path) {
      if (names.has(path)) return;
      await prepare(dirname(path));
      await sync(path);
    },
    forget: (path) => void names.delete(path),
  };
}

async function syncFolder(path: string): Promise<void> {
  const dir = await open(path, 'r');
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
}

// Half of what a handle of fs/promises costs, which a file that is read once must pay for itself.
const openFile = promisify(fs.open);
const readFrom = promisify(fs.read);
const sizeOf = promisify(fs.fstat);
/** So much is asked for without a look at what there is: a changed head may speak of more than fits into any memory. */
const UNSEEN = 1024 * 1024;

async function readRange(path: string, start: number, end: number): Promise<Uint8Array> {
  const file = await openFile(path, 'r');
  try {
    const stop = end - start <= UNSEEN ? end : Math.min(end, (await sizeOf(file)).size);
    const buffer = Buffer.allocUnsafe(Math.max(0, stop - start));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await readFrom(file, buffer, filled, buffer.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    // Nothing was written: there is nothing to wait for.
    fs.closeSync(file);
  }
}

async function ifPresent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const ours = /^[0-9a-f]{64}(?:\.[0-9a-f]{12}\.(?:tmp|gone))?$/;

/**
 * What this file ever writes, and nothing else: `lost+found` of a disk of its own cannot be looked into, and what an administrator laid
 * there is not ours to remove.
 */
async function* list(root: string): AsyncIterable<{ hash: BlobHash; size: number; modifiedAt: number }> {
  for (const a of (await ifPresent(readdir(root))) ?? []) {
    if (!/^[0-9a-f]{2}$/.test(a)) continue;
    for (const entry of (await ifPresent(readdir(join(root, a), { withFileTypes: true }))) ?? []) {
      const { name } = entry;
      if (!ours.test(name) || !name.startsWith(a) || !entry.isFile()) continue;
      const path = join(root, a, name);
      if (gone.test(name)) {
        await bringBack(path, path.replace(gone, ''));
        continue;
      }
      const info = await ifPresent(stat(path));
      if (info) yield { hash: name as BlobHash, size: info.size, modifiedAt: info.mtimeMs };
    }
  }
}
