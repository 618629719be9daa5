/**
 * A file of records that are on the disk before anybody is answered, and are dealt with just behind. One write and one sync serve
 * all that wait. Once everything is dealt with, the file is written again from its start. How a record looks: records.ts.
 */
import { fdatasync, fdatasyncSync, ftruncateSync, writev, writevSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';

import { randomUint32 } from '../../base/bytes.ts';
import { createPatience } from '../../base/patience.ts';
import { syncFolder } from './durable.ts';
import { beginsRecord, encode, HEAD, readRecords, type JournalRecord } from './records.ts';

/** What the system's cache takes at once; more is written by a thread of libuv's pool. */
const AT_ONCE = 1024 * 1024;

export interface Journal {
  /** Resolves when the record is on the disk. @throws what the system says: the record does not count, perhaps */
  append(note: unknown, bytes: Uint8Array): Promise<void>;
  /** All that was appended is dealt with. */
  clear(): void;
  /** Octets since the last `clear`. */
  size(): number;
  close(): Promise<void>;
}

export interface JournalOptions {
  file: string;
  /** fdatasync, but for a test. */
  sync?: (descriptor: number) => Promise<void>;
  /** Resolves when everybody is there whose record shares the next sync. */
  gathered?: () => Promise<unknown>;
  /** A number that no generation of this file had; absent: any. */
  generation?: () => number;
}

export interface OpenedJournal {
  journal: Journal;
  /** What an earlier process left in it. */
  left: JournalRecord[];
  /** Of what is left. */
  generation: number | undefined;
  /** A copy of the file, when a part of it that counts could not be read. */
  damaged: string | undefined;
}

export async function openJournal(options: JournalOptions): Promise<OpenedJournal> {
  const { file: path } = options;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await openOrMake(path);
  const head = await beginningOf(file, HEAD);
  const { records, end, generation, isDamaged } = readRecords(beginsRecord(head) ? await beginningOf(file) : head);
  const damaged = isDamaged ? await keepCopy(path, generation) : undefined;
  return { journal: journalOn(file, { end, generation }, options), left: records, generation, damaged };
}

async function openOrMake(path: string): Promise<FileHandle> {
  const found = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (found) return found;
  const made = await open(path, 'wx+', 0o600);
  // The name of a new file is durable once its folder is, and that folder's name once its own is.
  await syncFolder(dirname(path));
  await syncFolder(dirname(dirname(path)));
  return made;
}

async function beginningOf(file: FileHandle, most = Infinity): Promise<Buffer> {
  const content = Buffer.alloc(Math.min(most, (await file.stat()).size));
  let filled = 0;
  while (filled < content.length) {
    const { bytesRead } = await file.read(content, filled, content.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return content.subarray(0, filled);
}

/** Somebody may get more out of it than we do. Without room for that the mail that can be read goes on all the same. */
function keepCopy(path: string, generation: number | undefined): Promise<string> {
  const copy = `${path}-${generation?.toString(16) ?? 'head'}.damaged`;
  return copyFile(path, copy).then(
    () => copy,
    () => path,
  );
}

/** Copies that were kept. */
export async function damagedJournals(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => name.endsWith('.damaged')).map((name) => join(folder, name));
}

interface Waiting {
  note: unknown;
  bytes: Uint8Array;
  done(): void;
  failed(error: unknown): void;
}

interface Before {
  end: number;
  generation: number | undefined;
}

function journalOn(file: FileHandle, before: Before, options: JournalOptions): Journal {
  const { gathered = () => setImmediate(), generation: nextGeneration = randomUint32 } = options;
  const sync = syncOf(options);
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  /** What is appended behind records that were left is of their generation. */
  let { generation = 0, end: position } = before;
  /** After a failed sync nobody knows what the disk has (docs/faults.md). */
  let lost: Error | undefined;
  let closed = false;
  const put = async (group: readonly Waiting[], at: number): Promise<number> => {
    if (lost) throw lost;
    if (at === 0) generation = nextGeneration();
    const pieces = group.flatMap(({ note, bytes }) => encode(generation, note, bytes));
    const length = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
    await write(file.fd, pieces, length, at);
    await sync(file.fd, length <= AT_ONCE).catch((error: unknown) => {
      lost = new Error('the journal was not synced', { cause: error });
      throw lost;
    });
    return at + length;
  };
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      await gathered();
      const group = waiting;
      waiting = [];
      try {
        position = await put(group, position);
        for (const { done } of group) done();
      } catch (error) {
        cutOff(file.fd, position);
        for (const { failed } of group) failed(error);
      }
    }
    running = undefined;
  };
  return {
    append: (note, bytes) =>
      new Promise((resolve, reject) => {
        if (closed) return void reject(new Error('the journal is closed'));
        waiting.push({ note, bytes, done: resolve, failed: reject });
        running ??= run();
      }),
    clear() {
      if (position === 0 || running || closed) return;
      try {
        // Not synced: after a power cut the records are found again, and found to be delivered.
        writevSync(file.fd, [Buffer.alloc(HEAD)], 0);
      } catch (error) {
        // Perhaps a part of the head went: what would be appended behind it might not be found.
        lost ??= new Error('the journal was not cleared', { cause: error });
        return;
      }
      position = 0;
    },
    size: () => position,
    async close() {
      closed = true;
      await running;
      await file.close();
    },
  };
}

/** It is waited for where the process stands, if the disk is quick (base/patience.ts): whoever could be served waits for it too. */
function syncOf({ sync }: JournalOptions): (descriptor: number, isLittle: boolean) => Promise<void> {
  if (sync) return sync;
  const later = promisify(fdatasync);
  const patience = createPatience();
  return async (descriptor, isLittle) => {
    const begun = performance.now();
    const here = isLittle && patience.isShort;
    if (here) fdatasyncSync(descriptor);
    else await later(descriptor);
    patience.took(performance.now() - begun, here);
  };
}

/** Who was told that it was not taken sends it again, or it is delivered otherwise: the next start must not find it too. */
function cutOff(descriptor: number, length: number): void {
  try {
    ftruncateSync(descriptor, length);
  } catch {
    // As good as it was: what is found and was delivered is known by its octets.
    return;
  }
}

async function write(descriptor: number, pieces: readonly Uint8Array[], length: number, at: number): Promise<void> {
  const wrote =
    length <= AT_ONCE ? writevSync(descriptor, pieces, at) : await promisify(writev)(descriptor, pieces, at);
  const count = typeof wrote === 'number' ? wrote : wrote.bytesWritten;
  // A disk that is nearly full takes a part.
  if (count !== length) throw Object.assign(new Error('the journal took only a part'), { code: 'ENOSPC' });
}
