/** What goes into the text index of a message: the dear part of indexing, pure. */
import type { WordReader } from '../../base/word-reader.ts';
import { emailEntry, type EmailEntry } from '../../db/email-words.ts';
import type { Dialect } from '../../db/kit.ts';
import type { SearchText } from '../../message/search-text.ts';
import { packText } from './stored-text.ts';

export interface IndexedMessage {
  entry: EmailEntry;
  /** For the vocabulary. */
  vocabulary: readonly string[];
  packed: Uint8Array;
}

/** How words are entered as they are written: from where; and the name of each header field. */
export const bodyMark = 'b';
export const headMark = 'h';
export const fieldMark = (name: string): string => `f${name.toLowerCase().replace(/[^a-z0-9]/g, '')}`;

const SUBJECT = /^subject:/i;
const PEOPLE = /^(?:from|sender|reply-to|to|cc|bcc):/i;

/** @param words the vocabulary is what it has not told yet */
export function indexedMessage(
  { header, files, body }: SearchText,
  dialect: Dialect,
  words: WordReader,
): IndexedMessage {
  const people = header.filter((line) => PEOPLE.test(line));
  const subject = header.filter((line) => SUBJECT.test(line));
  const rest = header.filter((line) => !PEOPLE.test(line) && !SUBJECT.test(line));
  const heads = [valuesOf(subject), valuesOf(people), `${files}\n${valuesOf(rest)}`].map(words.read);
  const inBody = words.read(body);
  const [inSubject = '', inPeople = '', inRest = ''] = heads.map((h) => h.text);
  const marks = [
    { kind: bodyMark, words: inBody.written },
    { kind: headMark, words: heads.flatMap((h) => h.written) },
    { kind: '', words: header.map((line) => fieldMark(line.slice(0, line.indexOf(':')))) },
  ];
  return {
    entry: emailEntry[dialect]({ fields: [inSubject, inPeople, inBody.text, inRest], marks }),
    vocabulary: [...inBody.fresh, ...heads.flatMap((h) => h.fresh)],
    packed: packText({ header, files, body }),
  };
}

/** "From: a <a@b>": that a field is called From is no reason to find it. */
const valuesOf = (lines: readonly string[]): string =>
  lines.map((line) => line.slice(line.indexOf(':') + 1)).join('\n');
