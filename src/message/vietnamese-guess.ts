/**
 * Recognises Vietnamese in its old 8-bit charsets when the label says a western one: TCVN3, VISCII, VNI and windows-1258 mail
 * was mostly sent as "iso-8859-1". Cautious: nearly every marked word must be a possible Vietnamese syllable.
 */

/** Octets looked at. */
const SAMPLE = 8192;
const MIN_WORDS = 3;
const MIN_SHARE = 0.85;
/** Different marked letters: "må gå på" would make three Vietnamese syllables, but of one letter only. */
const MIN_LETTERS = 4;

const ONSET = '(?:b|ch?|d|đ|gi|gh?|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|th|tr|t|v|x)?';
const NUCLEUS =
  '(?:iêu|yêu|uôi|ươi|ươu|oai|oay|oao|oeo|uây|uyu|uya|uyê|iê|yê|uô|ươ|ia|ua|ưa|oa|oă|oe|uâ|uê|uy|uơ|ai|ao|au|ay|âu|ây|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y)';
const SYLLABLE = new RegExp(`^${ONSET}${NUCLEUS}(?:ch|ng|nh|c|m|n|p|t)?$`, 'u');
/** Sắc, huyền, hỏi, ngã, nặng. */
const TONES = /[\u0300\u0301\u0303\u0309\u0323]/g;

export type LegacyVietnamese = 'tcvn' | 'viscii' | 'vni' | 'windows-1258';

interface Score {
  marked: number;
  letters: number;
  share: number;
}

/** `decode` gives the octets in a candidate charset; "windows-1252" is what the label says. */
export function guessVietnamese(
  bytes: Uint8Array,
  decode: (octets: Uint8Array, charset: LegacyVietnamese | 'windows-1252') => string,
): LegacyVietnamese | undefined {
  const sample = bytes.subarray(0, SAMPLE);
  const asLabelled = score(decode(sample, 'windows-1252'));
  if (asLabelled.share >= MIN_SHARE) return undefined;
  let best: { charset: LegacyVietnamese; score: Score } | undefined;
  for (const charset of ['tcvn', 'viscii', 'vni', 'windows-1258'] as const) {
    const found = score(decode(sample, charset));
    if (found.marked < MIN_WORDS || found.letters < MIN_LETTERS || found.share < MIN_SHARE) continue;
    if (!best || found.share > best.score.share) best = { charset, score: found };
  }
  return best?.charset;
}

function score(text: string): Score {
  let marked = 0;
  let good = 0;
  let odd = 0;
  // Words with letters beyond ASCII; signs such as "®" inside a word betray a wrong charset.
  for (const word of text.normalize('NFC').split(/[\s\u0021-\u0040\u005b-\u0060\u007b-\u007e]+/)) {
    if (!/[^\u0000-\u007f]/.test(word)) continue;
    marked++;
    if (!/^[\p{L}]+$/u.test(word)) odd++;
    else if (isSyllable(word)) good++;
  }
  const letters = new Set(text.toLowerCase().match(/[^\u0000-\u007f]/g)).size;
  return { marked, letters, share: marked === 0 ? 0 : (good - odd) / marked };
}

function isSyllable(word: string): boolean {
  if (word.length > 7) return false;
  // Old fonts had capitals of their own: inner capitals are no sign of a wrong guess, but mixed ones are.
  if (word !== word.toLowerCase() && word !== word.toUpperCase() && word.slice(1) !== word.slice(1).toLowerCase())
    return false;
  const marks = word.toLowerCase().normalize('NFD');
  if ((marks.match(TONES) ?? []).length > 1) return false;
  return SYLLABLE.test(marks.replace(TONES, '').normalize('NFC'));
}
