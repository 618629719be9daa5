/**
 * A disk that refuses a sync or a write, a process that is killed there, and a power cut at any later moment: what was said to be
 * durable is there, whole; what was not may be there or not, but is never half there under its name.
 */
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { random } from '../base/testing/random.ts';
import type { BlobHash } from '../base/ids.ts';
import type { BlobBackend } from './blob-store.ts';
import { folderBackend, placeIn } from './folder.ts';
import { noise } from './testing/noise.ts';

/** What the platter has: names as each folder had them when it was synced last, and the octets of files that were synced. */
class Platter {
  readonly names = new Map<string, Map<string, number>>();
  readonly files = new Set<number>();

  synced(path: string): void {
    const info = statSync(path);
    if (!info.isDirectory()) this.files.add(info.ino);
    else this.names.set(path, new Map(readdirSync(path).flatMap((name) => this.entry(name, join(path, name)))));
  }

  /** After a power cut it would be there, under `top`, which always was. */
  keeps(path: string, top: string): boolean {
    const { ino } = statSync(path);
    if (!this.files.has(ino)) return false;
    for (let at = path; at !== top; at = dirname(at)) {
      if (this.names.get(dirname(at))?.get(basename(at)) !== statSync(at).ino) return false;
    }
    return true;
  }

  private entry(name: string, path: string): [string, number][] {
    const info = statSync(path, { throwIfNoEntry: false });
    return info ? [[name, info.ino]] : [];
  }
}

const fault = (code: string): Error => Object.assign(new Error(`${code}: the disk`), { code });

let top = '';
let root = '';
let platter: Platter;
/** Asked before each sync and each write: whether it fails. */
let fails: (what: 'file' | 'folder' | 'write') => boolean;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'congvu-disk-'));
  root = join(top, 'blobs');
  platter = new Platter();
  fails = () => false;
  const file = await open(top, 'r');
  const proto = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  const { writeFile } = proto;
  vi.spyOn(proto, 'sync').mockImplementation(function (this: FileHandle) {
    const path = readlinkSync(`/proc/self/fd/${this.fd}`);
    if (fails(statSync(path).isDirectory() ? 'folder' : 'file')) return Promise.reject(fault('EIO'));
    platter.synced(path);
    return Promise.resolve();
  });
  vi.spyOn(proto, 'writeFile').mockImplementation(async function (this: FileHandle, bytes) {
    if (!fails('write')) return writeFile.call(this, bytes);
    await writeFile.call(this, (bytes as Uint8Array).subarray(0, 7));
    throw fault('ENOSPC');
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(top, { recursive: true, force: true });
});

const hashes = ['ab1', 'ab2', 'cd1', 'cd2', 'ef1'].map((start) => start.padEnd(64, '0') as BlobHash);
const contentOf = (hash: BlobHash): Buffer => noise(3000, hashes.indexOf(hash) + 1);
const left = (): string[] => readdirSync(top, { recursive: true }).map(String);
const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => value ?? 'done',
    (error: NodeJS.ErrnoException) => error.code,
  );
const putOne = (backend: BlobBackend, hash = hashes[0]!) => outcome(backend.put(hash, contentOf(hash)));

/** Fails at the `n`th question, and never again. */
function failAt(n: number): () => boolean {
  let asked = 0;
  fails = () => asked++ === n;
  return () => asked > n;
}

