/** search-key (RFC 9051 §9; RFC 3501 for the keys that rev2 dropped; RFC 5032, 7162, 8474, 8514) and the return options. */
import { type Cursor, char, expectChar, expectSpace, list, word } from './cursor.ts';
import { expectSequenceSet, sequenceSet, type SequenceSet } from './sequence-set.ts';
import { atom, expectAstring, expectAtom, expectDate, expectNumber, expectNzNumber, string } from './strings.ts';

export type TextKey = 'FROM' | 'TO' | 'CC' | 'BCC' | 'SUBJECT' | 'BODY' | 'TEXT';
export type ReceivedKey = 'BEFORE' | 'ON' | 'SINCE';
export type SavedKey = 'SAVEDBEFORE' | 'SAVEDON' | 'SAVEDSINCE';
export type SentKey = 'SENTBEFORE' | 'SENTON' | 'SENTSINCE';

export type SearchKey =
  | { key: 'ALL' | 'RECENT' }
  | { key: 'FLAG'; flag: string }
  | { key: ReceivedKey; day: number }
  | { key: SavedKey; day: number }
  | { key: SentKey; day: number }
  | { key: 'LARGER' | 'SMALLER' | 'OLDER' | 'YOUNGER' | 'MODSEQ'; value: number }
  | { key: TextKey; text: string }
  | { key: 'HEADER'; field: string; text: string }
  | { key: 'UID' | 'SEQUENCE'; set: SequenceSet }
  | { key: 'EMAILID' | 'THREADID'; id: string }
  | { key: 'NOT'; of: SearchKey }
  | { key: 'OR' | 'AND'; of: readonly SearchKey[] };

const MAX_DEPTH = 30;

const FLAGS = ['ANSWERED', 'DELETED', 'DRAFT', 'FLAGGED', 'SEEN'] as const;
const RECEIVED = ['BEFORE', 'ON', 'SINCE'] as const;
const SAVED = ['SAVEDBEFORE', 'SAVEDON', 'SAVEDSINCE'] as const;
const SENT = ['SENTBEFORE', 'SENTON', 'SENTSINCE'] as const;
const TEXTS = ['FROM', 'TO', 'CC', 'BCC', 'SUBJECT', 'BODY', 'TEXT'] as const;
const not = (of: SearchKey): SearchKey => ({ key: 'NOT', of });
const flagged = (flag: string): SearchKey => ({ key: 'FLAG', flag });

type Rule = (c: Cursor, depth: number) => SearchKey;
const rules = new Map<string, Rule>([
  ['ALL', () => ({ key: 'ALL' })],
  // RFC 3501 §6.4.4; dropped in rev2, whose clients do not ask.
  ['RECENT', () => ({ key: 'RECENT' })],
  ['NEW', () => ({ key: 'AND', of: [{ key: 'RECENT' }, not(flagged('\\seen'))] })],
  ['OLD', () => not({ key: 'RECENT' })],
  // RFC 8514 §4.3: every message of ours has its date.
  ['SAVEDATESUPPORTED', () => ({ key: 'ALL' })],
  ['KEYWORD', (c) => flagged(argument(c, expectAtom))],
  ['UNKEYWORD', (c) => not(flagged(argument(c, expectAtom)))],
  ['UID', (c) => ({ key: 'UID', set: argument(c, expectSequenceSet) })],
  ['LARGER', (c) => ({ key: 'LARGER', value: argument(c, expectNumber) })],
  ['SMALLER', (c) => ({ key: 'SMALLER', value: argument(c, expectNumber) })],
  ['OLDER', (c) => ({ key: 'OLDER', value: argument(c, expectNzNumber) })],
  ['YOUNGER', (c) => ({ key: 'YOUNGER', value: argument(c, expectNzNumber) })],
  ['HEADER', (c) => ({ key: 'HEADER', field: argument(c, expectAstring), text: argument(c, expectAstring) })],
  ['EMAILID', (c) => ({ key: 'EMAILID', id: argument(c, expectAstring) })],
  ['THREADID', (c) => ({ key: 'THREADID', id: argument(c, expectAstring) })],
  ['MODSEQ', modseq],
  ['NOT', (c, depth) => not(argument(c, (d) => expectSearchKey(d, depth + 1)))],
  [
    'OR',
    (c, depth) => ({
      key: 'OR',
      of: [argument(c, (d) => expectSearchKey(d, depth + 1)), argument(c, (d) => expectSearchKey(d, depth + 1))],
    }),
  ],
]);
for (const name of FLAGS) {
  rules.set(name, () => flagged(`\\${name.toLowerCase()}`));
  rules.set(`UN${name}`, () => not(flagged(`\\${name.toLowerCase()}`)));
}
for (const key of RECEIVED) rules.set(key, (c) => ({ key, day: argument(c, expectDate) }));
for (const key of SAVED) rules.set(key, (c) => ({ key, day: argument(c, expectDate) }));
for (const key of SENT) rules.set(key, (c) => ({ key, day: argument(c, expectDate) }));
for (const key of TEXTS) rules.set(key, (c) => ({ key, text: argument(c, expectAstring) }));

