/**
 * What a journal's file holds.
 *
 *   record: "CVJ1" · generation · length of the note · length of the octets · CRC-32 of all the rest · note (JSON) · octets
 *
 * Numbers are 32 bits, big-endian. A record counts when its CRC is right and its generation is that of the first: what lies behind
 * the last one is of an earlier generation, or was being written when the process ended, and then nobody was answered. A file that
 * was dealt with begins with zeros.
 */
import { crc32 } from 'node:zlib';

const MAGIC = Buffer.from('CVJ1');
export const HEAD = 20;

export interface JournalRecord {
  /** As it was given to `append`, through JSON. */
  note: unknown;
  bytes: Uint8Array;
}

export function encode(generation: number, note: unknown, bytes: Uint8Array): [Buffer, Uint8Array] {
  const text = JSON.stringify(note);
  const length = Buffer.byteLength(text);
  const head = Buffer.allocUnsafe(HEAD + length);
  MAGIC.copy(head);
  head.writeUInt32BE(generation, 4);
  head.writeUInt32BE(length, 8);
  head.writeUInt32BE(bytes.byteLength, 12);
  head.write(text, HEAD);
  head.writeUInt32BE(checksum(head.subarray(0, 16), head.subarray(HEAD), bytes), 16);
  return [head, bytes];
}

const checksum = (...pieces: readonly Uint8Array[]): number => pieces.reduce((sum, piece) => crc32(piece, sum), 0);

export interface Records {
  records: JournalRecord[];
  /** Behind the last of them. */
  end: number;
  /** Of all of them. */
  generation: number | undefined;
  /** Something that may have been answered for cannot be read. */
  isDamaged: boolean;
}

/** The disk may have lost octets of one record: that costs this one, and none behind it. */
export function readRecords(content: Buffer): Records {
  const found: Records = { records: [], end: 0, generation: undefined, isDamaged: false };
  if (!beginsRecord(content)) {
    found.isDamaged = content.length >= HEAD && content.subarray(0, HEAD).some((octet) => octet !== 0);
    return found;
  }
  const generation = (found.generation = content.readUInt32BE(4));
  for (let at = 0; at >= 0;) {
    const read = recordAt(content, at, generation);
    if (read) {
      found.isDamaged ||= at > found.end;
      found.records.push(read.record);
      at = found.end = read.end;
      if (beginsRecord(content, at)) continue;
    }
    at = content.indexOf(MAGIC, at + 1);
  }
  return found;
}

/** @param content at least HEAD octets of it */
export const beginsRecord = (content: Buffer, at = 0): boolean =>
  at + HEAD <= content.length && content.compare(MAGIC, 0, MAGIC.length, at, at + MAGIC.length) === 0;

function recordAt(content: Buffer, at: number, generation: number): { record: JournalRecord; end: number } | undefined {
  if (at + HEAD > content.length || content.readUInt32BE(at + 4) !== generation) return undefined;
  const octets = at + HEAD + content.readUInt32BE(at + 8);
  const end = octets + content.readUInt32BE(at + 12);
  if (end > content.length) return undefined;
  const [note, bytes] = [content.subarray(at + HEAD, octets), content.subarray(octets, end)];
  if (checksum(content.subarray(at, at + 16), note, bytes) !== content.readUInt32BE(at + 16)) return undefined;
  return { record: { note: JSON.parse(note.toString('utf8')) as unknown, bytes }, end };
}
