/**
 * FETCH, UID FETCH (RFC 9051 §6.4.5, §6.4.9; CHANGEDSINCE and VANISHED of RFC 7162 §3.1.4.1, §3.2.6).
 * `C: a FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])` — `S: * 2 FETCH (…)` … `S: a OK …`.
 */
import type { ModSeq } from '../../base/ids.ts';
import type { FetchNeeds, FetchRow, Placed } from '../../mailstore/types.ts';
import { asError, bad, noSuchNumber } from '../errors.ts';
import { asksFlagsOnly, sendFlags } from '../fetch/flags.ts';
import { asksWhole, needsOf, renderFetch } from '../fetch/render.ts';
import { expectDecodable } from '../fetch/section.ts';
import { sendWhole, sendWholeApart, type WholeAnswer } from '../fetch/whole.ts';
import type { Session } from '../session.ts';
import { both, indexOf, type Uids } from '../uids.ts';
import { char, type Cursor, expectSpace, list, word } from '../wire/cursor.ts';
import { expectFetchAtts, type FetchAtt, type PlainItem } from '../wire/fetch-att.ts';
import { expectSequenceSet, isOne, isOpen, type SequenceSet } from '../wire/sequence-set.ts';
import { expectNumber } from '../wire/strings.ts';
import {
  command,
  onlyByUid,
  SELECTED,
  type Answer,
  type Asked,
  type Command,
  type Done,
  type Given,
} from './command.ts';
import { tellVanished } from './qresync.ts';

interface Args {
  set: SequenceSet;
  atts: FetchAtt[];
  changedSince?: ModSeq;
  vanished: boolean;
}

/** Rows read at once: with what is derived from the message, with its lines for IMAP, or without either. */
const CHUNK = { derived: 50, lines: 250, plain: 1000 };

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
  expungeAllowed: onlyByUid,
  looksForMail: ({ set }) => (isOpen(set) ? 'selected' : 'nowhere'),
  parse(c) {
    expectSpace(c);
    const set = expectSequenceSet(c);
    expectSpace(c);
    const atts = expectFetchAtts(c);
    return { set, atts, ...modifiers(c) };
  },
  run: fetch,
  fits: (a, b) => isSimple(a) && isSimple(b) && kindOf(a) === kindOf(b),
  runTogether: fetchTogether,
});

/** One message, and nothing changes by it. */
const isSimple = ({ set, atts, changedSince, vanished }: Args): boolean =>
  isOne(set) && changedSince === undefined && !vanished && atts.every((a) => !('peek' in a) || a.peek);

/** What must be read for it. */
function kindOf({ atts }: Args): string {
  const { lines, derived } = needsOf(atts);
  return `${lines} ${derived} ${asksWhole(atts)}`;
}

const sizeFor = ({ derived, lines }: FetchNeeds): number =>
  derived ? CHUNK.derived : lines ? CHUNK.lines : CHUNK.plain;

async function fetch(session: Session, args: Args, { byUid }: Asked): Promise<Done> {
  const { view } = session;
  if (args.vanished && !(byUid && session.qresync && args.changedSince !== undefined))
    throw bad('VANISHED needs UID FETCH, QRESYNC and CHANGEDSINCE');
  const atts = wanted(session, args, byUid);
  let uids = session.uidsOf(args.set, byUid);
  const { changedSince } = args;
  if (args.vanished && changedSince !== undefined) await tellVanished(session, changedSince, args.set);
  if (changedSince !== undefined) uids = both(await session.store.uids(view.ref, { changedSince }), uids);
  if (asksFlagsOnly(atts)) return fetched((await sendFlags(session, uids, atts)) > 0 && !byUid);
  const needs = needsOf(atts);
  const marks = !view.readOnly && atts.some((a) => (a.kind === 'body' || a.kind === 'binary') && !a.peek);
  const size = marks ? CHUNK.derived : sizeFor(needs);
  let missing = 0;
  for (let i = 0; i < uids.length; i += size)
    missing += await chunk(session, uids.subarray(i, i + size), { atts, needs, marks });
  return fetched(missing > 0 && !byUid);
}

/** RFC 5530 §3: someone else has expunged; the client's numbers stay until it asks with NOOP. */
const fetched = (gone: boolean): Done =>
  gone ? { responseCode: 'EXPUNGEISSUED', text: 'some are gone' } : { text: 'fetched' };

function wanted(session: Session, { atts, changedSince }: Args, byUid: boolean): FetchAtt[] {
  const has = (item: PlainItem): boolean => atts.some((a) => a.kind === 'plain' && a.item === item);
  // RFC 7162 §3.1: any of these turns CONDSTORE on.
  if (changedSince !== undefined || has('MODSEQ')) session.turnOnCondstore();
  const more: PlainItem[] = [];
  if (byUid && !has('UID')) more.push('UID');
  if (changedSince !== undefined && !has('MODSEQ')) more.push('MODSEQ');
  return [...more.map((item): FetchAtt => ({ kind: 'plain', item })), ...atts];
}

