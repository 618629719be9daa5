import type { Part } from '../types.ts';

export const message = (...lines: string[]): Uint8Array => Buffer.from(lines.join('\r\n'));

export const bodyOf = (bytes: Uint8Array, part: Part | undefined): string =>
  part === undefined ? 'no part' : Buffer.from(bytes.subarray(part.bodyStart, part.bodyEnd)).toString('latin1');
