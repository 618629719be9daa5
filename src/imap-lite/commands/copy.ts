/**
 * COPY, MOVE (RFC 9051 §6.4.7, §6.4.8). `C: a UID MOVE 42:69 foo` — `S: * OK [COPYUID 432432 42:69 1202:1229]`,
 * `S: * 22 EXPUNGE` …, `S: a OK moved`.
 */
import { progressOf } from '../progress.ts';
import type { Session } from '../session.ts';
import type { Transferred } from '../store.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectSequenceSet, printNumbers, type SequenceSet } from '../wire/sequence-set.ts';
import { expectAstring } from '../wire/strings.ts';
import { command, SELECTED, type Asked, type Command, type Done, looksForNothing } from './command.ts';

interface Args {
  set: SequenceSet;
  name: string;
}

const parse = (c: Parameters<Command['bind']>[0]): Args => {
  expectSpace(c);
  const set = expectSequenceSet(c);
  expectSpace(c);
  return { set, name: expectAstring(c) };
};

export const copy: Command = command<Args>({
  name: 'COPY',
  states: SELECTED,
  looksForMail: looksForNothing,
  uid: true,
  parse,
  async run(session, args, asked): Promise<Done> {
    const { to, uids } = await target(session, args, asked);
    if (uids.length === 0) return { text: 'nothing to copy' };
    const result = await session.store.copy(session.view.ref, uids, to, progressOf(session, uids.length));
    session.view.stale = true;
    return { ...(result.pairs.length > 0 && { responseCode: copyUid(result) }), text: 'copied' };
  },
});

export const move: Command = command<Args>({
  name: 'MOVE',
  states: SELECTED,
  looksForMail: looksForNothing,
  uid: true,
  parse,
  async run(session, args, asked): Promise<Done> {
    const view = session.writableView;
    const { to, uids } = await target(session, args, asked);
    if (uids.length === 0) return { text: 'nothing to move' };
    const result = await session.store.move(view.ref, uids, to, progressOf(session, uids.length));
    // RFC 9051 §6.4.8: COPYUID goes before the EXPUNGEs, untagged.
    if (result.pairs.length > 0) session.out.line(`* OK [${copyUid(result)}] moved`);
    view.stale = true;
    await session.tellNews(true);
    // RFC 6851 §4.4.
    return { ...(session.condstore && { responseCode: view.mark }), text: 'moved' };
  },
});

async function target(session: Session, { set, name }: Args, { byUid }: Asked) {
  const uids = session.uidsOf(set, byUid);
  const { ref } = await session.existing(name, 'TRYCREATE');
  return { to: ref, uids };
}

/** The order of the new UIDs is the order of the old ones, so both lists may be written as ranges. */
function copyUid({ uidValidity, pairs }: Transferred): string {
  return `COPYUID ${uidValidity} ${printNumbers(pairs.map((p) => p.uid))} ${printNumbers(pairs.map((p) => p.newUid))}`;
}
