/**
 * A message that ends the process while it is taken apart on the main thread is not taken apart there again, whichever way it
 * comes: found in the journal, or because its sender or a mail program tries once more. A file says which one is under way, and
 * which ones were when a process ended.
 *
 * Nothing is synced: it is about processes that end, and after a power cut nobody is to be suspected. Who is suspected wrongly is
 * taken apart in a thread, and no worse off.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import type { Log } from '../../base/log.ts';

export interface Suspects {
  has(bytes: Uint8Array): boolean;
  /** This one is taken apart on the main thread now. */
  trying(bytes: Uint8Array): void;
  /** It was, and the process is still there. */
  passed(): void;
  close(): void;
}

export const noSuspects: Suspects = {
  has: () => false,
  trying: () => undefined,
  passed: () => undefined,
  close: () => undefined,
};

/** Length and CRC-32, as one number that is not 0 but for no octets: below the trace. */
const MARK = 8;
/** The one under way, then those of earlier processes, the last one first. */
const MARKS = 64;
const NOBODY = 0n;

/** @param file opened when something is asked; without it (no room, no right) nobody is suspected */
export function openSuspects(file: string, log: Log): Suspects {
  let opened: { descriptor: number; known: ReadonlySet<bigint> } | undefined;
  const state = (): NonNullable<typeof opened> => {
    if (opened) return opened;
    opened = { descriptor: -1, known: new Set() };
    try {
      opened = open(file);
    } catch (error) {
      log.warn({ err: error, file }, 'what ends the process is not remembered');
    }
    return opened;
  };
  const write = (mark: bigint): void => {
    const { descriptor } = state();
    if (descriptor < 0) return;
    const octets = Buffer.alloc(MARK);
    octets.writeBigUInt64BE(mark);
    try {
      writeSync(descriptor, octets, 0, MARK, 0);
    } catch {
      // As if there was no file.
      return;
    }
  };
  return {
    has: (bytes) => state().known.size > 0 && state().known.has(markOf(bytes)),
    trying: (bytes) => write(markOf(bytes)),
    passed: () => write(NOBODY),
    close() {
      if (opened && opened.descriptor >= 0) closeSync(opened.descriptor);
      opened = undefined;
    },
  };
}

/** Of what its sender wrote: each time it is sent, what our servers put in front is another (RFC 5321 §4.4). */
function markOf(bytes: Uint8Array): bigint {
  const written = bytes.subarray(endOfTrace(bytes));
  return (BigInt(written.byteLength) << 32n) | BigInt(crc32(written));
}

const TRACE = /(?:(?:return-path|received|authentication-results)[ \t]*:[^\n]*\n(?:[ \t]+[^ \t\r\n][^\n]*\n)*)*/iy;
/** Octets within which it ends, or is left as it is. */
const TRACE_BYTES = 16 * 1024;

function endOfTrace(bytes: Uint8Array): number {
  const top = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, TRACE_BYTES)).toString('latin1');
  TRACE.lastIndex = 0;
  return TRACE.exec(top)?.[0].length ?? 0;
}

function open(file: string): { descriptor: number; known: Set<bigint> } {
  const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  const octets = Buffer.alloc(MARKS * MARK);
  const length = readSync(descriptor, octets, 0, octets.length, 0);
  const underWay = octets.readBigUInt64BE(0);
  const marks = Array.from({ length: MARKS - 1 }, (_, i) => octets.readBigUInt64BE((i + 1) * MARK));
  const known = new Set([underWay, ...marks].filter((mark) => mark !== NOBODY));
  if (underWay === NOBODY && length === octets.length) return { descriptor, known };
  // As long from the beginning as it will ever be: a full disk does not keep a mark out later.
  octets.fill(0);
  for (const [i, mark] of [...known].slice(0, MARKS - 1).entries()) octets.writeBigUInt64BE(mark, (i + 1) * MARK);
  writeSync(descriptor, octets, 0, octets.length, 0);
  return { descriptor, known };
}
