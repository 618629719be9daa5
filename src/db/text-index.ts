/**
 * The index of documents (mail has its own, email-index.ts), one interface over FTS5 and tsvector.
 * The words are ours on both: folded (no marks, đ as d), split at everything that is no letter or digit; so
 * `1427/UBND-KGVX` is `1427 ubnd kgvx` on either engine.
 */
import { sql, type SQL } from 'drizzle-orm';

import { wordText } from '../base/word-reader.ts';
import { words } from '../base/word-text.ts';
import type { Dialect } from './kit.ts';
import type { Tx } from './database.ts';
import { vectorOf } from './vector.ts';

/** Up to four fields, in the order of the table's columns. */
export interface TextIndexDefinition<F extends string> {
  table: 'document_search';
  fields: readonly F[];
}
export const documentIndex = {
  table: 'document_search',
  fields: ['number', 'subject', 'issuer', 'signer'],
} as const satisfies TextIndexDefinition<string>;

export interface TextCondition<F extends string> {
  /** What was typed. All words must occur; "quoted words" must follow each other. */
  text: string;
  /** Only in these fields; all by default. */
  fields?: readonly F[];
  /** The last word may be unfinished (typing). */
  prefix?: boolean;
}

export interface TextIndex<F extends string> {
  put(tx: Tx, owner: number, id: number, fields: Partial<Record<F, string>>): Promise<void>;
  remove(tx: Tx, owner: number, ids: readonly number[]): Promise<void>;
  /** A subquery of the matching ids of this owner, for `inArray(column, …)`; undefined: no word to look for. */
  matching(owner: number, condition: TextCondition<F>): SQL | undefined;
}

const OWNER_SPAN = 2 ** 32;

/** Groups of words that must follow each other: `a "b c"` -> [[a], [b, c]]. */
export function phrases(text: string): string[][] {
  const out: string[][] = [];
  for (const [, quoted, plain] of text.matchAll(/"([^"]*)"?|([^"]+)/g)) {
    if (quoted !== undefined) out.push(words(quoted));
    else for (const word of (plain ?? '').split(/\s+/)) out.push(words(word));
  }
  return out.filter((p) => p.length > 0);
}

export function textIndex<F extends string>(dialect: Dialect, definition: TextIndexDefinition<F>): TextIndex<F> {
  return dialect === 'sqlite' ? fts5(definition) : tsvector(definition);
}

function fts5<F extends string>({ table, fields }: TextIndexDefinition<F>): TextIndex<F> {
  const name = sql.identifier(table);
  const marks = fields.map(() => '?').join(', ');
  const insert = `insert or replace into ${table} (rowid, ${fields.join(', ')}) values (?, ${marks})`;
  // The rowid carries the owner, so that a search reads only the owner's range of each word's list.
  const rowid = (owner: number, id: number) => BigInt(owner) * BigInt(OWNER_SPAN) + BigInt(id);
  return {
    async put(tx, owner, id, values) {
      await tx.q.statement(insert, [rowid(owner, id), ...fields.map((f) => wordText(values[f] ?? ''))]);
    },
    async remove(tx, owner, ids) {
      for (const id of ids) await tx.q.exec(sql`delete from ${name} where rowid = ${rowid(owner, id)}`);
    },
    matching(owner, { text, fields: only, prefix }) {
      const groups = phrases(text);
      if (groups.length === 0) return undefined;
      const scope = only ? `{${only.join(' ')}} : ` : '';
      const last = groups.length - 1;
      const match = groups.map((g, i) => `${scope}"${g.join(' ')}"${prefix && i === last ? '*' : ''}`).join(' AND ');
      return sql`(select rowid - ${rowid(owner, 0)} from ${name} where ${name} match ${match} and rowid between ${rowid(owner, 0)} and ${rowid(owner, OWNER_SPAN - 1)})`;
    },
  };
}

const WEIGHTS = ['A', 'B', 'C', 'D'] as const;

function tsvector<F extends string>({ table, fields }: TextIndexDefinition<F>): TextIndex<F> {
  const name = sql.identifier(table);
  return {
    async put(tx, owner, id, values) {
      const vector = vectorOf(fields.map((f) => words(values[f] ?? '')));
      await tx.q.exec(
        sql`insert into ${name} (owner, id, words) values (${owner}, ${id}, ${vector}::tsvector) on conflict (owner, id) do update set words = excluded.words`,
      );
    },
    async remove(tx, owner, ids) {
      if (ids.length === 0) return;
      await tx.q.exec(
        sql`delete from ${name} where owner = ${owner} and id in (${sql.join(
          ids.map((i) => sql`${i}`),
          sql`, `,
        )})`,
      );
    },
    matching(owner, { text, fields: only, prefix }) {
      const groups = phrases(text);
      if (groups.length === 0) return undefined;
      const weights = only ? only.map((f) => WEIGHTS[fields.indexOf(f)] ?? '').join('') : '';
      const last = groups.length - 1;
      const lexeme = (w: string, star: boolean) => `'${w}'${weights || star ? ':' : ''}${star ? '*' : ''}${weights}`;
      const query = groups
        .map(
          (g, i) =>
            `(${g.map((w, j) => lexeme(w, Boolean(prefix) && i === last && j === g.length - 1)).join(' <-> ')})`,
        )
        .join(' & ');
      return sql`(select id from ${name} where owner = ${owner} and words @@ ${query}::tsquery)`;
    },
  };
}
