/**
 * SEARCH, UID SEARCH (RFC 9051 §6.4.4; ESEARCH, SEARCHRES; RFC 3501's answer for rev1; MODSEQ of RFC 7162 §3.1.5).
 * `C: a SEARCH RETURN (MIN COUNT) FLAGGED` — `S: * ESEARCH (TAG "a") MIN 2 COUNT 3` — `S: a OK …`.
 */
import { isBad, no } from '../errors.ts';
import { highestModseq, search } from '../search/run.ts';
import type { Session } from '../session.ts';
import { indexOf, last, NO_UIDS, type Uids } from '../uids.ts';
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
  expungeAllowed: ({ key }, { byUid }) => byUid && !usesNumbers(key),
  parse(c) {
    expectSpace(c);
    const returns = searchReturn(c);
    return { returns, ...expectSearchProgram(c) };
  },
  async run(session, { returns, charset, key }, { byUid }) {
    const modseq = usesModseq(key);
    const found = await saving(session, returns, async () => {
      expectKnownCharset(charset);
      if (modseq) session.turnOnCondstore();
      return search(session, key);
    });
    const told = returns ? chosen(found, returns) : found;
    const mark = modseq && told.length > 0 ? await highestModseq(session, told) : undefined;
    // RFC 9051 §6.4.4: rev2 knows the extended answer only.
    const options = returns ?? (session.rev2 ? ['ALL' as const] : undefined);
    if (options) extended(session, found, options, { byUid, mark });
    else plain(session, found, { byUid, mark });
    return { text: 'searched' };
  },
});

/** RFC 9051 §6.4.4: a charset that we do not know is refused with those that we do. */
export function expectKnownCharset(charset: string | undefined): void {
  if (charset !== undefined && !/^(UTF-8|US-ASCII)$/i.test(charset))
    throw no('only US-ASCII and UTF-8 are known here', 'BADCHARSET (US-ASCII UTF-8)');
}

/** RFC 9051 §6.4.4.1: "$" means the result before until there is one; what is answered NO leaves nothing saved, what is BAD changes nothing. */
async function saving(
  { view }: Session,
  returns: readonly SearchReturn[] | undefined,
  work: () => Promise<Uids>,
): Promise<Uids> {
  if (!returns?.includes('SAVE')) return work();
  try {
    const found = await work();
    view.saved = chosen(found, returns);
    return found;
  } catch (error) {
    if (!isBad(error)) view.saved = NO_UIDS;
    throw error;
  }
}

/** With MIN or MAX alone only those are saved (RFC 5182 §2.4), and their mod-sequence is told (RFC 4731 §3.2). */
function chosen(uids: Uids, returns: readonly SearchReturn[]): Uids {
  const some = returns.includes('MIN') || returns.includes('MAX');
  if (!some || returns.includes('ALL') || returns.includes('COUNT')) return uids;
  return uids.filter(
    (_, i) => (i === 0 && returns.includes('MIN')) || (i === uids.length - 1 && returns.includes('MAX')),
  );
}

type Shape = Asked & {
  /** The highest mod-sequence of what was found. */
  mark: number | undefined;
};

/** As the client names them: UIDs or message numbers. */
export function numbersOf({ view }: Session, uids: Uids, byUid: boolean): Uids {
  if (byUid) return uids;
  let at = 0;
  return uids.map((uid) => {
    // Mostly in order and side by side.
    if (view.uids[at] !== uid) at = indexOf(view.uids, uid);
    return ++at;
  });
}

function plain(session: Session, uids: Uids, { byUid, mark }: Shape): void {
  const numbers = uids.length > 0 ? ` ${numbersOf(session, uids, byUid).join(' ')}` : '';
  session.out.line(`* SEARCH${numbers}${mark === undefined ? '' : ` (MODSEQ ${mark})`}`);
}

function extended(session: Session, uids: Uids, returns: readonly SearchReturn[], { byUid, mark }: Shape): void {
  // RFC 9051 §6.4.4.1: nothing to tell when the result is only saved.
  if (returns.every((r) => r === 'SAVE')) return;
  const found = numbersOf(session, uids, byUid);
  const data = [`* ESEARCH (TAG ${string(session.tag, false)})`];
  if (byUid) data.push('UID');
  const [first] = found;
  if (first !== undefined && returns.includes('MIN')) data.push(`MIN ${first}`);
  if (first !== undefined && returns.includes('MAX')) data.push(`MAX ${last(found)}`);
  if (returns.includes('COUNT')) data.push(`COUNT ${found.length}`);
  if (found.length > 0 && returns.includes('ALL')) data.push(`ALL ${printNumbers(found)}`);
  if (mark !== undefined) data.push(`MODSEQ ${mark}`);
  session.out.line(data.join(' '));
}

export const usesModseq = (key: SearchKey): boolean => holds(key, 'MODSEQ');

/** RFC 7162 §3.2.10.2: then they hold, also in the form with UID. */
export const usesNumbers = (key: SearchKey): boolean => holds(key, 'SEQUENCE');

function holds(key: SearchKey, wanted: SearchKey['key']): boolean {
  if (key.key === 'NOT') return holds(key.of, wanted);
  if (key.key === 'AND' || key.key === 'OR') return key.of.some((one) => holds(one, wanted));
  return key.key === wanted;
}
