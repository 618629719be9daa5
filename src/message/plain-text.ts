/**
 * Plain text in UTF-8 as it is searched, in one go over its octets: decoded, NFC, white space as one space. Decoding, normalizing
 * and replacing one after another takes three times as long, and most mail is Vietnamese text without anything odd in it.
 */
import { isAscii, isUtf8 } from 'node:buffer';

import { roomForCodes, textOfCodes } from '../base/text-codes.ts';

const SPACE = 32;
const QUOTE = 62;
const NO_BREAK_SPACE = 0xa0;
/** Combining marks and what may have to be composed begin here; below, all letters are NFC. */
const FIRST_MARK = 0x300;
/** Codes beyond Latin letters that are NFC whatever stands beside them, and no white space. */
const PLAIN: readonly (readonly [number, number])[] = [
  // Latin with two marks: ế, ộ, ử …
  [0x1e00, 0x1ef9],
  // Dashes, quotes, bullets, ellipsis; without the separators of lines and paragraphs.
  [0x2010, 0x2027],
  [0x2030, 0x205e],
  // Signs of currencies; boxes, arrows and pictures of forms.
  [0x20a0, 0x20bf],
  [0x2500, 0x27bf],
];
const isPlain = (code: number): boolean => PLAIN.some(([first, last]) => code >= first && code <= last);

/**
 * @returns undefined when it must be read the long way: other characters, no UTF-8, marks of quoting; or nothing but ASCII, for
 * which that is as quick
 */
export function plainText(octets: Uint8Array): string | undefined {
  if (!isUtf8(octets) || isAscii(octets)) return undefined;
  const codes = roomForCodes(octets.length);
  let put = 0;
  let wasSpace = true;
  let isLineEmpty = true;
  for (let i = 0; i < octets.length;) {
    const first = octets[i++] ?? 0;
    let code = first;
    if (first >= 0xf0 || first === 0) return undefined;
    if (first >= 0xe0) {
      code = ((first & 15) << 12) | (((octets[i++] ?? 0) & 63) << 6) | ((octets[i++] ?? 0) & 63);
      // The first range is nearly all there is.
      if ((code < 0x1ea0 || code > 0x1ef9) && !isPlain(code)) return undefined;
    } else if (first >= 0x80) {
      code = ((first & 31) << 6) | ((octets[i++] ?? 0) & 63);
      if (code >= FIRST_MARK) return undefined;
    } else if (first === QUOTE && isLineEmpty) return undefined;
    if (code === SPACE || (code >= 9 && code <= 13) || code === NO_BREAK_SPACE) {
      if (code === 10 || code === 13) isLineEmpty = true;
      if (!wasSpace) codes[put++] = SPACE;
      wasSpace = true;
    } else {
      codes[put++] = code;
      wasSpace = false;
      isLineEmpty = false;
    }
  }
  return textOfCodes(codes.subarray(0, wasSpace && put > 0 ? put - 1 : put));
}
