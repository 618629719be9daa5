/**
 * SEARCH, UID SEARCH (RFC 9051 §6.4.4; ESEARCH, SEARCHRES; RFC 3501's answer for rev1; MODSEQ of RFC 7162 §3.1.5).
 * `C: a SEARCH RETURN (MIN COUNT) FLAGGED` — `S: * ESEARCH (TAG "a") MIN 2 COUNT 3` — `S: a OK …`.
 */
import type { Placed } from '../../mailstore/types.ts';
import { no } from '../errors.ts';
import { search } from '../search/run.ts';
import type { Session } from '../session.ts';
import { NO_UIDS, type Uids } from '../uids.ts';
import { expectSpace } from '../wire/cursor.ts';
import { string } from '../wire/print.ts';
import {
  expectSearchProgram,
  searchReturn,
  type SearchKey,
  type SearchProgram,
  type SearchReturn,
} from '../wire/search-key.ts';
import { printNumbers } from '../wire/sequence-set.ts';
import { command, SELECTED, type Asked, type Command } from './command.ts';

interface Args extends SearchProgram {
  returns: SearchReturn[] | undefined;
}

export const searchCommand: Command = command<Args>({
  name: 'SEARCH',
  states: SELECTED,
  uid: true,
  expungeAllowed: false,
  parse(c) {
    expectSpace(c);
    const returns = searchReturn(c);
    return { returns, ...expectSearchProgram(c) };
  },
  async run(session, { returns, charset, key }, { byUid }) {
    expectKnownCharset(charset);
    // RFC 9051 §6.4.4.1: a search that saves and fails leaves nothing saved.
    const before = session.view.saved;
    if (returns?.includes('SAVE')) session.view.saved = NO_UIDS;
    const modseq = usesModseq(key);
    if (modseq) session.enabled.add('CONDSTORE');
    const rows = await withSaved(session, before, () => search(session, key));
    if (returns?.includes('SAVE')) session.view.saved = Uint32Array.from(saved(rows, returns));
    // RFC 9051 §6.4.4: rev2 knows the extended answer only.
    const options = returns ?? (session.enabled.has('IMAP4REV2') ? ['ALL' as const] : undefined);
    if (options) extended(session, rows, options, { byUid, modseq });
    else plain(session, rows, { byUid, modseq });
    return { text: 'searched' };
  },
});

/** RFC 9051 §6.4.4: a charset that we do not know is refused with those that we do. */
export function expectKnownCharset(charset: string | undefined): void {
  if (charset !== undefined && !/^(UTF-8|US-ASCII)$/i.test(charset))
    throw no('only US-ASCII and UTF-8 are known here', 'BADCHARSET (US-ASCII UTF-8)');
}

/** "$" in the search itself still means the result before. */
async function withSaved<T>({ view }: Session, before: Uids, work: () => Promise<T>): Promise<T> {
  const after = view.saved;
  view.saved = before;
  try {
    return await work();
  } finally {
    view.saved = after;
  }
}

/** RFC 9051 §6.4.4.2: with MIN or MAX alone only those are saved. */
function saved(rows: readonly Placed[], returns: readonly SearchReturn[]): number[] {
  const uids = rows.map((r) => r.uid);
  const some = returns.includes('MIN') || returns.includes('MAX');
  if (!some || returns.includes('ALL') || returns.includes('COUNT')) return uids;
  return uids.filter(
    (_, i) => (i === 0 && returns.includes('MIN')) || (i === uids.length - 1 && returns.includes('MAX')),
  );
}

type Shape = Asked & { modseq: boolean };

const numbers = ({ view }: Session, rows: readonly Placed[], byUid: boolean): number[] =>
  rows.map((r) => (byUid ? r.uid : (view.seqOf(r.uid) ?? 0)));
export const highest = (rows: readonly Placed[]): number => rows.reduce((most, r) => Math.max(most, r.modseq), 0);

function plain(session: Session, rows: readonly Placed[], { byUid, modseq }: Shape): void {
  const mark = modseq && rows.length > 0 ? ` (MODSEQ ${highest(rows)})` : '';
  session.out.line(['* SEARCH', ...numbers(session, rows, byUid).map(String)].join(' ') + mark);
}

function extended(
  session: Session,
  rows: readonly Placed[],
  returns: readonly SearchReturn[],
  { byUid, modseq }: Shape,
): void {
  // RFC 9051 §6.4.4.1: nothing to tell when the result is only saved.
  if (returns.every((r) => r === 'SAVE')) return;
  const found = numbers(session, rows, byUid);
  const data = [`* ESEARCH (TAG ${string(session.tag, false)})`];
  if (byUid) data.push('UID');
  const [first, last] = [found[0], found[found.length - 1]];
  if (first !== undefined && returns.includes('MIN')) data.push(`MIN ${first}`);
  if (last !== undefined && returns.includes('MAX')) data.push(`MAX ${last}`);
  if (returns.includes('COUNT')) data.push(`COUNT ${found.length}`);
  if (found.length > 0 && returns.includes('ALL')) data.push(`ALL ${printNumbers(found)}`);
  if (found.length > 0 && modseq) data.push(`MODSEQ ${highest(rows)}`);
  session.out.line(data.join(' '));
}

export function usesModseq(key: SearchKey): boolean {
  if (key.key === 'NOT') return usesModseq(key.of);
  if (key.key === 'AND' || key.key === 'OR') return key.of.some(usesModseq);
  return key.key === 'MODSEQ';
}
