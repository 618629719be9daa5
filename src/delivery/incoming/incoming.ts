/**
 * Mail from outside is on the disk before the 250, and in its mailboxes a moment later: in a journal first, then many messages in one
 * transaction. A sender with one connection so pays a sync for each message, but neither a transaction nor the work for it.
 *
 * Nothing is delivered twice: the octets of a message name its session and time, so that after a crash the store knows which of the
 * journal's messages it has. Who asks for mail sees what was taken before he asked (`settled`).
 */
import { join } from 'node:path';

import { sha256 } from '../../base/bytes.ts';
import { DomainError } from '../../base/errors.ts';
import type { AccountId, BlobHash } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { createAside, type Aside } from './aside.ts';
import { createGathering, type Gathering } from './gathering.ts';
import { openJournals, type Journals, type Release } from './journals.ts';
import { Line, type Entry } from './line.ts';
import { mailOf, noteOf } from './note.ts';
import { beginStart } from './start-guard.ts';
import type { DeliverMail, Incoming, IncomingMail } from './types.ts';

/** A journal begins anew when all that it has is delivered; at this length it waits for that. Octets. */
const LONGEST = 64 * 1024 * 1024;

export interface IncomingOptions {
  /** For the journal and what is kept aside. */
  folder: string;
  /** Larger messages are delivered before they are taken; 0: all. Octets. */
  mostBytes: number;
  isDelivered(hash: BlobHash): Promise<boolean>;
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
  const gathering = createGathering();
  let started: Started | undefined;
  let begin = (): void => undefined;
  const beginning = new Promise<void>((resolve) => (begin = resolve));
  return {
    announce: gathering.announce,
    async accept(mail, accounts) {
      if (!started) await beginning;
      if (!started) throw new DomainError('unavailable', 'incoming.stopped', 'the server is stopping');
      await accept(options, started, { mail, accounts });
    },
    settled: (accounts) => (started ? started.line.settled(accounts) : beginning),
    async start(deliver) {
      started = await start(options, gathering, deliver);
      begin();
    },
    async stop() {
      begin();
      await started?.line.stop();
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
  if (line.isFull || journals.size() > LONGEST) await line.drained();
  const entry = line.enter(mail, { accounts });
  try {
    entry.known.release = await journals.append(noteOf(mail), mail.bytes);
  } catch (error) {
    line.leave(entry);
    log.warn({ err: error }, 'incoming: the journal takes nothing');
    await atOnce();
    return;
  }
  line.run(entry);
}

async function start(options: IncomingOptions, gathering: Gathering, deliver: DeliverMail): Promise<Started> {
  const { folder, isDelivered, log } = options;
  const aside = createAside(asideFolder(folder), log);
  const file = join(folder, 'journal');
  const { journals, left, damaged } = await openJournals({ file, gathered: gathering.complete, ...pick(options) });
  for (const copy of damaged) log.error({ file: copy }, 'incoming: a part of the journal cannot be read');
  const line = new Line({
    deliver: (mail) => deliver(mail, 'taken'),
    isDelivered: ({ mail }) => isDelivered(sha256(mail.bytes)),
    aside: async ({ mail }, error) => {
      await aside.keep(noteOf(mail), mail.bytes, error);
      log.error({ err: error, session: mail.origin.session, folder }, 'incoming: a message was kept aside');
    },
    log,
  });
  const found = withoutDoubles(left, await aside.all());
  if (left.length > 0) log.info({ messages: left.length }, 'incoming: an earlier process had taken these');
  if (found.length > 0) await takeUp(options, line, aside, found);
  return { deliver, journals, line };
}

/** What was kept aside stays in its journal until all that lies beside it there is dealt with. */
function withoutDoubles(left: readonly Left[], aside: readonly Left[]): Left[] {
  const known = new Set(aside.map(({ bytes }) => sha256(bytes)));
  const isKnown = ({ bytes }: Left): boolean => known.has(sha256(bytes));
  for (const { release } of left.filter(isKnown)) release?.();
  return [...left.filter((one) => !isKnown(one)), ...aside];
}

const pick = ({ sync }: IncomingOptions) => (sync ? { sync } : {});

interface Left {
  note: unknown;
  bytes: Uint8Array;
  forget?: () => Promise<void>;
  release?: Release;
}

async function takeUp(options: IncomingOptions, line: Line, aside: Aside, found: readonly Left[]): Promise<void> {
  const { folder, isDelivered, log } = options;
  const guard = beginStart(folder);
  if (guard.oneByOne) log.warn({ suspect: guard.suspect }, 'incoming: the start before did not end: now one by one');
  for (const entry of await entered(options, line, aside, found)) {
    const hash = sha256(entry.mail.bytes);
    if (await isDelivered(hash)) {
      await entry.known.forget?.();
      line.leave(entry);
    } else if (hash === guard.suspect) {
      log.error({ hash, folder }, 'incoming: the server ended while it delivered this message: it is kept aside');
      await aside.keepForGood(noteOf(entry.mail), entry.mail.bytes);
      line.leave(entry);
    } else {
      if (guard.oneByOne) guard.trying(hash);
      line.run(entry);
      if (guard.oneByOne) await line.gone(entry);
    }
  }
  await line.drained();
  guard.done();
}

async function entered({ log }: IncomingOptions, line: Line, aside: Aside, found: readonly Left[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const { note, bytes, ...kept } of found) {
    try {
      entries.push(line.enter(mailOf(note, bytes), kept));
    } catch (error) {
      log.error({ err: error }, 'incoming: written by another version, kept aside');
      if (!kept.forget) await aside.keep({ note }, bytes, error);
      kept.release?.();
    }
  }
  return entries;
}
