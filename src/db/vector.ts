/** The literal form of a tsvector, since PostgreSQL's own parser cuts document numbers oddly. */

/** tsvector: at most 1 MB, positions to 16383, at most 255 of one word. */
const BYTES = 900_000;
const POSITION = 16_383;
const POSITIONS_PER_WORD = 255;
const WEIGHTS = ['A', 'B', 'C', 'D'] as const;

/** Says that not every word has all its places: a phrase may be there without being seen. */
export const longLexeme = '=';

/** @param alone words without a place, found as "=word". */
export function vectorOf(fields: readonly (readonly string[])[], alone: readonly string[] = []): string {
  const places = new Map<string, string[]>();
  let position = 0;
  let long = false;
  fields.forEach((list, field) => {
    for (const word of list) {
      if (++position > POSITION) long = true;
      const place = `${Math.min(position, POSITION)}${WEIGHTS[field] ?? 'D'}`;
      const known = places.get(word);
      if (!known) places.set(word, [place]);
      else if (known.length < POSITIONS_PER_WORD) known.push(place);
      else long = true;
    }
    position++; // no phrase runs across fields
  });
  return literal(places, alone, long);
}

function literal(places: Map<string, string[]>, alone: readonly string[], long: boolean): string {
  const out: string[] = [];
  let left = BYTES;
  // What does not fit loses its places first. Beyond that words are left out: 1 MB is all that a vector holds.
  const crowded = size(places) > BYTES;
  for (const [word, at] of places) {
    left -= Buffer.byteLength(word) + 10 + (crowded ? 0 : 2 * at.length);
    if (left < 0) break;
    // One place must stay for each field it occurs in.
    out.push(`'${word}':${(crowded ? firstOfEach(at) : at).join(',')}`);
  }
  for (const word of new Set(alone)) {
    left -= Buffer.byteLength(word) + 10;
    if (left < 0) break;
    out.push(`'=${word}'`);
  }
  if (long || crowded) out.push(`'${longLexeme}'`);
  return out.join(' ');
}

function size(places: Map<string, string[]>): number {
  let bytes = 0;
  for (const [word, at] of places) bytes += Buffer.byteLength(word) + 10 + 2 * at.length;
  return bytes;
}

const firstOfEach = (at: readonly string[]): string[] => [
  ...new Map(at.map((place) => [place.slice(-1), place])).values(),
];
