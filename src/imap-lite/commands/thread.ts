/**
 * THREAD, UID THREAD (RFC 5256 §3). `C: a THREAD REFERENCES UTF-8 SINCE 5-MAR-2000` — `S: * THREAD (2)(3 6 (4 23)(44 7 96))`.
 * Base subjects are those of src/message/base-subject.ts: the prefixes of Vietnamese and other programs too.
 */
import { SOME, turns, type Turn } from '../../base/turns.ts';
import { search } from '../search/run.ts';
import type { Session } from '../session.ts';
import type { Key } from '../sort/columns.ts';
import { columnsOf, listedReferences } from '../sort/keys.ts';
import { expectSortable, ranksOf, thereIn } from '../sort/order.ts';
import { byReferences } from '../sort/references.ts';
import { orderedSubject, printThreads, type Threadable } from '../sort/thread.ts';
import type { Uids } from '../uids.ts';
import { expectSpace } from '../wire/cursor.ts';
import { expectThreadArgs, type ThreadArgs } from '../wire/sort-args.ts';
import { command, SELECTED, type Command } from './command.ts';
import { expectKnownCharset, numbersOf, usesModseq, usesNumbers } from './search.ts';

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

const SUBJECTS = ['DATE', 'SUBJECT', 'REPLY'] as const;
const IDS = ['MESSAGE-ID', 'REFERENCES'] as const;

async function threadables(
  session: Session,
  uids: Uids,
  { byUid, references, turn }: { byUid: boolean; references: boolean; turn: Turn },
): Promise<Threadable[]> {
  expectSortable(session, uids);
  const names = references ? [...SUBJECTS, ...IDS] : SUBJECTS;
  const columns = await columnsOf(session, uids, { names, turn });
  const there = thereIn(columns, uids);
  const [date, subject, reply, id, refs] = columns.map((column) => ({ ranks: ranksOf(column, there), column }));
  const numbers = numbersOf(session, there, byUid);
  const links = id && refs && (await linksOf(id.column.keys, refs.column.keys, turn));
  return Array.from(numbers, (number, i) => ({
    number,
    date: Number(date?.column.keys[date.ranks[i] ?? 0]),
    subject: String(subject?.column.keys[subject.ranks[i] ?? 0]),
    replyOrForward: reply?.column.keys[reply.ranks[i] ?? 0] === 1,
    messageId: id && id.column.keys[id.ranks[i] ?? 0] !== '' ? id.ranks[i] : undefined,
    references: links?.[refs?.ranks[i] ?? 0] ?? NONE,
  }));
}
const NONE: readonly number[] = [];

/** @returns for each list of references its ids as numbers: the places of the Message-IDs, and further ones. */
async function linksOf(ids: readonly Key[], lists: readonly Key[], turn: Turn): Promise<number[][]> {
  const places = new Map(ids.map((id, place) => [id, place]));
  const links: number[][] = [];
  for (const [i, list] of lists.entries()) {
    if (i % SOME === 0) await turn();
    const linked = listedReferences(list).map((id) => {
      const place = places.get(id) ?? places.size;
      places.set(id, place);
      return place;
    });
    links.push(linked);
  }
  return links;
}
