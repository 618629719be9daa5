/** The UTF-16 codes of texts as numbers in a buffer: going over them takes a third of the time that letters of a string take. */
import { endianness } from 'node:os';

/** What is kept for the next text; a longer one has room of its own. */
const KEPT = 64 * 1024;
const kept = new Uint16Array(KEPT);
const swapped = endianness() === 'BE';

/** @returns room for so many codes at least, good until the next call */
export const roomForCodes = (length: number): Uint16Array<ArrayBuffer> =>
  length <= KEPT ? kept : new Uint16Array(length);

/** @returns a view that is good until the next call */
export function textCodes(text: string): Uint16Array {
  const codes = roomForCodes(text.length);
  const octets = Buffer.from(codes.buffer, 0, text.length * 2);
  octets.write(text, 'utf16le');
  if (swapped) octets.swap16();
  return codes.subarray(0, text.length);
}

/** The text of these codes. */
export function textOfCodes(codes: Uint16Array): string {
  const octets = Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength);
  return (swapped ? Buffer.from(octets).swap16() : octets).toString('utf16le');
}
