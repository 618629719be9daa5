/** Which emails have a text: the index names those that may, their stored text decides. Right at any size; yields to others. */
import type { BlobHash, MailboxId } from '../../base/ids.ts';
import { turns, type Turn } from '../../base/turns.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { isTraceField } from '../../message/search-text.ts';
import { filterInvalid } from '../errors.ts';
import type { TextKey } from '../query-types.ts';
import type { Scope } from '../repository/scope.ts';
import { textCandidates, textRows, type Candidate } from '../repository/search.ts';
import { fieldMark } from './indexed.ts';
import { traceValues } from './trace-fields.ts';
import { asTyped, patternOf } from './pattern.ts';
import { fieldsOf, marksOfPhrase, planLiteral } from './plan.ts';
import type { KeptText } from './stored-text.ts';
import type { Group } from './typed.ts';

/** Characters of a key: V8 refuses an expression of some hundred thousand, and overflows its stack before. */
const LONGEST_KEY = 20_000;
/** Texts read at once: some milliseconds. */
const PAGE = 100;

export interface FindOptions {
  /** Only there; what is found has its UID. */
  mailboxId?: MailboxId;
  /** Hears now and then how many were looked at. */
  tell?: ((done: number) => Promise<void>) | undefined;
}

type Looking = FindOptions & { turn: Turn };

/** RFC 9051 §6.4.4: the text is a part of what is written, case and marks as `patternOf` says. */
export async function findLiteral(
  scope: Scope,
  blobs: BlobStore,
  key: TextKey,
  options: FindOptions = {},
): Promise<Candidate[]> {
  if (key.text.length > LONGEST_KEY) throw filterInvalid('the text is too long');
  if (key.in === 'header' && isTraceField(key.field ?? '')) return findTrace(scope, blobs, key, options);
  const turn = turns();
  const { clauses, decided, nothing, shown, alone } = await planLiteral(scope, key, turn);
  if (nothing) return [];
  const { mailboxId } = options;
  const test = literalTest(key);
  if (!alone) {
    const candidates = await textCandidates(scope, clauses, { mailboxId, shown, turn });
    return decided ? candidates : checked(scope, candidates, test, { ...options, turn });
  }
  // The index knows the word as it was written; only longer words need a look.
  const sure = await textCandidates(scope, [alone], { mailboxId, turn });
  if (decided) return sure;
  const known = new Set(sure.map(({ id }) => id));
  const longer = await textCandidates(scope, clauses, { mailboxId, turn });
  const open = longer.filter(({ id }) => !known.has(id));
  return [...sure, ...(await checked(scope, open, test, { ...options, turn }))];
}

/** Words that follow each other, whatever stands between them. */
export async function findPhrase(
  scope: Scope,
  where: 'text' | 'body',
  { text, words, prefix }: Group,
): Promise<Candidate[]> {
  const key = { in: where, text };
  const clauses = [{ phrases: [{ words, prefix }], ...fieldsOf(key) }, ...marksOfPhrase(key, prefix)];
  const turn = turns();
  const candidates = await textCandidates(scope, clauses, { turn });
  return checked(scope, candidates, testOf(key, patternOf(text, prefix ? 'beginning' : 'words')), { turn });
}

type Test = (text: KeptText) => boolean;

/** Most texts that match hold the very letters that were typed: those need not be decoded. */
function literalTest(key: TextKey): Test {
  const test = testOf(key, patternOf(key.text, 'literal'));
  const { in: where, text } = key;
  if (where === 'header' || text.includes('\0')) return test;
  const typed = [...new Set([asTyped(text), asTyped(text).toLowerCase()])].map((writing) => Buffer.from(writing));
  return (kept) => typed.some((octets) => kept.holds(octets, where)) || test(kept);
}

function testOf(key: TextKey, pattern: RegExp): Test {
  const inHeader = (header: readonly string[], field?: string): boolean =>
    header.some((line) => {
      const colon = line.indexOf(':');
      if (field !== undefined && line.slice(0, colon).toLowerCase() !== field) return false;
      return pattern.test(line.slice(colon + 2));
    });
  switch (key.in) {
    case 'body':
      return ({ body }) => pattern.test(` ${body} `);
    case 'header':
      return ({ header }) => inHeader(header, key.field ?? '');
    case 'text':
      return ({ header, files, body }) => pattern.test(` ${body} `) || pattern.test(files) || inHeader(header);
  }
}

async function checked(
  scope: Scope,
  candidates: readonly Candidate[],
  test: Test,
  options: Looking,
): Promise<Candidate[]> {
  const found: Candidate[] = [];
  await eachPage(candidates, options, async (rows) => {
    const texts = await textRows(scope, [...new Set(rows.map((row) => row.hash))]);
    const verdicts = new Map<BlobHash, boolean>();
    for (const row of rows) {
      const { hash } = row;
      const text = texts.get(hash);
      const known = verdicts.get(hash) ?? (text !== undefined && test(text));
      verdicts.set(hash, known);
      if (known) found.push(row);
      await options.turn();
    }
  });
  return found;
}

/** Fields that servers write are not in the index: the header itself is read. */
async function findTrace(
  scope: Scope,
  blobs: BlobStore,
  { field = '', text }: TextKey,
  options: FindOptions,
): Promise<Candidate[]> {
  const pattern = patternOf(text, 'literal');
  const found: Candidate[] = [];
  const named = { marks: [fieldMark(field)] };
  const turn = turns();
  const candidates = await textCandidates(scope, [named], { mailboxId: options.mailboxId, turn });
  // Copies have the same header.
  const verdicts = new Map<BlobHash, boolean>();
  await eachPage(candidates, { ...options, turn }, async (rows) => {
    for (const row of rows) {
      const known =
        verdicts.get(row.hash) ?? (await traceValues(blobs, row.hash, field)).some((value) => pattern.test(value));
      verdicts.set(row.hash, known);
      if (known) found.push(row);
      await turn();
    }
  });
  return found;
}

async function eachPage(
  all: readonly Candidate[],
  { tell, turn }: Looking,
  look: (rows: readonly Candidate[]) => Promise<void>,
): Promise<void> {
  for (let done = 0; done < all.length; done += PAGE) {
    await turn();
    await tell?.(done);
    await look(all.slice(done, done + PAGE));
  }
}
