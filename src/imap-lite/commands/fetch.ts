/**
 * FETCH, UID FETCH (RFC 9051 §6.4.5, §6.4.9; CHANGEDSINCE and VANISHED of RFC 7162 §3.1.4.1, §3.2.6).
 * `C: a FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])` — `S: * 2 FETCH (…)` … `S: a OK …`.
 */
import type { ModSeq } from '../../base/ids.ts';
import type { Placed } from '../../mailstore/types.ts';
import { bad } from '../errors.ts';
import { needsDetail, renderFetch } from '../fetch/render.ts';
import type { Session } from '../session.ts';
import { char, type Cursor, expectSpace, list, word } from '../wire/cursor.ts';
import { expectFetchAtts, type FetchAtt, type PlainItem } from '../wire/fetch-att.ts';
import { expectSequenceSet, type SequenceSet } from '../wire/sequence-set.ts';
import { expectNumber } from '../wire/strings.ts';
import { command, SELECTED, type Asked, type Command, type Done } from './command.ts';
import { tellVanished } from './qresync.ts';

interface Args {
  set: SequenceSet;
  atts: FetchAtt[];
  changedSince?: ModSeq;
  vanished: boolean;
}

/** Rows read at once: with what is derived from the message, or without. */
const CHUNK = { detail: 50, plain: 1000 };

function modifiers(c: Cursor): Pick<Args, 'changedSince' | 'vanished'> {
  const found: Pick<Args, 'changedSince' | 'vanished'> = { vanished: false };
  if (!char(c, ' ')) return found;
  const one = (d: Cursor): void => {
    if (word(d, 'VANISHED')) found.vanished = true;
    else if (word(d, 'CHANGEDSINCE')) {
      expectSpace(d);
      found.changedSince = expectNumber(d) as ModSeq;
    } else d.fail('CHANGEDSINCE or VANISHED');
  };
  if (!list(c, one)) c.fail('"("');
  return found;
}

export const fetchCommand: Command = command<Args>({
  name: 'FETCH',
  states: SELECTED,
  uid: true,
  expungeAllowed: false,
  parse(c) {
    expectSpace(c);
    const set = expectSequenceSet(c);
    expectSpace(c);
    const atts = expectFetchAtts(c);
    return { set, atts, ...modifiers(c) };
  },
  run: fetch,
});

async function fetch(session: Session, args: Args, { byUid }: Asked): Promise<Done> {
  const { view } = session;
  if (args.vanished && !(byUid && session.qresync && args.changedSince !== undefined))
    throw bad('VANISHED needs UID FETCH, QRESYNC and CHANGEDSINCE');
  const atts = wanted(session, args, byUid);
  const uids = session.uidsOf(args.set, byUid);
  if (args.vanished && args.changedSince !== undefined) await tellVanished(session, args.changedSince, args.set);
  const marks = !view.readOnly && atts.some((a) => (a.kind === 'body' || a.kind === 'binary') && !a.peek);
  const detail = needsDetail(atts);
  const size = detail || marks ? CHUNK.detail : CHUNK.plain;
  let missing = 0;
  for (let i = 0; i < uids.length; i += size) {
    missing += await chunk(session, uids.slice(i, i + size), { atts, detail, marks, changedSince: args.changedSince });
  }
  // RFC 5530 §3: someone else has expunged; the client's numbers stay until it asks with NOOP.
  return missing > 0 && !byUid ? { responseCode: 'EXPUNGEISSUED', text: 'some are gone' } : { text: 'fetched' };
}

function wanted(session: Session, { atts, changedSince }: Args, byUid: boolean): FetchAtt[] {
  const has = (item: PlainItem): boolean => atts.some((a) => a.kind === 'plain' && a.item === item);
  // RFC 7162 §3.1: any of these turns CONDSTORE on.
  if (changedSince !== undefined || has('MODSEQ')) session.enabled.add('CONDSTORE');
  const more: PlainItem[] = [];
  if (byUid && !has('UID')) more.push('UID');
  if (changedSince !== undefined && !has('MODSEQ')) more.push('MODSEQ');
  return [...more.map((item): FetchAtt => ({ kind: 'plain', item })), ...atts];
}

interface How {
  atts: FetchAtt[];
  detail: boolean;
  marks: boolean;
  changedSince: ModSeq | undefined;
}

/** @returns how many of the messages are gone. */
async function chunk(
  session: Session,
  uids: readonly number[],
  { atts, detail, marks, changedSince }: How,
): Promise<number> {
  const { view, store } = session;
  let rows = await store.placed(view.ref, { uids, ...(changedSince !== undefined && { changedSince }) });
  const missing = changedSince === undefined ? uids.length - rows.length : 0;
  const seen = marks ? await markSeen(session, rows) : new Map<number, Placed>();
  rows = rows.map((row) => seen.get(row.uid) ?? row);
  const details = new Map(
    detail && rows.length > 0
      ? (
          await store.details(
            view.ref,
            rows.map((r) => r.uid),
          )
        ).map((d) => [d.uid, d])
      : [],
  );
  for (const row of rows) {
    const seq = view.seqOf(row.uid);
    if (seq === undefined || (detail && !details.has(row.uid))) continue;
    await renderFetch(session, seq, row, details.get(row.uid), withNews(session, atts, seen.has(row.uid)));
  }
  return missing;
}

/** RFC 9051 §6.4.5: BODY[…] without PEEK sets \Seen, and the answer says so. */
async function markSeen(session: Session, rows: readonly Placed[]): Promise<Map<number, Placed>> {
  const unseen = rows.filter((r) => !r.keywords.includes('$seen')).map((r) => r.uid);
  if (unseen.length === 0) return new Map();
  const { view, store } = session;
  const result = await store.changeFlags(view.ref, unseen, { mode: 'add', keywords: ['$seen'], deleted: false });
  view.announce(result.rows);
  return new Map(result.rows.map((r) => [r.uid, r]));
}

function withNews(session: Session, atts: FetchAtt[], changed: boolean): FetchAtt[] {
  if (!changed) return atts;
  const more: PlainItem[] = session.condstore ? ['FLAGS', 'MODSEQ'] : ['FLAGS'];
  const missing = more.filter((item) => !atts.some((a) => a.kind === 'plain' && a.item === item));
  return [...atts, ...missing.map((item): FetchAtt => ({ kind: 'plain', item }))];
}