function argument<T>(c: Cursor, rule: (c: Cursor) => T): T {
  expectSpace(c);
  return rule(c);
}

/** RFC 7162 §3.1.5: MODSEQ ["/flags/…" ("all" / "priv" / "shared")] mod-sequence-valzer. */
function modseq(c: Cursor): SearchKey {
  expectSpace(c);
  if (string(c)) {
    expectSpace(c);
    if (!/^(all|priv|shared)$/i.test(atom(c) ?? '')) c.fail('all, priv or shared');
    expectSpace(c);
  }
  return { key: 'MODSEQ', value: expectNumber(c) };
}

export function expectSearchKey(c: Cursor, depth = 0): SearchKey {
  if (depth > MAX_DEPTH) c.fail('fewer nested keys');
  const group = list(c, (d) => expectSearchKey(d, depth + 1));
  if (group) return { key: 'AND', of: group };
  const set = sequenceSet(c);
  if (set) return { key: 'SEQUENCE', set };
  const rule = rules.get((atom(c) ?? '').toUpperCase());
  return rule ? rule(c, depth) : c.fail('a search key');
}

export interface SearchProgram {
  charset?: string;
  key: SearchKey;
}

/** search-program = ["CHARSET" SP charset SP] search-key *(SP search-key) */
export function expectSearchProgram(c: Cursor): SearchProgram {
  const charset = word(c, 'CHARSET') ? argument(c, expectAstring) : undefined;
  if (charset !== undefined) expectSpace(c);
  return { ...(charset !== undefined && { charset }), key: searchKeys(c) };
}

/** search-criteria = charset 1*(SP search-key) (RFC 5256 §5) */
export function expectSearchCriteria(c: Cursor): SearchProgram {
  const charset = expectAstring(c);
  expectSpace(c);
  return { charset, key: searchKeys(c) };
}

function searchKeys(c: Cursor): SearchKey {
  const of: SearchKey[] = [];
  do of.push(expectSearchKey(c));
  while (char(c, ' '));
  return { key: 'AND', of };
}

export type SearchReturn = 'MIN' | 'MAX' | 'ALL' | 'COUNT' | 'SAVE';
const RETURNS = ['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE'] as const;

/** search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")" */
export function searchReturn(c: Cursor): SearchReturn[] | undefined {
  if (!word(c, 'RETURN')) return undefined;
  expectSpace(c);
  const options =
    list(c, (d) => RETURNS.find((name) => word(d, name)) ?? d.fail('a return option'), true) ?? c.fail('"("');
  expectChar(c, ' ');
  // RFC 9051 §6.4.4: an empty list means ALL.
  return options.length === 0 ? ['ALL'] : options;
}
