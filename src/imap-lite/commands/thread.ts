/**
 * THREAD, UID THREAD (RFC 5256 §3). `C: a THREAD REFERENCES UTF-8 SINCE 5-MAR-2000` — `S: * THREAD (2)(3 6 (4 23)(44 7 96))`.
 * Base subjects are those of src/message/base-subject.ts: the prefixes of Vietnamese and other programs too.
 */
import type { Placed } from '../../mailstore/types.ts';
import { writtenBaseSubject } from '../../message/base-subject.ts';
import type { Summary } from '../../message/types.ts';
import { search } from '../search/run.ts';
import type { Session } from '../session.ts';
import { casemap } from '../sort/casemap.ts';
import { eachHeading, expectSortable, sentDate } from '../sort/order.ts';
import { byReferences } from '../sort/references.ts';
import { orderedSubject, printThreads, type Threadable } from '../sort/thread.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectThreadArgs, type ThreadArgs } from '../wire/sort-args.ts';
import { command, SELECTED, type Command } from './command.ts';
import { expectKnownCharset, usesModseq } from './search.ts';

/** A stranger may list thousands; the first names the root, the last ones the neighbours. */
const MOST_REFERENCES = 50;

export const thread: Command = command<ThreadArgs>({
  name: 'THREAD',
  states: SELECTED,
  uid: true,
  // RFC 5256 §3: message numbers stay as they are while THREAD is answered.
  expungeAllowed: false,
  parse(c) {
    expectSpace(c);
    return expectThreadArgs(c);
  },
  async run(session, { charset, key, algorithm }, { byUid }) {
    expectKnownCharset(charset);
    if (usesModseq(key)) session.enabled.add('CONDSTORE');
    const rows = await search(session, key);
    const messages = await threadables(session, rows, { byUid, references: algorithm === 'REFERENCES' });
    const threads = algorithm === 'REFERENCES' ? byReferences(messages) : orderedSubject(messages);
    session.out.line(`* THREAD${threads.length > 0 ? ' ' : ''}${printThreads(threads)}`);
    return { text: 'threaded' };
  },
});

async function threadables(
  session: Session,
  rows: readonly Placed[],
  { byUid, references }: { byUid: boolean; references: boolean },
): Promise<Threadable[]> {
  expectSortable(session, rows);
  const messages: Threadable[] = [];
  await eachHeading(session, rows, references, (row, heading) => {
    const { text, replyOrForward } = writtenBaseSubject(heading.subject);
    messages.push({
      number: byUid ? row.uid : (session.view.seqOf(row.uid) ?? 0),
      date: sentDate(row, heading),
      subject: casemap(text),
      replyOrForward,
      messageId: heading.summary?.messageId[0],
      references: heading.summary ? referencesOf(heading.summary) : [],
    });
  });
  return messages;
}

/** RFC 5256 §3 step 1: References, else the first of In-Reply-To. */
function referencesOf({ references, inReplyTo }: Summary): string[] {
  if (references.length === 0) return inReplyTo.slice(0, 1);
  return references.length <= MOST_REFERENCES
    ? references
    : [...references.slice(0, 1), ...references.slice(1 - MOST_REFERENCES)];
}
