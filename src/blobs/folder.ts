/** Large content in a folder: ab/cd/<hash>, written beside, synced, renamed, the folder synced. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { BlobHash } from '../base/ids.ts';
import type { BlobBackend } from './blob-store.ts';

export function folderBackend(root: string): BlobBackend {
  const place = (hash: BlobHash) => join(root, hash.slice(0, 2), hash.slice(2, 4), hash);
  return {
    async put(hash, bytes) {
      const path = place(hash);
      await mkdirSynced(root, dirname(path));
      const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      const file = await open(beside, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } catch (error) {
        await unlink(beside).catch(() => undefined);
        throw error;
      } finally {
        await file.close();
      }
      await rename(beside, path);
      await syncFolder(dirname(path));
    },
    get: (hash) => ifPresent(readFile(place(hash))),
    range: (hash, start, end) => ifPresent(readRange(place(hash), start, end)),
    has: async (hash) => (await ifPresent(stat(place(hash)))) !== undefined,
    delete: async (hash) => {
      await ifPresent(unlink(place(hash)));
    },
    list: () => list(root),
  };
}

async function mkdirSynced(root: string, path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  // A new folder is durable once its parents are synced, up to the root that existed before.
  for (let dir = path; made && dir.length >= root.length; dir = dirname(dir)) await syncFolder(dir);
}

async function syncFolder(path: string): Promise<void> {
  const dir = await open(path, 'r');
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
}

async function readRange(path: string, start: number, end: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(Math.max(0, end - start));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    await file.close();
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

async function* list(root: string): AsyncIterable<{ hash: BlobHash; size: number; modifiedAt: number }> {
  for (const a of (await ifPresent(readdir(root))) ?? []) {
    for (const b of (await ifPresent(readdir(join(root, a)))) ?? []) {
      for (const name of (await ifPresent(readdir(join(root, a, b)))) ?? []) {
        const info = await ifPresent(stat(join(root, a, b, name)));
        if (info) yield { hash: name as BlobHash, size: info.size, modifiedAt: info.mtimeMs };
      }
    }
  }
}
