/** The folder of large content beside what else a disk has, and when what is put there would survive a power cut. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import type { BlobHash } from '../base/ids.ts';
import { folderBackend, placeIn } from './folder.ts';
import { noise } from './testing/noise.ts';
import { NOW, only, SharedFiles } from './testing/sharing.ts';

const name = (start: string, fill = '0'): BlobHash => start.padEnd(64, fill) as BlobHash;

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'congvu-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a folder of content with things of others in it', () => {
  const old = new Date(NOW - 86_400_000);
  const foreign = ['lost+found/', 'README', 'ab/README', 'ab/kept/', `ab/${name('cd')}`, `ab/${name('ab')}.bak`, 'AB/'];
  const put = (folder: string) => {
    for (const path of foreign.map((one) => join(folder, one))) {
      if (path.endsWith('/')) mkdirSync(path, { recursive: true });
      else {
        mkdirSync(join(path, '..'), { recursive: true });
        writeFileSync(path, 'x');
      }
      utimesSync(path, old, old);
    }
  };

  it('is swept all the same, and what is not ours stays', async () => {
    const store = new SharedFiles(await sqliteDatabase());
    try {
      await store.fresh();
      put(store.folder);
      // A folder in which nobody may look; the tests may run as somebody who may look everywhere.
      rmSync(join(store.folder, 'lost+found'), { recursive: true });
      writeFileSync(join(store.folder, 'lost+found'), '');
      const unused = await store.put({ bytes: noise(200_000), spans: [] });
      const kept = await store.put({ bytes: noise(200_000, 2), spans: [] });
      utimesSync(placeIn(store.folder, unused), old, old);
      for (let day = 0; day < 2; day++) await store.blobs.sweep(only(kept), NOW + 1);
      expect(await store.blobs.backend.has(unused)).toBe(false);
      await store.expectRead(kept, noise(200_000, 2));
      for (const path of foreign) expect(statSync(join(store.folder, path.replace(/\/$/, '')))).toBeDefined();
      expect(await store.findings()).toEqual([]);
    } finally {
      await store.dispose();
    }
  });

  it('names only what it was given', async () => {
    put(root);
    const backend = folderBackend(root);
    const hash = name('ab', '1');
    await backend.put(hash, Buffer.from('x'));
    const listed: string[] = [];
    for await (const one of backend.list()) listed.push(one.hash);
    expect(listed).toEqual([hash]);
  });
});

describe('what is put into a folder', () => {
  const synced: string[] = [];
  let gate: Promise<void> | undefined;
  beforeEach(async () => {
    synced.length = 0;
    gate = undefined;
    const file = await open(root, 'r');
    const proto = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const real = proto.sync;
    vi.spyOn(proto, 'sync').mockImplementation(async function (this: FileHandle) {
      const path = readlinkSync(`/proc/self/fd/${this.fd}`);
      if (gate && statSync(path).isDirectory() && path.length < join(root, 'blobs', 'ab').length) await gate;
      await real.call(this);
      synced.push(path.slice(root.length));
    });
  });
  afterEach(() => void vi.restoreAllMocks());

  it('is durable with every folder above it that is new', async () => {
    await folderBackend(join(root, 'blobs')).put(name('ab'), Buffer.from('x'));
    // The folder of all must be known to the one above it, as well as the first of the 256 to it.
    expect([...synced].sort()).toEqual(['', '/blobs', '/blobs/ab', expect.stringMatching(/^\/blobs\/ab\/.*tmp$/)]);
    expect(synced.at(-1)).toBe('/blobs/ab');
  });

  it('counts when its folder does, also for whoever comes while another has just made that', async () => {
    const backend = folderBackend(join(root, 'blobs'));
    let opened = (): void => undefined;
    gate = new Promise((resolve) => (opened = resolve));
    const done: string[] = [];
    const put = (hash: BlobHash) => backend.put(hash, Buffer.from(hash)).then(() => done.push(hash));
    const first = put(name('ab', '1'));
    while (!existsSync(join(root, 'blobs', 'ab'))) await stat(root);
    const second = put(name('ab', '2'));
    // Time enough for whoever would not wait.
    for (let i = 0; i < 400; i++) await stat(root);
    expect(done).toEqual([]);
    opened();
    await Promise.all([first, second]);
    expect(readdirSync(join(root, 'blobs', 'ab'))).toHaveLength(2);
  });

  it('costs one sync of a file and one of its folder once both are known', async () => {
    const backend = folderBackend(join(root, 'blobs'));
    await backend.put(name('ab', '1'), Buffer.from('x'));
    synced.length = 0;
    await backend.put(name('ab', '2'), Buffer.from('y'));
    expect(synced).toHaveLength(2);
  });

  it('is put into a folder that was lost meanwhile, which is made anew', async () => {
    const backend = folderBackend(join(root, 'blobs'));
    await backend.put(name('ab', '1'), Buffer.from('x'));
    rmSync(join(root, 'blobs'), { recursive: true });
    synced.length = 0;
    await backend.put(name('ab', '2'), Buffer.from('y'));
    expect(readFileSync(placeIn(join(root, 'blobs'), name('ab', '2')), 'utf8')).toBe('y');
    expect(synced).toEqual(expect.arrayContaining(['', '/blobs']));
  });
});
