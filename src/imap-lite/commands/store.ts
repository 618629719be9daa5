/**
 * STORE (RFC 9051 §6.4.6; UNCHANGEDSINCE of RFC 7162 §3.1.3).
 * `C: a STORE 2:4 (UNCHANGEDSINCE 12) +FLAGS (\Deleted)` — `S: * 2 FETCH (FLAGS (\Deleted \Seen))` … `S: a OK …`.
 */
import type { Placed } from '../../mailstore/types.ts';
import { noSuchNumber } from '../errors.ts';
import { flagsOf } from '../flags.ts';
import type { Session } from '../session.ts';
import type { FlagChange } from '../store.ts';
import { char, type Cursor, expectSpace, list, word } from '../wire/cursor.ts';
import { expectSequenceSet, isOne, printNumbers, type SequenceSet } from '../wire/sequence-set.ts';
import { expectFlag, expectNumber } from '../wire/strings.ts';
import {
  command,
  onlyByUid,
  SELECTED,
  type Answer,
  type Asked,
  type Command,
  type Done,
  type Given,
  looksForNothing,
} from './command.ts';

interface Args {
  set: SequenceSet;
  mode: FlagChange['mode'];
  silent: boolean;
  flags: string[];
  unchangedSince?: number;
}

function unchangedSince(c: Cursor): number | undefined {
  const found = list(c, (d) => {
    if (!word(d, 'UNCHANGEDSINCE')) d.fail('UNCHANGEDSINCE');
    expectSpace(d);
    return expectNumber(d);
  });
  if (found) expectSpace(c);
  return found?.[0];
}

/** store-att-flags: the list may stand without parentheses. */
function expectFlags(c: Cursor): string[] {
  const group = list(c, expectFlag, true);
  if (group) return group;
  const flags = [expectFlag(c)];
  while (char(c, ' ')) flags.push(expectFlag(c));
  return flags;
}

export const storeCommand: Command = command<Args>({
  name: 'STORE',
  states: SELECTED,
  looksForMail: looksForNothing,
  uid: true,
  expungeAllowed: onlyByUid,
  parse(c) {
    expectSpace(c);
    const set = expectSequenceSet(c);
    expectSpace(c);
    const since = unchangedSince(c);
    const mode = char(c, '+') ? 'add' : char(c, '-') ? 'remove' : 'set';
    const silent = word(c, 'FLAGS.SILENT') === true;
    if (!silent && !word(c, 'FLAGS')) c.fail('FLAGS');
    expectSpace(c);
    return { set, mode, silent, flags: expectFlags(c), ...(since !== undefined && { unchangedSince: since }) };
  },
  run: store,
  fits: (a, b) => isSimple(a) && isSimple(b) && a.mode === b.mode && a.flags.join(' ') === b.flags.join(' '),
  runTogether: storeTogether,
});

/** So many messages change in one unit of work: others must get their turn, and the answers must not pile up. */
const CHUNK = 5000;

async function store(session: Session, args: Args, { byUid }: Asked): Promise<Done> {
  const view = session.writableView;
  // RFC 7162 §3.1.3: using it turns CONDSTORE on.
  if (args.unchangedSince !== undefined) session.turnOnCondstore();
  const uids = session.uidsOf(args.set, byUid);
  const change = changeOf(args);
  const modified: number[] = [];
  let changed = 0;
  for (let i = 0; i < uids.length; i += CHUNK) {
    const result = await session.store.changeFlags(view.ref, view.pick(uids.subarray(i, i + CHUNK)), change);
    view.announce(result, args.silent);
    await tell(session, args.silent, result.rows);
    changed += result.rows.length;
    modified.push(...result.modified);
  }
  return done(session, modified, byUid, changed + modified.length < uids.length);
}

/** One message. With UNCHANGEDSINCE each may answer MODIFIED for what the one before did: those go one by one. */
const isSimple = ({ set, unchangedSince: since }: Args): boolean => since === undefined && isOne(set);

const changeOf = ({ mode, flags, unchangedSince: since }: Args): FlagChange => ({
  mode,
  ...flagsOf(flags),
  ...(since !== undefined && { unchangedSince: since }),
});

async function tell({ out, view, condstore }: Session, silent: boolean, rows: Iterable<Placed>): Promise<void> {
  for (const row of rows) {
    const seq = view.seqOf(row.uid);
    if (seq === undefined) continue;
    // RFC 7162 §3.1.3: with CONDSTORE even .SILENT tells the new mod-sequence.
    if (!silent) out.line(`* ${seq} FETCH ${view.flagData(row, condstore)}`);
    else if (condstore) out.line(`* ${seq} FETCH (UID ${row.uid} MODSEQ (${row.modseq}))`);
    if (out.shouldFlush) await out.flush();
  }
}

/** The same change asked for again and again, as clients do that send a command for each message: one unit of work. */
async function storeTogether(session: Session, all: readonly Given<Args>[], answer: Answer): Promise<void> {
  const view = session.writableView;
  const sets = all.map(({ args, asked }) => view.resolve(args.set, asked.byUid));
  const uids = Uint32Array.from(new Set(sets.flatMap((set) => [...(set ?? [])]))).sort();
  const [first] = all;
  const rows = new Map<number, Placed>();
  if (first && uids.length > 0) {
    const result = await session.store.changeFlags(view.ref, view.pick(uids), changeOf(first.args));
    view.announce(
      result,
      all.some(({ args }) => args.silent),
    );
    for (const row of result.rows) rows.set(row.uid, row);
  }
  for (const [i, { args, asked }] of all.entries()) {
    const set = sets[i];
    const own = [...(set ?? [])].flatMap((uid) => rows.get(uid) ?? []);
    await tell(session, args.silent, own);
    await answer(set ? done(session, [], asked.byUid, own.length < set.length) : noSuchNumber());
  }
}

function done({ view }: Session, modified: readonly number[], byUid: boolean, missing: boolean): Done {
  if (modified.length > 0) {
    const numbers = byUid ? modified : modified.flatMap((uid) => view.seqOf(uid) ?? []);
    return { responseCode: `MODIFIED ${printNumbers(numbers)}`, text: 'not all were changed' };
  }
  return missing ? { responseCode: 'EXPUNGEISSUED', text: 'some are gone' } : { text: 'flags changed' };
}