describe('a sync or a write that fails', () => {
  it.each([
    // Who is started anew cannot know which folders above its own were not there before.
    ['by the same process', join('data', 'blobs')],
    ['by one that is started anew', 'blobs'],
  ])('wherever it does: what is put again %s is durable when it says so', async (whose, place) => {
    const failed: unknown[] = [];
    root = join(top, place);
    for (let n = 0; ; n++) {
      for (const name of readdirSync(top)) rmSync(join(top, name), { recursive: true });
      let backend = folderBackend(root);
      const cameTo = failAt(n);
      const first = await putOne(backend);
      if (!cameTo()) break;
      failed.push(first);
      expect(left().filter((name) => name.endsWith('.tmp'))).toEqual([]);
      if (whose.includes('anew')) backend = folderBackend(root);
      // As `stage` does it: what is there already is not put again.
      if (!(await backend.touch(hashes[0]!))) expect(await putOne(backend)).toBe('done');
      expect(platter.keeps(placeIn(root, hashes[0]!), top), `after the failure of step ${n}`).toBe(true);
    }
    // The write, its sync, and every folder from that of the file up to the one that was there before.
    const folders = place.split('/').length + 2;
    expect(failed.sort()).toEqual([...Array<string>(1 + folders).fill('EIO'), 'ENOSPC']);
  });

  it('leaves nothing of a file that could not get its name', async () => {
    await mkdir(placeIn(root, hashes[0]!), { recursive: true });
    expect(await putOne(folderBackend(root))).toMatch(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(left().filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('of one of many who put the same at once is heard by all, and by nobody after them', async () => {
    const backend = folderBackend(root);
    failAt(4);
    const all = await Promise.all(Array.from({ length: 5 }, () => putOne(backend)));
    expect(new Set(all).size).toBe(1);
    expect(all[0]).toMatch(/EIO|ENOSPC/);
    expect(await Promise.all([putOne(backend), putOne(backend, hashes[1])])).toEqual(['done', 'done']);
    for (const hash of hashes.slice(0, 2)) expect(platter.keeps(placeIn(root, hash), top)).toBe(true);
  });

  it('is not paid for twice: what is known to be durable is touched without a sync', async () => {
    const backend = folderBackend(root);
    await putOne(backend);
    fails = () => true;
    expect(await backend.touch(hashes[0]!)).toBe(true);
    // Another process cannot know.
    expect(await outcome(folderBackend(root).touch(hashes[0]!))).toBe('EIO');
  });
});

it.each([1, 2, 3, 4, 5, 6])('anything in any order over a disk that fails now and then (seed %i)', async (seed) => {
  const dice = random(seed);
  let backend = folderBackend(root);
  const step = async (): Promise<void> => {
    const hash = dice.pick(hashes);
    const path = placeIn(root, hash);
    const kind = dice.int(20);
    if (kind < 9) {
      const stays = (await outcome(backend.touch(hash))) === true || (await putOne(backend, hash)) === 'done';
      if (stays) expect(platter.keeps(path, top)).toBe(true);
    } else if (kind < 12) {
      // Put over what lies there, as what mends does.
      if ((await putOne(backend, hash)) === 'done') expect(platter.keeps(path, top)).toBe(true);
    } else if (kind < 15) {
      const old = new Date(1000);
      if (await backend.has(hash)) utimesSync(path, old, old);
      await backend.deleteOlder(hash, 2000 * (dice.chance(0.5) ? 1 : 0));
    } else if (kind < 16) {
      for await (const one of backend.list()) expect(one.hash.slice(0, 64)).toMatch(/^[0-9a-f]{64}$/);
    } else if (kind < 18) backend = folderBackend(root);
    else if (kind === 18) rmSync(dirname(path), { recursive: true, force: true });
    else await outcome(Promise.all(hashes.map((one) => putOne(backend, one))));
  };
  for (let n = 0; n < 60; n++) {
    fails = () => dice.chance(0.12);
    await step();
    fails = () => false;
    for (const hash of hashes) {
      const found = await backend.get(hash);
      if (found) expect(contentOf(hash).equals(found)).toBe(true);
    }
    expect(left().filter((name) => name.endsWith('.tmp') || name.endsWith('.gone'))).toEqual([]);
  }
  for (const hash of hashes) {
    expect(await putOne(backend, hash)).toBe('done');
    expect(platter.keeps(placeIn(root, hash), top)).toBe(true);
    expect(readFileSync(placeIn(root, hash)).equals(contentOf(hash))).toBe(true);
  }
});
