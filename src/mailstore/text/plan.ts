/**
 * What the index is asked for a searched text. It gives every message that may match, and mostly few others; whether one does
 * is decided by its text, unless `decided`.
 */
import { isMarked, piecesOf, words, writtenWord } from '../../base/word-text.ts';
import { fold } from '../../base/text.ts';
import type { Turn } from '../../base/turns.ts';
import type { Clause } from '../../db/email-index.ts';
import type { EmailField } from '../../db/email-words.ts';
import { reversed, wordsContaining, wordsWith, type ShownField } from '../repository/search.ts';
import type { Store } from '../repository/scope.ts';
import type { TextKey } from '../query-types.ts';
import { bodyMark, fieldMark, headMark } from './indexed.ts';

export interface Shown {
  field: ShownField;
  folded: string;
}

export interface Plan {
  clauses: Clause[];
  /** Whoever meets the clauses matches. */
  decided: boolean;
  /** No message can match. */
  nothing?: boolean;
  /** A word typed with marks was all: the index knows it as it was written; `clauses` are then of longer words with it. */
  alone?: Clause;
  /** What lists show of the field must have it, marks aside. */
  shown?: Shown;
}

/** More words than that say too little: then the texts are looked through. */
const MOST_WORDS = 200;
const STRETCH = 20_000;
/** Of a longer text the index is asked for its beginning: PostgreSQL follows no phrase of ten thousand words. */
const MOST_ASKED = 500;

export async function planLiteral(store: Store, key: TextKey, turn: Turn): Promise<Plan> {
  const text = key.text.normalize('NFC');
  const all = words(text);
  const parts = all.slice(0, MOST_ASKED);
  const shown = shownOf(key);
  const named: Clause[] = key.in === 'header' ? [{ marks: [fieldMark(key.field ?? '')] }] : [];
  if (parts.length === 0) return { clauses: named, decided: false, ...shown };
  const pieces = piecesOf(text);
  const opens = pieces[0]?.isWord === true;
  const closes = pieces.at(-1)?.isWord === true && all.length <= MOST_ASKED;
  const [first = '', ...others] = parts;
  const only = others.length === 0;
  const starts = !opens
    ? [first]
    : only && closes
      ? await containing(store, first, turn)
      : await endingWith(store, first);
  if (starts?.length === 0) return { clauses: [], decided: true, nothing: true };
  if (opens && closes && only && key.in !== 'header' && isSyllable(text)) {
    const longer = starts?.filter((word) => word !== first).map((word) => ({ words: [word] }));
    // Too many longer words: every text is looked at. None: nothing besides.
    const clauses = longer ? [{ phrases: longer, ...fieldsOf(key) }] : [];
    return { clauses, decided: longer?.length === 0, alone: { marks: marksOfWord(key, text) } };
  }
  const marks = marksOf(key, text, { opens, closes });
  const phrases = starts
    ? starts.map((word) => ({ words: [word, ...others], prefix: closes && !(only && opens) }))
    : others.length > 0
      ? [{ words: others, prefix: closes }]
      : undefined;
  const clauses = phrases ? [{ phrases, ...fieldsOf(key) }, ...named, ...marks] : [...named, ...marks];
  const isWord = only && phrases !== undefined && /^[a-z0-9]+$/i.test(text);
  return {
    clauses,
    decided: (isWord && key.in !== 'header') || (shown.shown !== undefined && !isMarked(text)),
    ...shown,
  };
}

function shownOf({ in: where, field, text }: TextKey): { shown?: Shown } {
  const shown = where === 'header' ? SHOWN.find((name) => name === field) : undefined;
  return shown ? { shown: { field: shown, folded: fold(text.normalize('NFC').replace(/\s+/g, ' ')) } } : {};
}
const SHOWN: readonly ShownField[] = ['subject', 'from', 'to', 'cc', 'bcc'];

const HEADER_FIELDS: ReadonlyMap<string, EmailField> = new Map([
  ['subject', 'subject'],
  ['from', 'people'],
  ['sender', 'people'],
  ['reply-to', 'people'],
  ['to', 'people'],
  ['cc', 'people'],
  ['bcc', 'people'],
]);

export function fieldsOf(key: TextKey): { fields?: EmailField[] } {
  if (key.in === 'text') return {};
  return { fields: [key.in === 'body' ? 'body' : (HEADER_FIELDS.get(key.field ?? '') ?? 'rest')] };
}

const tagsOf = (key: TextKey): string[] =>
  key.in === 'text' ? [bodyMark, headMark] : [key.in === 'body' ? bodyMark : headMark];

/** A word typed with marks was written so, or wholly without. */
export function marksOfWord(key: TextKey, word: string): string[] {
  return tagsOf(key).flatMap((tag) => [tag + writtenWord(word), tag + fold(word)]);
}

export const marksOfPhrase = (key: TextKey, unfinished: boolean): Clause[] =>
  marksOf(key, key.text, { opens: false, closes: unfinished });

/** Of the words that are whole for sure, those that were typed with marks. */
function marksOf(key: TextKey, text: string, { opens, closes }: { opens: boolean; closes: boolean }): Clause[] {
  const typed = piecesOf(text).flatMap((piece) => (piece.isWord ? [piece.text] : []));
  const whole = typed.slice(opens ? 1 : 0, closes ? -1 : undefined);
  const asked = [...new Set(whole.filter(isSyllable))].slice(0, MOST_ASKED);
  return asked.map((word) => ({ marks: marksOfWord(key, word) }));
}

/** Others have no entry without their marks. */
const isSyllable = (word: string): boolean => isMarked(word) && /^[a-z]{1,7}$/.test(fold(word));

async function endingWith(store: Store, word: string): Promise<string[] | undefined> {
  const found = await wordsWith(store, reversed(word), MOST_WORDS);
  return found?.map((w) => reversed(w.slice(1)).slice(1));
}

async function containing(store: Store, part: string, turn: Turn): Promise<string[] | undefined> {
  const found: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    await turn();
    const next: { words: string[]; end: string | undefined } = await wordsContaining(store, part, after, STRETCH);
    found.push(...next.words);
    if (found.length > MOST_WORDS) return undefined;
    after = next.end;
  }
  return found;
}
