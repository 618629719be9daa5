/**
 * One stored thing in a pack: a head of fixed length, then the bytes, perhaps compressed. The head names it and proves it, so a
 * pack can be checked alone and its index made anew.
 *
 * "C" | kind (1) | form (1) | key (32) | SHA-256 of the stored bytes (32) | their length (4) | length of the plain bytes (4)
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib';

export const HEAD_BYTES = 75;

/**
 * `t`: a piece of a table, named by its own SHA-256. The others are content as it lies in the store, named by the SHA-256 of what it
 * stands for: `p` in a row, by itself; `r` in a row, read with the help of other content; `f` in a file.
 */
const kinds = ['t', 'p', 'r', 'f'] as const;
export type Kind = (typeof kinds)[number];
const PLAIN = 0;
const DEFLATED = 1;

export interface Head {
  kind: Kind;
  key: string;
  form: number;
  check: Buffer;
  stored: number;
  plain: number;
}

/** The backup's bytes are not what was written. */
export class DamagedBackup extends Error {
  override readonly name = 'DamagedBackup';
}

const deflated = promisify(deflateRaw);
const inflated = promisify(inflateRaw);
const SAMPLE = 32 * 1024;

/** Compressed where that helps; what lies compressed already is not tried to the end. */
async function packed(bytes: Uint8Array): Promise<{ form: number; stored: Uint8Array }> {
  if (bytes.length >= 64) {
    const sample = bytes.subarray(0, SAMPLE);
    if (deflateRawSync(sample, { level: 1 }).length < sample.length * 0.9) {
      const stored = await deflated(bytes, { level: 6 });
      if (stored.length < bytes.length) return { form: DEFLATED, stored };
    }
  }
  return { form: PLAIN, stored: bytes };
}

export async function encodeRecord(kind: Kind, key: string, bytes: Uint8Array): Promise<Buffer> {
  const { form, stored } = await packed(bytes);
  const record = Buffer.alloc(HEAD_BYTES + stored.length);
  record.write('C', 0, 'latin1');
  record.write(kind, 1, 'latin1');
  record[2] = form;
  record.write(key, 3, 'hex');
  createHash('sha256').update(stored).digest().copy(record, 35);
  record.writeUInt32BE(stored.length, 67);
  record.writeUInt32BE(bytes.length, 71);
  record.set(stored, HEAD_BYTES);
  return record;
}

/** @throws DamagedBackup */
export function decodeHead(head: Buffer): Head {
  const kind = kinds.find((one) => one === head.toString('latin1', 1, 2));
  if (head.length < HEAD_BYTES || head[0] !== 0x43 || kind === undefined)
    throw new DamagedBackup('a pack does not hold what its index says');
  return {
    kind,
    form: head[2] ?? 0,
    key: head.toString('hex', 3, 35),
    check: head.subarray(35, 67),
    stored: head.readUInt32BE(67),
    plain: head.readUInt32BE(71),
  };
}

/** Proves the stored bytes and gives the plain ones. @throws DamagedBackup */
export async function decodeRecord(head: Head, stored: Buffer): Promise<Buffer> {
  const changed = new DamagedBackup(`the backup's copy of ${head.key} has changed`);
  if (stored.length !== head.stored || !sha256(stored).equals(head.check)) throw changed;
  // The head itself has no check: what it says must fit together.
  if (head.form !== PLAIN && head.form !== DEFLATED) throw changed;
  const plain = head.form === PLAIN ? stored : await inflatedTo(stored, head.plain);
  if (plain?.length !== head.plain) throw changed;
  if (head.kind === 't' && sha256(plain).toString('hex') !== head.key) throw changed;
  return plain;
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

const inflatedTo = (stored: Buffer, size: number): Promise<Buffer | undefined> =>
  inflated(stored, { maxOutputLength: Math.max(1, size) }).catch(() => undefined);
