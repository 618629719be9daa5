/**
 * The thread that puts together what is sent of many blobs: dist/workers/series.js in the bundle. It waits for the disk where it
 * stands, since nobody else does, and answers a buffer for a buffer: without one it reads nothing.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import { isDomainError } from '../base/errors.ts';
import type { BlobHash } from '../base/ids.ts';
import { openReading } from '../db/dialects/sqlite-reading.ts';
import { placeIn } from './folder.ts';
import { createBlobReader } from './reader.ts';
import type { Fault, FromThread, Place, ToThread } from './series-task.ts';
import { BrokenOff, Filler } from './series.ts';

const port = parentPort;
if (!port) throw new Error('not a worker thread');
// The checked boundary: series-thread.ts gives it.
const { file, folder } = workerData as Place;
const db = openReading(file);
const reader = createBlobReader({
  db,
  backend: {
    get: (hash) => ifPresent(() => readFrom(hash, 0, Infinity)),
    range: (hash, start, end) => ifPresent(() => readFrom(hash, start, end)),
  },
});

interface Series {
  filler: Filler;
  /** Buffers are filled one after the other. */
  last: Promise<void>;
}
const underway = new Map<number, Series>();

const say = (message: FromThread): void => port.postMessage(message, 'buffer' in message ? [message.buffer] : []);

port.on('message', (message: ToThread) => {
  if ('close' in message) {
    db.close();
    port.close();
    return;
  }
  const { id } = message;
  if ('items' in message) {
    underway.set(id, { filler: new Filler(reader, message.items), last: Promise.resolve() });
    return;
  }
  const series = underway.get(id);
  if (!series) return;
  if ('over' in message) underway.delete(id);
  series.last = series.last.then(() => ('over' in message ? series.filler.end() : fill(id, series, message.buffer)));
});
say({ ready: true });

async function fill(id: number, { filler }: Series, buffer: ArrayBuffer): Promise<void> {
  if (!underway.has(id)) return;
  const { used, ends, done, error } = await filler.fill(new Uint8Array(buffer));
  say({ id, buffer, used, ends, done, fault: error && faultOf(error) });
}

function faultOf(error: Error): Fault {
  const brokenOff = error instanceof BrokenOff;
  const cause = brokenOff ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return { message, brokenOff, ...(isDomainError(cause) && { kind: cause.kind, code: cause.code }) };
}

function readFrom(hash: BlobHash, start: number, end: number): Uint8Array {
  const descriptor = openSync(placeIn(folder, hash), 'r');
  try {
    const length = Math.max(0, Math.min(end, fstatSync(descriptor).size) - start);
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const more = readSync(descriptor, buffer, filled, length - filled, start + filled);
      if (more === 0) break;
      filled += more;
    }
    return buffer.subarray(0, filled);
  } finally {
    closeSync(descriptor);
  }
}

/** Asked as of a folder that must be waited for. */
async function ifPresent<T>(work: () => T): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