interface How {
  atts: FetchAtt[];
  needs: FetchNeeds;
  marks: boolean;
}

/** A command for each message, sent without waiting, as programs do that bring a mailbox home: read together. */
async function fetchTogether(session: Session, all: readonly Given<Args>[], answer: Answer): Promise<void> {
  const [first] = all;
  if (!first) return;
  const needs = needsOf(first.args.atts);
  const size = sizeFor(needs);
  for (let i = 0; i < all.length; i += size) await partTogether(session, all.slice(i, i + size), needs, answer);
}

async function partTogether(
  session: Session,
  all: readonly Given<Args>[],
  needs: FetchNeeds,
  answer: Answer,
): Promise<void> {
  const { view, store } = session;
  const asks = all.map(({ args, asked }) => ({ args, asked, set: view.resolve(args.set, asked.byUid) }));
  const uids = Uint32Array.from(new Set(asks.flatMap(({ set }) => set?.[0] ?? []))).sort();
  const found = uids.length > 0 ? await store.fetchRows(view.ref, view.pick(uids), needs) : [];
  const places = new Map(found.map((row) => [row.uid, row]));
  // Answered without a word of a message, or with one.
  const answers = asks.map(({ args, asked, set }): Done | Error | WholeAnswer => {
    const row = places.get(set?.[0] ?? 0);
    if (!set) return noSuchNumber();
    if (!row) return fetched(set.length > 0 && !asked.byUid);
    return { seq: view.seqOf(row.uid) ?? 0, row, atts: wanted(session, args, asked.byUid) };
  });
  const [first] = all;
  if (first && asksWhole(first.args.atts)) return sendWholeApart(session, answers, answer, fetched(false));
  for (const one of answers) {
    if (!('row' in one)) await answer(one);
    // One that cannot be read keeps nothing from the others.
    else await answer(await renderFetch(session, one.seq, one.row, one.atts).then(() => fetched(false), asError));
  }
}

/** @returns how many of the messages are gone. */
async function chunk(session: Session, uids: Uids, { atts, needs, marks }: How): Promise<number> {
  const { view, store } = session;
  const rows = await store.fetchRows(view.ref, view.pick(uids), needs);
  if (marks) expectAllDecodable(rows, atts);
  const seen = marks ? await markSeen(session, rows) : undefined;
  const answers: WholeAnswer[] = [];
  // Rows come in the order of the view: mostly the next one is the next number.
  let at = 0;
  for (const row of rows) {
    if (view.uids[at] !== row.uid) at = indexOf(view.uids, row.uid);
    if (at < 0) continue;
    const changed = seen?.get(row.uid);
    answers.push(
      changed ? { seq: ++at, row: { ...row, ...changed }, atts: withNews(session, atts) } : { seq: ++at, row, atts },
    );
  }
  if (asksWhole(atts)) await sendWhole(session, answers);
  else for (const { seq, row, atts: given } of answers) await renderFetch(session, seq, row, given);
  return uids.length - rows.length;
}

/** What is answered NO marks nothing as read. */
function expectAllDecodable(rows: readonly FetchRow[], atts: readonly FetchAtt[]): void {
  const sections = atts.flatMap((a) => (a.kind === 'binary' || a.kind === 'binarySize' ? a.section : []));
  for (const { derived } of rows) for (const section of sections) if (derived) expectDecodable(derived.root, section);
}

/** RFC 9051 §6.4.5: BODY[…] without PEEK sets \Seen, and the answer says so. */
async function markSeen(session: Session, rows: readonly Placed[]): Promise<Map<number, Placed>> {
  const unseen = rows.filter((r) => !r.keywords.includes('$seen')).map((r) => r.uid);
  if (unseen.length === 0) return new Map();
  const { view, store } = session;
  const result = await store.changeFlags(
    view.ref,
    { uids: unseen },
    { mode: 'add', keywords: ['$seen'], deleted: false },
  );
  view.announce(result);
  return new Map(result.rows.map((r) => [r.uid, r]));
}

function withNews(session: Session, atts: FetchAtt[]): FetchAtt[] {
  // RFC 7162 §3.2.4: what tells a change names its message and the mark.
  const more: PlainItem[] = session.condstore ? ['UID', 'FLAGS', 'MODSEQ'] : ['FLAGS'];
  const missing = more.filter((item) => !atts.some((a) => a.kind === 'plain' && a.item === item));
  return [...atts, ...missing.map((item): FetchAtt => ({ kind: 'plain', item }))];
}
