/**
 * STORE (RFC 9051 §6.4.6; UNCHANGEDSINCE of RFC 7162 §3.1.3).
 * `C: a STORE 2:4 (UNCHANGEDSINCE 12) +FLAGS (\Deleted)` — `S: * 2 FETCH (FLAGS (\Deleted \Seen))` … `S: a OK …`.
 */
import { flagsOf } from '../flags.ts';
import { flagData } from '../selected.ts';
import type { Session } from '../session.ts';
import type { FlagChange } from '../store.ts';
import { char, type Cursor, expectSpace, list, word } from '../wire/cursor.ts';
import { expectSequenceSet, printNumbers, type SequenceSet } from '../wire/sequence-set.ts';
import { expectFlag, expectNumber } from '../wire/strings.ts';
import { command, SELECTED, type Command, type Done } from './command.ts';

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
  uid: true,
  expungeAllowed: false,
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
  async run(session, args, { byUid }) {
    const view = session.writableView;
    // RFC 7162 §3.1.3: using it turns CONDSTORE on.
    if (args.unchangedSince !== undefined) session.enabled.add('CONDSTORE');
    const uids = session.uidsOf(args.set, byUid);
    const change = {
      mode: args.mode,
      ...flagsOf(args.flags),
      ...(args.unchangedSince !== undefined && { unchangedSince: args.unchangedSince }),
    };
    const result = await session.store.changeFlags(view.ref, uids, change);
    view.announce(result.rows);
    for (const row of result.rows) {
      const seq = view.seqOf(row.uid);
      // RFC 7162 §3.1.3: with CONDSTORE even .SILENT tells the new mod-sequence.
      if (seq !== undefined && !args.silent) session.out.line(`* ${seq} FETCH ${flagData(row, session.condstore)}`);
      else if (seq !== undefined && session.condstore)
        session.out.line(`* ${seq} FETCH (UID ${row.uid} MODSEQ (${row.modseq}))`);
      if (session.out.shouldFlush) await session.out.flush();
    }
    return done(session, result.modified, byUid, result.rows.length + result.modified.length < uids.length);
  },
});

function done({ view }: Session, modified: readonly number[], byUid: boolean, missing: boolean): Done {
  if (modified.length > 0) {
    const numbers = byUid ? modified : modified.flatMap((uid) => view.seqOf(uid) ?? []);
    return { responseCode: `MODIFIED ${printNumbers(numbers)}`, text: 'not all were changed' };
  }
  return missing ? { responseCode: 'EXPUNGEISSUED', text: 'some are gone' } : { text: 'flags changed' };
}
