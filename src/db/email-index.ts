/**
 * The index of mail, one interface over FTS5 and tsvector. It finds folded words and where they stand, and beside them the
 * words as they are written ("công", not "cộng"): those only by message, which is a sixth as large.
 *
 * SQLite: two tables, email_search with positions and email_marks without. PostgreSQL: one vector; "=" begins the lexemes of
 * the second kind, which have no position.
 */
import { sql, type SQL } from 'drizzle-orm';

import type { Tx } from './database.ts';
import { emailFields, type EmailEntry, type EmailField } from './email-words.ts';
import type { Dialect } from './kit.ts';
import { longLexeme } from './vector.ts';

/** Words that follow each other; of the last one only the beginning when `prefix`. */
export interface Phrase {
  words: readonly string[];
  prefix?: boolean;
}
/** One of these must occur. */
export type Clause =
  { phrases: readonly Phrase[]; fields?: readonly EmailField[] } | { marks: readonly string[]; prefix?: boolean };

export interface EmailIndex {
  put(tx: Tx, owner: number, id: number, entry: EmailEntry): Promise<void>;
  remove(tx: Tx, owner: number, ids: readonly number[]): Promise<void>;
  /** A subquery of the ids of this owner that meet all clauses, for `in`. */
  matching(owner: number, clauses: readonly Clause[]): SQL;
}

const OWNER_SPAN = 2 ** 32;
type Marks = Extract<Clause, { marks: unknown }>;
type Text = Exclude<Clause, Marks>;
const isMarks = (clause: Clause): clause is Marks => 'marks' in clause;
const isText = (clause: Clause): clause is Text => !isMarks(clause);

export const emailIndexes: Readonly<Record<Dialect, EmailIndex>> = { sqlite: fts5(), pg: tsvector() };

function fts5(): EmailIndex {
  // The rowid carries the owner, so that a search reads only the owner's range of each word's list.
  const rowid = (owner: number, id: number) => BigInt(owner) * BigInt(OWNER_SPAN) + BigInt(id);
  const insertText = `insert or replace into email_search (rowid, ${emailFields.join(', ')}) values (?, ?, ?, ?, ?)`;
  const insertMarks = 'insert or replace into email_marks (rowid, words) values (?, ?)';
  const quoted = (words: readonly string[], prefix = false) => `"${words.join(' ')}"${prefix ? '*' : ''}`;
  const textMatch = ({ phrases, fields }: Text) =>
    `${fields ? `{${fields.join(' ')}} : ` : ''}(${phrases.map((p) => quoted(p.words, p.prefix)).join(' OR ')})`;
  const marksMatch = ({ marks, prefix }: Marks) => `(${marks.map((word) => quoted([word], prefix)).join(' OR ')})`;
  return {
    async put(tx, owner, id, entry) {
      const key = rowid(owner, id);
      await tx.q.statement(insertText, [key, ...entry.slice(0, -1)]);
      await tx.q.statement(insertMarks, [key, entry.at(-1)]);
    },
    async remove(tx, owner, ids) {
      for (const id of ids) {
        await tx.q.exec(sql`delete from email_search where rowid = ${rowid(owner, id)}`);
        await tx.q.exec(sql`delete from email_marks where rowid = ${rowid(owner, id)}`);
      }
    },
    matching(owner, clauses) {
      const from = (table: 'email_search' | 'email_marks', match: string): SQL =>
        sql`select rowid - ${rowid(owner, 0)} as id from ${sql.identifier(table)} where ${sql.identifier(table)} match ${match} and rowid between ${rowid(owner, 0)} and ${rowid(owner, OWNER_SPAN - 1)}`;
      const text = clauses.filter(isText).map(textMatch);
      const marks = clauses.filter(isMarks).map(marksMatch);
      const parts = [
        ...(text.length > 0 ? [from('email_search', text.join(' AND '))] : []),
        ...(marks.length > 0 ? [from('email_marks', marks.join(' AND '))] : []),
      ];
      return sql`(${sql.join(parts, sql` intersect `)})`;
    },
  };
}

const WEIGHTS = ['A', 'B', 'C', 'D'] as const;

function tsvector(): EmailIndex {
  const lexeme = (word: string, flags: string) => `'${word}'${flags === '' ? '' : `:${flags}`}`;
  const phraseQuery = ({ words, prefix = false }: Phrase, weights: string): string => {
    const last = words.length - 1;
    const all = (flags: string) => words.map((w, i) => lexeme(w, `${prefix && i === last ? '*' : ''}${flags}`));
    if (last === 0) return all(weights).join('');
    // Where places ran out, all that is known is which words there are.
    return `(${all(weights).join(' <-> ')}) | ('${longLexeme}' & ${all('').join(' & ')})`;
  };
  const query = (clause: Clause): string => {
    if (isMarks(clause)) return clause.marks.map((w) => lexeme(`=${w}`, clause.prefix ? '*' : '')).join(' | ');
    const weights = clause.fields?.map((f) => WEIGHTS[emailFields.indexOf(f)] ?? '').join('') ?? '';
    return clause.phrases.map((p) => `(${phraseQuery(p, weights)})`).join(' | ');
  };
  return {
    async put(tx, owner, id, [vector]) {
      await tx.q.exec(
        sql`insert into email_search (owner, id, words) values (${owner}, ${id}, ${vector}::tsvector) on conflict (owner, id) do update set words = excluded.words`,
      );
    },
    async remove(tx, owner, ids) {
      if (ids.length === 0) return;
      await tx.q.exec(
        sql`delete from email_search where owner = ${owner} and id = any(${`{${ids.join(',')}}`}::bigint[])`,
      );
    },
    matching(owner, clauses) {
      const all = clauses.map((clause) => `(${query(clause)})`).join(' & ');
      return sql`(select id from email_search where owner = ${owner} and words @@ ${all}::tsquery)`;
    },
  };
}
