/**
 * APPEND (RFC 9051 §6.3.12; UIDPLUS; several messages of RFC 3502; literal8 of RFC 3516 and the UTF8 wrapping of RFC 6855 §4).
 * `C: a APPEND Sent (\Seen) {310+}` — `S: a OK [APPENDUID 38505 3955] stored`.
 */
import { no } from '../errors.ts';
import { flagsOf } from '../flags.ts';
import type { Session } from '../session.ts';
import type { NewMessage, ReadyMessage } from '../store.ts';
import { expectAppendArgs, type AppendArgs, type AppendMessage } from '../wire/append-args.ts';
import { expectSpace } from '../wire/cursor.ts';
import { printNumbers } from '../wire/sequence-set.ts';
import { AUTHENTICATED, command, type Answer, type Command, type Done, type Given } from './command.ts';
import { isDecomposed, tellName } from './list-line.ts';

/** So much is done together: what waits for its answer lies in memory. */
const TOGETHER = { messages: 64, octets: 8 * 1024 * 1024 };

export const append: Command = command<AppendArgs, ReadyMessage[]>({
  name: 'APPEND',
  states: AUTHENTICATED,
  looksForMail: ({ name }) => ({ mailbox: name }),
  parse(c) {
    expectSpace(c);
    return expectAppendArgs(c);
  },
  run: async (session, args) => store(session, args, await prepare(session, args)),
  begin: prepare,
  fits: (first, next, all) =>
    next.name === first.name &&
    all.length < TOGETHER.messages &&
    all.reduce((sum, { args }) => sum + octets(args), octets(next)) <= Math.max(TOGETHER.octets, octets(first)),
  runTogether: storeTogether,
});

const octets = ({ messages }: AppendArgs): number => messages.reduce((sum, m) => sum + m.message.bytes.length, 0);

async function prepare(session: Session, { messages }: AppendArgs): Promise<ReadyMessage[]> {
  const most = session.settings.appendMessages;
  if (messages.length > most) throw no(`at most ${most} messages in one APPEND`, 'LIMIT');
  return session.store.prepare(messages.map(newMessage));
}

async function store(session: Session, { name }: AppendArgs, ready: readonly ReadyMessage[]): Promise<Done> {
  return stored(session, await session.store.append(await targetOf(session, name), ready));
}

async function targetOf(session: Session, name: string): ReturnType<Session['existing']> {
  const target = await session.existing(name, 'TRYCREATE');
  // RFC 9051 §6.3.12.
  if (isDecomposed(session, name)) await tellName(session, target.name, { oldName: name });
  return target;
}

function stored(session: Session, { uids, uidValidity }: { uids: number[]; uidValidity: number }): Done {
  if (session.selected) session.selected.stale = true;
  return { responseCode: `APPENDUID ${uidValidity} ${printNumbers(uids)}`, text: 'stored' };
}

/** Sent without waiting for answers: while one is prepared the next is read, and one unit of work stores them. */
async function storeTogether(
  session: Session,
  all: readonly Given<AppendArgs, ReadyMessage[]>[],
  answer: Answer,
): Promise<void> {
  const [first] = all;
  if (!first) return;
  const target = await targetOf(session, first.args.name);
  const ready = await Promise.all(all.map(async ({ begun }) => (await begun) ?? []));
  // In Sent each is looked at: it may be the copy of what lies there already.
  const units = target.mailbox?.role === 'sent' ? ready : [ready.flat()];
  const uids: number[] = [];
  let uidValidity = 0;
  for (const unit of units) {
    const done = await session.store.append(target, unit);
    uids.push(...done.uids);
    uidValidity = done.uidValidity;
    if (units.length > 1) await answer(stored(session, done));
  }
  if (units.length > 1) return;
  for (const { length } of ready) await answer(stored(session, { uids: uids.splice(0, length), uidValidity }));
}

function newMessage({ flags, receivedAt, message: { bytes } }: AppendMessage): NewMessage {
  // RFC 3502 §6.3.11: the client gives up by a message of no octets; none is stored.
  if (bytes.length === 0) throw no('an empty message is no message');
  // A stored NUL could never be fetched as BODY[]: literals may not hold one (RFC 9051 §9, CHAR8).
  if (bytes.includes(0)) throw no('the message holds NUL octets', 'UNKNOWN-CTE');
  return { bytes, flags: flagsOf(flags), receivedAt };
}
