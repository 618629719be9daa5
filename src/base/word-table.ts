/** Letters by their UTF-16 code: a table instead of expressions, since the text of every delivered message comes through it. */
import { fold } from './text.ts';

export const SPACE = 32;
/** A combining mark: folded away. */
export const NOTHING = 0;
/** A letter that the table cannot fold to one of ASCII. */
export const OTHER = 255;
/** Latin, Greek, Cyrillic, …, punctuation, arrows, bullets. */
export const TABLE_LENGTH = 0x2c00;

let table: Uint8Array | undefined;

/** By code: the letter or digit it folds to, or one of the above. */
export function foldTable(): Uint8Array {
  return (table ??= makeTable());
}

function makeTable(): Uint8Array {
  const made = new Uint8Array(TABLE_LENGTH).fill(SPACE);
  const all = String.fromCharCode(...made.keys());
  const each = foldedEach(all);
  for (const { index, 0: run } of all.matchAll(/[\p{L}\p{N}]+/gu)) made.fill(OTHER, index, index + run.length);
  for (const { index } of all.matchAll(/\p{M}/gu)) made[index] = each[index] === '' ? NOTHING : OTHER;
  for (let code = 0; code < TABLE_LENGTH; code++) {
    const folded = each[code] ?? '';
    if (made[code] === OTHER && /^[a-z0-9]$/.test(folded)) made[code] = folded.charCodeAt(0);
  }
  return made;
}

/** Every character folded by itself; one call for thousands takes a tenth of the time. */
export const foldedEach = (text: string): string[] => fold(text.split('').join(BETWEEN)).split(BETWEEN);
/** Of no script: stays as it is, and nothing joins it. */
const BETWEEN = '\ue000';
