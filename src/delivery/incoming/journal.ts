/**
 * A file of records that are on the disk before anybody is answered, and are dealt with just behind. One write and one sync serve
 * all that wait. Once everything is dealt with, the file is written again from its start.
 *
 *   record: "CVJ1" · generation · length of the note · length of the octets · CRC-32 of all the rest · note (JSON) · octets
 *
 * Numbers are 32 bits, big-endian. A record counts when its CRC is right and its generation is that of the first: what lies behind
 * the last one is of an earlier generation, or was being written when the process ended, and then nobody was answered.
 */
import { fdatasync, writev, writevSync } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

import { randomUint32 } from '../../base/bytes.ts';

const MAGIC = 0x43564a31;
const HEAD = 20;
/** What the system's cache takes at once; more is written by a thread of libuv's pool. */
const AT_ONCE = 256 * 1024;

export interface JournalRecord {
  /** As it was given to `append`, through JSON. */
  note: unknown;
  bytes: Uint8Array;
}

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
}

/** @returns with the journal what an earlier process left in it. */
export async function openJournal(options: JournalOptions): Promise<{ journal: Journal; left: JournalRecord[] }> {
  await mkdir(dirname(options.file), { recursive: true, mode: 0o700 });
  const file = await openOrMake(options.file);
  const { left, end } = await recordsOf(file);
  return { journal: journalOn(file, end, options), left };
}

async function openOrMake(path: string): Promise<FileHandle> {
  const found = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (found) return found;
  const made = await open(path, 'wx+', 0o600);
  // The name of a new file is durable once its folder is.
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
  return made;
}

interface Waiting {
  note: unknown;
  bytes: Uint8Array;
  done(): void;
  failed(error: unknown): void;
}

function journalOn(file: FileHandle, end: number, { sync = promisify(fdatasync) }: JournalOptions): Journal {
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let position = end;
  let generation = end > 0 ? undefined : randomUint32();
  /** After a failed sync nobody knows what the disk has (docs/faults.md). */
  let lost: Error | undefined;
  const put = async (group: readonly Waiting[], at: number): Promise<number> => {
    if (lost) throw lost;
    generation ??= await generationOf(file);
    const of = generation;
    const pieces = group.flatMap(({ note, bytes }) => encode(of, note, bytes));
    const length = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
    await write(file.fd, pieces, length, at);
    await sync(file.fd).catch((error: unknown) => {
      lost = new Error('the journal was not synced', { cause: error });
      throw lost;
    });
    return at + length;
  };
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        position = await put(group, position);
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    running = undefined;
  };
  return {
    append: (note, bytes) =>
      new Promise((resolve, reject) => {
        waiting.push({ note, bytes, done: resolve, failed: reject });
        // What arrives in the same turn of the event loop shares the sync.
        running ??= Promise.resolve().then(run);
      }),
    clear() {
      if (position === 0 || running) return;
      position = 0;
      generation = randomUint32();
      // Not synced: after a power cut the records are found again, and found to be delivered.
      writevSync(file.fd, [Buffer.alloc(HEAD)], 0);
    },
    size: () => position,
    async close() {
      await running;
      await file.close();
    },
  };
}

async function write(descriptor: number, pieces: readonly Uint8Array[], length: number, at: number): Promise<void> {
  const wrote =
    length <= AT_ONCE ? writevSync(descriptor, pieces, at) : await promisify(writev)(descriptor, pieces, at);
  const count = typeof wrote === 'number' ? wrote : wrote.bytesWritten;
  // A disk that is nearly full takes a part.
  if (count !== length) throw Object.assign(new Error('the journal took only a part'), { code: 'ENOSPC' });
}

function encode(generation: number, note: unknown, bytes: Uint8Array): [Buffer, Uint8Array] {
  const text = JSON.stringify(note);
  const length = Buffer.byteLength(text);
  const head = Buffer.allocUnsafe(HEAD + length);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt32BE(generation, 4);
  head.writeUInt32BE(length, 8);
  head.writeUInt32BE(bytes.byteLength, 12);
  head.write(text, HEAD);
  head.writeUInt32BE(checksum(head, bytes), 16);
  return [head, bytes];
}

const checksum = (head: Buffer, bytes: Uint8Array): number =>
  crc32(bytes, crc32(head.subarray(HEAD), crc32(head.subarray(0, 16))));

async function recordsOf(file: FileHandle): Promise<{ left: JournalRecord[]; end: number }> {
  const left: JournalRecord[] = [];
  let generation: number | undefined;
  let end = 0;
  for (;;) {
    const head = await exactly(file, end, HEAD);
    if (head?.readUInt32BE(0) !== MAGIC) break;
    generation ??= head.readUInt32BE(4);
    if (head.readUInt32BE(4) !== generation) break;
    const [noteLength, length] = [head.readUInt32BE(8), head.readUInt32BE(12)];
    const rest = await exactly(file, end + HEAD, noteLength + length);
    if (!rest) break;
    const bytes = rest.subarray(noteLength);
    const whole = Buffer.concat([head, rest.subarray(0, noteLength)]);
    if (checksum(whole, bytes) !== head.readUInt32BE(16)) break;
    left.push({ note: JSON.parse(rest.toString('utf8', 0, noteLength)) as unknown, bytes });
    end += HEAD + rest.byteLength;
  }
  return { left, end };
}

/** What is appended behind records that were left is of their generation. */
async function generationOf(file: FileHandle): Promise<number> {
  return (await exactly(file, 0, HEAD))?.readUInt32BE(4) ?? randomUint32();
}

/** Undefined when the file ends before. */
async function exactly(file: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const { size } = await file.stat();
  if (at + length > size) return undefined;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return bytesRead === length ? buffer : undefined;
}
