/** How hard a passphrase is to guess, without a word list of megabytes: enough to refuse the usual bad ones. */
import { fold } from '../../../../base/text.ts';
import { MIN_PASSPHRASE } from './passphrase-rules.ts';

export type PassphraseHint = 'too_short' | 'too_common' | 'contains_name' | 'repeats' | 'add_words' | 'good';

export interface PassphraseStrength {
  /** Guessing work, in bits, by a plain estimate. */
  bits: number;
  score: 0 | 1 | 2 | 3 | 4;
  acceptable: boolean;
  /** Key for the catalogue. */
  hint: PassphraseHint;
}

/** Below this an offline attack on a stolen, Argon2id-protected key becomes thinkable. */
const ACCEPTABLE_BITS = 40;

const common = [
  'password',
  'passphrase',
  'matkhau',
  'matkhauky',
  'admin',
  'qwerty',
  'qwertyuiop',
  'asdfgh',
  'zxcvbn',
  'abc',
  'abcdef',
  'iloveyou',
  'welcome',
  'letmein',
  'vietnam',
  'hanoi',
  'saigon',
  'congvu',
  'caoson',
  'ubnd',
  'congchuc',
  'vanthu',
  'chinhphu',
  'anhyeuem',
  'emyeuanh',
  'khongbiet',
  'quantri',
  'xinchao',
  '123',
  '1234',
  '12345',
  '123456',
  '1234567',
  '12345678',
  '123456789',
  '1234567890',
  '000000',
  '111111',
  '888888',
  '999999',
];

/** @param personal name, address, unit: their words count for nothing. */
export function passphraseStrength(passphrase: string, personal: readonly string[] = []): PassphraseStrength {
  const characters = [...passphrase.normalize('NFC')];
  const known = personal.flatMap((p) => fold(p).split(/[^a-z0-9]+/)).filter((w) => w.length >= 3);
  const folded = fold(passphrase);
  const stripped = strip(folded, [...known, ...common]);
  const bits = Math.round(
    estimate(stripped) +
      (/\p{M}|[đĐ]/u.test(passphrase.normalize('NFD')) ? 4 : 0) +
      (/\p{Lu}/u.test(passphrase) ? 2 : 0),
  );
  const short = characters.length < MIN_PASSPHRASE;
  const acceptable = !short && bits >= ACCEPTABLE_BITS;
  const score = short ? 0 : bits >= 70 ? 4 : bits >= 55 ? 3 : bits >= ACCEPTABLE_BITS ? 2 : bits >= 25 ? 1 : 0;
  return { bits, score, acceptable, hint: hintFor({ short, acceptable, folded, known, characters }) };
}

function hintFor(found: {
  short: boolean;
  acceptable: boolean;
  folded: string;
  known: string[];
  characters: string[];
}): PassphraseHint {
  if (found.short) return 'too_short';
  if (found.acceptable) return 'good';
  if (found.known.some((w) => found.folded.includes(w))) return 'contains_name';
  if (common.some((w) => w.length > 3 && found.folded.replace(/\s/g, '').includes(w))) return 'too_common';
  if (new Set(found.characters).size <= found.characters.length / 3) return 'repeats';
  return 'add_words';
}

/** A known word is worth one character. Longest first, so that "123456" does not leave "456". */
function strip(text: string, words: readonly string[]): string {
  const ordered = [...new Set(words)].sort((a, b) => b.length - a.length);
  return ordered.reduce((rest, word) => rest.replaceAll(word, '\u0001'), text);
}

/** Characters that continue a run (aaaa, abcd, 4321) or repeat the last word add next to nothing. */
function estimate(text: string): number {
  const words = text.split(/\s+/).filter((w) => w !== '');
  const fresh = [...new Set(words)].join(' ');
  const pool = (/[a-z]/.test(fresh) ? 26 : 0) + (/[0-9]/.test(fresh) ? 10 : 0) + (/[^a-z0-9\s]/.test(fresh) ? 20 : 0);
  // Letters of words are far from random: about 2.6 bits each in Vietnamese without marks; mixed text a little more.
  const perCharacter = Math.min(Math.log2(Math.max(pool, 2)), /[0-9]|[^a-z0-9\s]/.test(fresh) ? 3.6 : 2.6);
  let bits = 0;
  let before = NaN;
  let step = NaN;
  for (const character of fresh) {
    const code = character.codePointAt(0) ?? 0;
    const runs = code - before === step || code === before;
    bits += runs ? 0.4 : perCharacter;
    step = Math.abs(code - before) <= 1 ? code - before : NaN;
    before = code;
  }
  return bits;
}
