/**
 * APPEND (RFC 9051 §6.3.12; UIDPLUS; several messages of RFC 3502; literal8 of RFC 3516 and the UTF8 wrapping of RFC 6855 §4).
 * `C: a APPEND Sent (\Seen) {310+}` — `S: a OK [APPENDUID 38505 3955] stored`.
 */
import { no } from '../errors.ts';
import { flagsOf } from '../flags.ts';
import type { Session } from '../session.ts';
import type { FoundMailbox, MailboxRef, NewMessage, ReadyMessage } from '../store.ts';
import { expectAppendArgs, type AppendArgs, type AppendMessage } from '../wire/append-args.ts';
import { expectSpace } from '../wire/cursor.ts';
import { printNumbers } from '../wire/sequence-set.ts';
import {
  AUTHENTICATED,
  command,
  looksForNothing,
  type Answer,
  type Command,
  type Done,
  type Given,
} from './command.ts';
import { isDecomposed, tellName } from './list-line.ts';

/** So much is done together: what waits for its answer lies in memory. */
const TOGETHER = { messages: 64, octets: 8 * 1024 * 1024 };

export const append: Command = command<AppendArgs, ReadyMessage[] | undefined>({
  name: 'APPEND',
  states: AUTHENTICATED,
  // `storeTogether` knows what it has to wait for.
  looksForMail: looksForNothing,
  parse(c) {
    expectSpace(c);
    return expectAppendArgs(c);
  },
  run: (session, args) => storeAlone(session, args),
  begin: async (session, args) => (session.store.files && isSingle(args) ? undefined : prepare(session, args)),
  fits: (first, next, all) =>
    next.name === first.name &&
    all.length < TOGETHER.messages &&
    all.reduce((sum, { args }) => sum + octets(args), octets(next)) <= Math.max(TOGETHER.octets, octets(first)),
  runTogether: storeTogether,
});

const octets = ({ messages }: AppendArgs): number => messages.reduce((sum, m) => sum + m.message.bytes.length, 0);

const isSingle = ({ messages }: AppendArgs): boolean => messages.length === 1;

async function prepare(session: Session, { messages }: AppendArgs): Promise<ReadyMessage[]> {
  const most = session.settings.appendMessages;
  if (messages.length > most) throw no(`at most ${most} messages in one APPEND`, 'LIMIT');
  return session.store.prepare(messages.map(newMessage));
}

type Target = FoundMailbox & { ref: MailboxRef };

async function targetOf(session: Session, name: string): Promise<Target> {
  const target = await session.existing(name, 'TRYCREATE');
  // RFC 9051 §6.3.12.
  if (isDecomposed(session, name)) await tellName(session, target.name, { oldName: name });
  return target;
}

/** At once, after the mail that was taken before. */
async function storeAlone(session: Session, args: AppendArgs, found?: Target): Promise<Done> {
  const target = found ?? (await targetOf(session, args.name));
  const ready = await prepare(session, args);
  await session.store.settled(target.ref.accountId);
  return stored(session, await session.store.append(target, ready));
}

function stored(session: Session, { uids, uidValidity }: { uids: number[]; uidValidity: number }): Done {
  if (session.selected) session.selected.stale = true;
  return { responseCode: `APPENDUID ${uidValidity} ${printNumbers(uids)}`, text: 'stored' };
}

type Appends = readonly Given<AppendArgs, ReadyMessage[] | undefined>[];

/** Sent without waiting for answers: while one is prepared the next is read. */
async function storeTogether(session: Session, all: Appends, answer: Answer): Promise<void> {
  const [first] = all;
  if (!first) return;
  const target = await targetOf(session, first.args.name);
  if (all.every(({ args }) => isSingle(args)) && (await mayFile(session, target)))
    await fileAll(session, target, all, answer);
  else await storeInOneUnit(session, target, all, answer);
}

/** Whoever has the mailbox open hears of the message before the answer (RFC 9051 §6.3.12): then it has to be there. */
async function mayFile({ store, selected }: Session, target: Target): Promise<boolean> {
  const isHere = selected?.ref.accountId === target.ref.accountId && selected.ref.mailboxId === target.ref.mailboxId;
  return !isHere && store.files && (await store.mayFile(target));
}

/** All are made durable together; each has an outcome of its own. */
async function fileAll(session: Session, target: Target, all: Appends, answer: Answer): Promise<void> {
  const outcomes = all.map(({ args }) =>
    fileOne(session, target, args).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    ),
  );
  for (const outcome of outcomes) await answer(await outcome);
}

async function fileOne(session: Session, target: Target, args: AppendArgs): Promise<Done> {
  for (const message of args.messages) {
    const filed = await session.store.file(target, newMessage(message));
    if (filed) return stored(session, filed);
  }
  return storeAlone(session, args, target);
}

async function storeInOneUnit(session: Session, target: Target, all: Appends, answer: Answer): Promise<void> {
  const ready = await Promise.all(all.map(async ({ args, begun }) => (await begun) ?? prepare(session, args)));
  await session.store.settled(target.ref.accountId);
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
