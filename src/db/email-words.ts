/** What the index of mail takes of a message, ready for its engine: pure, so that a thread without a database makes it. */
import type { Dialect } from './kit.ts';
import { vectorOf } from './vector.ts';

export const emailFields = ['subject', 'people', 'body', 'rest'] as const;
export type EmailField = (typeof emailFields)[number];

/** A text cut into words. */
export interface EmailWords {
  /** Folded words with spaces, in the order of the fields. */
  fields: readonly string[];
  /** As written; each word begins with its kind, "b" in the body, "h" elsewhere. */
  marks: readonly { kind: string; words: readonly string[] }[];
}

/** SQLite: the fields, then all marks. PostgreSQL: the vector. */
export type EmailEntry = readonly string[];

export const emailEntry: Readonly<Record<Dialect, (words: EmailWords) => EmailEntry>> = {
  sqlite: ({ fields, marks }) => [
    ...fields,
    marks
      .filter(({ words }) => words.length > 0)
      .map(({ kind, words }) => kind + words.join(` ${kind}`))
      .join(' '),
  ],
  pg: ({ fields, marks }) => [
    vectorOf(
      fields.map((text) => text.split(' ').filter((word) => word !== '')),
      marks.flatMap(({ kind, words }) => words.map((word) => kind + word)),
    ),
  ],
};
