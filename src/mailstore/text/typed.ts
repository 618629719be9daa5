/** What was typed into a search box (RFC 8621 §4.4.1 text, body): groups of words that must follow each other. */
import { fold } from '../../base/text.ts';
import { isMarked, piecesOf, words } from '../../base/word-text.ts';
import type { Clause } from '../../db/email-index.ts';
import type { TextKey } from '../query-types.ts';
import { fieldsOf, marksOfWord } from './plan.ts';

export interface Group {
  /** As typed. */
  text: string;
  words: string[];
  /** Its last word may be unfinished: typing goes on. */
  prefix: boolean;
}

/** A shorter last word is taken as typed; a longer one may be unfinished. */
const PREFIX_LENGTH = 3;

/** `a "b c" 1/X` -> [a], [b, c], [1, x]. */
export function typedGroups(text: string): Group[] {
  const pieces: string[] = [];
  for (const [, quoted, plain] of text.normalize('NFC').matchAll(/"([^"]*)"?|([^"]+)/g)) {
    if (quoted !== undefined) pieces.push(quoted);
    else pieces.push(...(plain ?? '').split(/\s+/));
  }
  const groups = pieces
    .map((piece) => ({ text: piece, words: words(piece) }))
    .filter((group) => group.words.length > 0);
  const last = groups.at(-1);
  const unfinished = (last?.words.at(-1) ?? '').length >= PREFIX_LENGTH && piecesOf(text).at(-1)?.isWord === true;
  return groups.map((group) => ({ ...group, prefix: unfinished && group === last }));
}

/** Whether the text must be looked at: the index knows marks of single words only. */
export const needsText = ({ text, words: { length } }: Group): boolean => length > 1 && isMarked(text);

/** What the index is asked for; undefined: no word was typed. */
export function clausesOf(typed: string, scope: Pick<TextKey, 'in'>): Clause[] | undefined {
  const groups = typedGroups(typed);
  if (groups.length === 0) return undefined;
  return groups.map((group): Clause => {
    const { prefix } = group;
    const key = { ...scope, text: group.text };
    const [word = '', ...others] = group.words;
    const marked = isMarked(group.text);
    // The word alone is known as it is written; only syllables may have been written without marks.
    if (marked && others.length === 0 && isOneWord(group)) return { marks: marksOfWord(key, group.text), prefix };
    return { phrases: [{ words: [word, ...others], prefix }], ...fieldsOf(key) };
  });
}

const isOneWord = ({ text, words: [word] }: Group): boolean =>
  piecesOf(text).every(({ isWord }) => isWord) && fold(text) === word;
