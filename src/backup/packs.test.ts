/** A folder of packs under every fault that a disk or a kill can bring: what is read is what was written, or it is said to be lost. */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import { noise } from '../blobs/testing/noise.ts';
import { readAt } from './pack-files.ts';
import { openPacks, type Packs } from './packs.ts';
import { DamagedBackup, HEAD_BYTES, type Kind } from './records.ts';

interface Thing {
  kind: Kind;
  key: string;
  bytes: Buffer;
}

const kinds = ['t', 'p', 'r', 'f'] as const;
/** Some shrink, some do not, one is empty; pieces of tables are named by their own octets. */
const things: Thing[] = Array.from({ length: 12 }, (_, i) => {
  const bytes = i === 5 ? Buffer.alloc(0) : i % 2 ? noise(40 + i * 7, i) : Buffer.from(`dòng ${i}\n`.repeat(20 + i));
  const kind = kinds[i % 4]!;
  return { kind, key: kind === 't' ? sha256(bytes) : sha256(Buffer.from(`tên ${i}`)), bytes };
});

const root = mkdtempSync(join(tmpdir(), 'congvu-packs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a folder of packs', () => {
  let folder = '';
  let count = 0;
  const pack = (n = 1) => join(folder, `0000000${n}.pack`);
  const index = (n = 1) => join(folder, `0000000${n}.idx`);

  async function open<T>(work: (packs: Packs) => Promise<T>, options: { writable?: boolean; packBytes?: number } = {}) {
    const packs = await openPacks(folder, { writable: true, ...options });
    try {
      return await work(packs);
    } finally {
      await packs.abandon();
      await packs.close();
    }
  }
  const put = (list: readonly Thing[], packBytes?: number) =>
    open(
      async (packs) => {
        for (const { kind, key, bytes } of list) await packs.add(kind, key, bytes);
        await packs.flush();
      },
      packBytes === undefined ? {} : { packBytes },
    );
  /** Keys of what can be read, each with its own octets. */
  const readable = (packs: Packs) => wholeOf(packs, things);
  const faultsOf = (options: { writable?: boolean } = {}) =>
    open(async (packs) => {
      const faults: string[] = [];
      for await (const { fault } of packs.verify()) if (fault !== undefined) faults.push(fault);
      return faults;
    }, options);

  beforeEach(() => {
    folder = join(root, `packs-${++count}`);
  });

  it('gives back what it took, from one pack or many, and takes nothing twice', async () => {
    await put(things, 400);
    const packs = readdirSync(folder).filter((name) => name.endsWith('.pack'));
    expect(packs.length).toBeGreaterThan(2);
    expect(await open(readable)).toHaveLength(things.length);
    const written = await open(async (p) => {
      for (const { kind, key, bytes } of things) await p.add(kind, key, bytes);
      await p.flush();
      return p.written;
    });
    expect([written, readdirSync(folder).filter((name) => name.endsWith('.pack')).length]).toEqual([0, packs.length]);
  });

  it('appends side by side what is added at once, the same thing once', async () => {
    await open(async (packs) => {
      await Promise.all([...things, ...things].map(({ kind, key, bytes }) => packs.add(kind, key, bytes)));
      await packs.flush();
    });
    expect(await open(readable)).toHaveLength(things.length);
    expect(await open(async ({ index: { count: all } }) => all)).toBe(things.length);
  });

  it('never gives a wrong octet, whichever bit of a pack has changed, and a look at all of it finds that', async () => {
    const few = things.slice(0, 4);
    await put(few);
    const whole = readFileSync(pack());
    let wrong = 0;
    for (let at = 0; at < whole.length; at += 2) {
      const spoilt = Buffer.from(whole);
      spoilt[at] = spoilt[at]! ^ (1 << ((at / 2) % 8));
      writeFileSync(pack(), spoilt);
      const packs = await openPacks(folder, { writable: false });
      const left = await wholeOf(packs, few);
      let faults = 0;
      for await (const { fault } of packs.verify()) if (fault !== undefined) faults++;
      await packs.close();
      if (left.length !== few.length - 1 || faults !== 1) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('says of a changed head that the thing is damaged, never hands out what is still packed', async () => {
    const text = things.find(({ kind, bytes }) => kind === 'r' && bytes.length > 100)!;
    await put([text]);
    const whole = readFileSync(pack());
    for (const [at, value] of [
      [2, 0],
      [2, 7],
      [74, 1],
      [71, 255],
      [1, 0x66],
    ] as const) {
      const spoilt = Buffer.from(whole);
      spoilt[at] = value;
      writeFileSync(pack(), spoilt);
      await open(async (packs) => {
        await expect(packs.read(text.kind, text.key)).rejects.toBeInstanceOf(DamagedBackup);
      });
    }
  });

  it('makes a lost or changed index anew from its pack', async () => {
    await put(things);
    const kept = readFileSync(index());
    for (const spoil of [() => rmSync(index()), () => writeFileSync(index(), 'x'), () => truncateSync(index(), 82)]) {
      spoil();
      // Also where nothing can be written, such as a restore from a medium that is locked.
      expect(await open(readable, { writable: false })).toHaveLength(things.length);
      expect(await open(readable)).toHaveLength(things.length);
      expect(readFileSync(index()).equals(kept)).toBe(true);
    }
  });

  it('reads what stands before the damage when both index and pack are broken', async () => {
    await put(things);
    rmSync(index());
    const whole = readFileSync(pack());
    writeFileSync(pack(), whole.subarray(0, whole.length - 10));
    expect(await open(readable, { writable: false })).toHaveLength(things.length - 1);
    const broken = Buffer.from(whole);
    broken[0] = 0;
    writeFileSync(pack(), broken);
    expect(await open(readable, { writable: false })).toEqual([]);
    writeFileSync(pack(), whole);
    expect(await open(readable)).toHaveLength(things.length);
  });

  it('does not believe an index that outlived its pack, when a new pack takes its number', async () => {
    await put(things.slice(0, 6));
    const stale = readFileSync(index());
    rmSync(pack());
    await put(things.slice(6));
    // Killed between the pack and its index.
    copyFileSync(index(), `${index()}.kept`);
    writeFileSync(index(), stale);
    expect(await faultsOf({ writable: false })).toHaveLength(6);
    copyFileSync(`${index()}.kept`, index());
    rmSync(pack());
    expect(await open(readable)).toEqual([]);
    expect(existsSync(index())).toBe(false);
  });

  it('is whole after a kill at any step of a pack: before its name, before its index, half-way in either', async () => {
    await put(things.slice(0, 6));
    await put(things.slice(6));
    const [bytes, idx] = [readFileSync(pack(2)), readFileSync(index(2))];
    const steps: (() => void)[] = [
      () => writeFileSync(`${pack(2)}.tmp`, bytes.subarray(0, 100)),
      () => writeFileSync(`${pack(2)}.tmp`, bytes),
      () => writeFileSync(pack(2), bytes),
      () => (writeFileSync(pack(2), bytes), writeFileSync(`${index(2)}.tmp`, idx.subarray(0, 50))),
    ];
    for (const step of steps) {
      rmSync(pack(2), { force: true });
      rmSync(index(2), { force: true });
      step();
      await put(things);
      expect(await faultsOf()).toEqual([]);
      expect(await open(readable)).toHaveLength(things.length);
      expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }
  });

  it('keeps nothing of what was abandoned, and takes it later', async () => {
    await open(async (packs) => {
      for (const { kind, key, bytes } of things) await packs.add(kind, key, bytes);
    });
    expect(readdirSync(folder)).toEqual([]);
    await put(things);
    expect(await open(readable)).toHaveLength(things.length);
  });

  it('takes anew what was found damaged, and believes the new copy from then on', async () => {
    await put(things);
    const whole = readFileSync(pack());
    const spoilt = Buffer.from(whole);
    spoilt[whole.length - 1]! ^= 1;
    writeFileSync(pack(), spoilt);
    const last = things.at(-1)!;
    await open((packs) => packs.suspect([last]), { writable: false });
    expect(await open(async (packs) => things.filter(({ kind, key }) => !packs.has(kind, key)))).toEqual([last]);
    await put(things);
    expect(await faultsOf()).toEqual([]);
    expect(await open(readable)).toHaveLength(things.length);
    expect(readFileSync(join(folder, 'damaged'), 'utf8')).toBe('');
    // Only that one was written again.
    expect(readFileSync(pack(2)).length).toBeLessThan(HEAD_BYTES + last.bytes.length + 1);
  });

  it('leaves alone what others put there', async () => {
    await put(things);
    writeFileSync(join(folder, 'README'), 'chép sang đĩa 2 ngày 1/12');
    await put(things);
    expect(existsSync(join(folder, 'README'))).toBe(true);
  });
});

it('a part that the disk does not give is damaged; any other fault is not hidden', async () => {
  const failing = (code: string) => ({ read: () => Promise.reject(Object.assign(new Error(code), { code })) });
  await expect(readAt(failing('EIO'), 0, 5)).rejects.toBeInstanceOf(DamagedBackup);
  await expect(readAt(failing('EBADF'), 0, 5)).rejects.toMatchObject({ code: 'EBADF' });
});

/** Reads each and compares; a wrong octet fails the test. @returns what was read */
async function wholeOf(packs: Packs, list: readonly Thing[]): Promise<string[]> {
  const found: string[] = [];
  for (const { kind, key, bytes } of list) {
    const read = await packs.read(kind, key).catch((error: unknown) => {
      if (!(error instanceof DamagedBackup)) throw error;
      return undefined;
    });
    if (!read) continue;
    expect(read.equals(bytes)).toBe(true);
    found.push(key);
  }
  return found;
}
