/**
 * THREAD, UID THREAD (RFC 5256 §3). `C: a THREAD REFERENCES UTF-8 SINCE 5-MAR-2000` — `S: * THREAD (2)(3 6 (4 23)(44 7 96))`.
 * Base subjects are those of src/message/base-subject.ts: the prefixes of Vietnamese and other programs too.
 */
import { turns, type Turn } from '../../base/turns.ts';
import type { Heading } from '../../mailstore/types.ts';
import { writtenBaseSubject } from '../../message/base-subject.ts';
import type { Summary } from '../../message/types.ts';
import { search } from '../search/run.ts';
import type { Session } from '../session.ts';
import { casemap } from '../sort/casemap.ts';
import { eachHeading, expectSortable, remembered, sentDate } from '../sort/order.ts';
import { byReferences } from '../sort/references.ts';
import { orderedSubject, printThreads, type Threadable } from '../sort/thread.ts';
import type { Uids } from '../uids.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectThreadArgs, type ThreadArgs } from '../wire/sort-args.ts';
import { command, SELECTED, type Command } from './command.ts';
import { expectKnownCharset, usesModseq, usesNumbers } from './search.ts';

/** A stranger may list thousands; the first names the root, the last ones the neighbours. */
const MOST_REFERENCES = 50;

export const thread: Command = command<ThreadArgs>({
  name: 'THREAD',
  states: SELECTED,
  uid: true,
  // RFC 5256 §3: message numbers stay as they are while THREAD is answered.
  expungeAllowed: ({ key }, { byUid }) => byUid && !usesNumbers(key),
  parse(c) {
    expectSpace(c);
    return expectThreadArgs(c);
  },
  async run(session, { charset, key, algorithm }, { byUid }) {
    expectKnownCharset(charset);
    if (usesModseq(key)) session.turnOnCondstore();
    const turn = turns();
    const found = await search(session, key);
    const messages = await threadables(session, found, { byUid, references: algorithm === 'REFERENCES', turn });
    const threads = await (algorithm === 'REFERENCES' ? byReferences(messages, turn) : orderedSubject(messages, turn));
    session.out.line(`* THREAD${threads.length > 0 ? ' ' : ''}${await printThreads(threads, turn)}`);
    return { text: 'threaded' };
  },
});

async function threadables(
  session: Session,
  uids: Uids,
  { byUid, references, turn }: { byUid: boolean; references: boolean; turn: Turn },
): Promise<Threadable[]> {
  expectSortable(session, uids);
  const subjectOf = remembered((subject) => {
    const { text, replyOrForward } = writtenBaseSubject(subject);
    return { subject: casemap(text), replyOrForward };
  });
  const messages: Threadable[] = [];
  const take = (heading: Heading): void => {
    const { uid, summary } = heading;
    messages.push({
      number: byUid ? uid : (session.view.seqOf(uid) ?? 0),
      date: sentDate(heading),
      ...subjectOf(heading.subject),
      messageId: summary.messageId?.slice(0, 1).map(plainId)[0],
      references: referencesOf(summary).map(plainId),
    });
  };
  const summary: (keyof Summary)[] = references ? ['messageId', 'inReplyTo', 'references'] : [];
  await eachHeading(session, uids, { sentAt: true, subject: true, summary }, { take, turn });
  return messages;
}

/** RFC 5256 §3: `"a"@b` and `a@b` are the same. */
const plainId = (id: string): string =>
  id.startsWith('"')
    ? id.replace(/^"((?:[^"\\]|\\.)*)"(?=@)/, (_, local: string) => local.replace(/\\(.)/g, '$1'))
    : id;

/** RFC 5256 §3 step 1: References, else the first of In-Reply-To. */
function referencesOf({ references = [], inReplyTo = [] }: Partial<Summary>): string[] {
  if (references.length === 0) return inReplyTo.slice(0, 1);
  return references.length <= MOST_REFERENCES
    ? references
    : [...references.slice(0, 1), ...references.slice(1 - MOST_REFERENCES)];
}
