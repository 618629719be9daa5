/**
 * Full-text search, one interface over FTS5 and tsvector.
 * The words are ours on both: folded (no marks, đ as d), split at everything that is no letter or digit; so
 * `1427/UBND-KGVX` is `1427 ubnd kgvx` on either engine.
 */
import { sql, type SQL } from 'drizzle-orm';

import { fold, isAscii } from '../base/text.ts';
import type { Dialect } from './kit.ts';
import type { Tx } from './database.ts';

/** Up to four fields, in the order of the table's columns. */
export interface TextIndexDefinition<F extends string> {
  table: 'email_search' | 'document_search';
  fields: readonly F[];
}
export const emailIndex = {
  table: 'email_search',
  fields: ['subject', 'people', 'body', 'files'],
} as const satisfies TextIndexDefinition<string>;
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
  /** Splits the words now; `put` of the same object need not. */
  fold(fields: Partial<Record<F, string>>): void;
  put(tx: Tx, owner: number, id: number, fields: Partial<Record<F, string>>): Promise<void>;
  remove(tx: Tx, owner: number, ids: readonly number[]): Promise<void>;
  /** A subquery of the matching ids of this owner, for `inArray(column, …)`; undefined: no word to look for. */
  matching(owner: number, condition: TextCondition<F>): SQL | undefined;
}

const OWNER_SPAN = 2 ** 32;
/** tsvector: at most 1 MB, positions to 16383, lexemes below 2 KB. */
const PG_BYTES = 900_000;
const PG_POSITION = 16_383;
const PG_POSITIONS_PER_WORD = 255;
const WORD_LENGTH = 200;

export function words(text: string): string[] {
  return (fold(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((w) => w.slice(0, WORD_LENGTH));
}

/** The same words as one text, for FTS5: its tokenizer splits ASCII where we do, so most text need not be split before. */
export function wordText(text: string): string {
  // Quotation marks, dashes and spaces of Vietnamese typography are no letters.
  const folded = fold(text).replace(/[\u00a0\u00ab\u00bb\u2000-\u206f]/g, ' ');
  return isAscii(folded) && !/[a-z0-9]{201}/.test(folded) ? folded : words(text).join(' ');
}

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

/** One message for a hundred owners is split into words once: the same object has the same words. */
function remember<V>(): (values: object, make: () => V) => V {
  const known = new WeakMap<object, V>();
  return (values, make) => {
    const made = known.get(values) ?? make();
    known.set(values, made);
    return made;
  };
}

function fts5<F extends string>({ table, fields }: TextIndexDefinition<F>): TextIndex<F> {
  const name = sql.identifier(table);
  const marks = fields.map(() => '?').join(', ');
  const insert = `insert or replace into ${table} (rowid, ${fields.join(', ')}) values (?, ${marks})`;
  // The rowid carries the owner, so that a search reads only the owner's range of each word's list.
  const once = remember<string[]>();
  const rowid = (owner: number, id: number) => BigInt(owner) * BigInt(OWNER_SPAN) + BigInt(id);
  const foldedOf = (values: Partial<Record<F, string>>) =>
    once(values, () => fields.map((f) => wordText(values[f] ?? '')));
  return {
    fold: (values) => void foldedOf(values),
    async put(tx, owner, id, values) {
      await tx.q.statement(insert, [rowid(owner, id), ...foldedOf(values)]);
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
  const once = remember<string>();
  const foldedOf = (values: Partial<Record<F, string>>) =>
    once(values, () => vectorOf(fields.map((f) => words(values[f] ?? ''))));
  return {
    fold: (values) => void foldedOf(values),
    async put(tx, owner, id, values) {
      const vector = foldedOf(values);
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

/** The literal form of a tsvector, since PostgreSQL's own parser cuts document numbers oddly. */
function vectorOf(fields: string[][]): string {
  const places = new Map<string, string[]>();
  let position = 0;
  let bytes = 0;
  fields.forEach((list, field) => {
    for (const word of list) {
      position = Math.min(position + 1, PG_POSITION);
      const known = places.get(word);
      if (known && known.length >= PG_POSITIONS_PER_WORD) continue;
      bytes += known ? 2 : Buffer.byteLength(word) + 10;
      if (bytes > PG_BYTES) return;
      const place = `${position}${WEIGHTS[field] ?? 'D'}`;
      if (known) known.push(place);
      else places.set(word, [place]);
    }
    position = Math.min(position + 1, PG_POSITION); // no phrase runs across fields
  });
  return [...places].map(([word, at]) => `'${word}':${at.join(',')}`).join(' ');
}
