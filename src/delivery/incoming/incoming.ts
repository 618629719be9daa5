/**
 * Mail from outside is on the disk before the 250, and in its mailboxes a moment later: in a journal first, then many messages in one
 * transaction. A sender with one connection so pays a sync for each message, but neither a transaction nor the work for it. What a
 * client files by itself goes the same way, and has its UID when it is told OK (src/mailstore/uid-promises.ts).
 *
 * Nothing is delivered twice: the octets of a message from outside name its session and time, what was filed has its UID, so that
 * after a crash the store knows which of the journal's messages it has. Who asks for mail sees what was taken before (`settled`).
 */
import { join } from 'node:path';

import { sha256 } from '../../base/bytes.ts';
import { DomainError } from '../../base/errors.ts';
import type { AccountId, BlobHash } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Filing, Promised } from '../../mailstore/promised.ts';
import type { MailboxPlace, UidPlace } from '../../mailstore/uid-promises.ts';
import { createAside } from './aside.ts';
import { asideNameOf, takeUp, withoutDoubles } from './found.ts';
import { createGathering, type Gathering } from './gathering.ts';
import { openJournals, type Journals } from './journals.ts';
import { Line, nameOf } from './line.ts';
import { noteOf } from './note.ts';
import { isFiled, type DeliverMail, type FileMail, type Incoming, type IncomingMail, type Taken } from './types.ts';

/** A journal begins anew when all that it has is delivered; at this length it waits for that. Octets. */
const LONGEST = 64 * 1024 * 1024;

export interface IncomingOptions {
  /** For the journal and what is kept aside. */
  folder: string;
  /** Larger messages are delivered before they are taken; 0: all. Octets. */
  mostBytes: number;
  isDelivered(hash: BlobHash): Promise<boolean>;
  /** Absent: clients file nothing here. */
  filing?: { promised: Promised; store: FileMail };
  log: Log;
  /** fdatasync, but for a test. */
  sync?: (descriptor: number) => Promise<void>;
}

export const asideFolder = (folder: string): string => join(folder, 'aside');

interface Started {
  deliver: DeliverMail;
  journals: Journals;
  line: Line;
}

export function createIncoming(options: IncomingOptions): Incoming {
  const { filing } = options;
  const gathering = createGathering();
  let started: Started | undefined;
  let begin = (): void => undefined;
  let release = (): void => undefined;
  const beginning = new Promise<void>((resolve) => (begin = resolve));
  return {
    announce: gathering.announce,
    async accept(mail, accounts) {
      if (!started) await beginning;
      if (!started) throw new DomainError('unavailable', 'incoming.stopped', 'the server is stopping');
      await accept(options, started, { mail, accounts });
    },
    async file(place, bytes, how) {
      if (!started) await beginning;
      return filing && started && file({ ...options, ...filing }, started, place, bytes, how);
    },
    expect() {
      release = filing?.promised.hold() ?? release;
    },
    settled: (accounts) => (started ? started.line.settled(accounts) : beginning),
    async start(deliver) {
      started = await start(options, gathering, deliver, () => release());
      begin();
    },
    async stop() {
      begin();
      await started?.line.stop();
      filing?.promised.end();
      await started?.journals.close();
      started = undefined;
    },
  };
}

interface Given {
  mail: IncomingMail;
  accounts: readonly AccountId[] | undefined;
}

async function accept(options: IncomingOptions, { deliver, journals, line }: Started, { mail, accounts }: Given) {
  const { mostBytes, log } = options;
  const atOnce = async (): Promise<void> => (await deliver(mail, 'offered'))();
  // What was taken before and could not be delivered comes first; as long as it cannot, the sender hears it.
  if (line.isStruggling) await line.probe();
  if (mail.bytes.byteLength > mostBytes || line.isStruggling) {
    await atOnce();
    return;
  }
  await line.pace.wait();
  if (line.isFull || journals.size() > LONGEST) await line.drained();
  if (!(await take({ log, journals, line }, mail, accounts))) await atOnce();
}

interface Taking {
  log: Log;
  journals: Journals;
  line: Line;
}

/** False: the journal takes nothing. */
async function take({ log, journals, line }: Taking, mail: Taken, accounts: readonly AccountId[] | undefined) {
  const entry = line.enter(mail, { accounts });
  try {
    entry.known.release = await journals.append(noteOf(mail), mail.bytes);
  } catch (error) {
    line.leave(entry);
    log.warn({ err: error }, 'incoming: the journal takes nothing');
    return false;
  }
  line.run(entry);
  return true;
}

async function file(
  { mostBytes, log, promised }: IncomingOptions & { promised: Promised },
  { journals, line }: Started,
  place: MailboxPlace,
  bytes: Uint8Array,
  filing: Filing,
): Promise<UidPlace | undefined> {
  if (bytes.byteLength > mostBytes || line.isStruggling) return undefined;
  // Mail that was taken before stands before it.
  await line.mailDelivered([place.accountId]);
  if (line.isFull || journals.size() > LONGEST) await line.drained();
  const promise = await promised.uid(place, filing, bytes.byteLength, line.hurry);
  const mail = { bytes, place: promise, filing, promise };
  return (await take({ log, journals, line }, mail, [place.accountId])) ? promise : undefined;
}

async function start(
  options: IncomingOptions,
  gathering: Gathering,
  deliver: DeliverMail,
  entered: () => void,
): Promise<Started> {
  const { folder, filing, log } = options;
  const aside = createAside(asideFolder(folder), log);
  const file = join(folder, 'journal');
  const { journals, left, damaged } = await openJournals({ file, gathered: gathering.complete, ...pick(options) });
  for (const copy of damaged) log.error({ file: copy }, 'incoming: a part of the journal cannot be read');
  const isKnown = knownTo(options);
  const line = new Line({
    async deliver(mail) {
      if (!isFiled(mail)) return deliver(mail, 'taken');
      if (!filing) throw new Error('nobody files what a client filed');
      return filing.store(mail);
    },
    isDelivered: ({ mail }) => isKnown(mail),
    aside: async ({ mail }, error) => {
      await aside.keep(asideNameOf(mail), noteOf(mail), mail.bytes, error);
      if (isFiled(mail)) filing?.promised.givenUp(mail.place);
      log.error({ err: error, ...nameOf(mail), folder }, 'incoming: a message was kept aside');
    },
    log,
  });
  const found = withoutDoubles(left, await aside.all());
  if (left.length > 0) log.info({ messages: left.length }, 'incoming: an earlier process had taken these');
  await takeUp({ folder, log, line, aside, isKnown, entered, promised: filing?.promised }, found);
  return { deliver, journals, line };
}

/** Whether the store has it. What was filed and has lost its UID is not looked for. */
const knownTo =
  ({ isDelivered, filing }: IncomingOptions) =>
  async (mail: Taken): Promise<boolean> => {
    if (!isFiled(mail)) return isDelivered(sha256(mail.bytes));
    return mail.promise !== undefined && (await filing?.promised.isStored(mail.promise, sha256(mail.bytes))) === true;
  };

const pick = ({ sync }: IncomingOptions) => (sync ? { sync } : {});
