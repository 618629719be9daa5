/**
 * Flags of many messages, which every client asks for when it comes: neither more is read nor more made than that. Those of a
 * large mailbox are kept as a column beside what it is sorted by (sort/columns.ts), with the mark up to which they are known;
 * then only what has changed since is read.
 */
import type { ModSeq } from '../../base/ids.ts';
import { turns, type Turn } from '../../base/turns.ts';
import { printFlags, withRecent } from '../flags.ts';
import type { Session } from '../session.ts';
import { type Column, columnOf, merged, placesOf } from '../sort/columns.ts';
import type { ImapStore, MailboxRef } from '../store.ts';
import { last, without, type Uids } from '../uids.ts';
import type { FetchAtt, PlainItem } from '../wire/fetch-att.ts';

/** Read or sent at once. */
const CHUNK = 4000;
/** Fewer are read as quickly as the column is brought up to now. */
const WORTH_KEEPING = 200;

export const asksFlagsOnly = (atts: readonly FetchAtt[]): boolean =>
  atts.every((a) => a.kind === 'plain' && (a.item === 'UID' || a.item === 'FLAGS'));

/** @returns how many of the messages are gone. */
export async function sendFlags(session: Session, uids: Uids, atts: readonly FetchAtt[]): Promise<number> {
  const { view, out } = session;
  const asked = atts.flatMap((a) => (a.kind === 'plain' ? a.item : []));
  const isMost = uids.length >= WORTH_KEEPING && uids.length > view.uids.length / 2;
  const column = isMost ? await flagColumn(session, turns()) : undefined;
  let missing = 0;
  for (let i = 0; i < uids.length; i += CHUNK) {
    const some = uids.subarray(i, i + CHUNK);
    const flags = column ? keysOf(column, some) : await flagsOf(session, some);
    const places = placesOf(view.uids, some);
    let text = '';
    for (const [n, own] of flags.entries()) {
      const [uid = 0, place = -1] = [some[n], places[n]];
      if (own === undefined || place < 0) missing++;
      else text += line(asked, { seq: place + 1, uid, flags: view.isRecent(uid) ? withRecent(own) : own });
    }
    out.raw(text);
    if (out.shouldFlush) await out.flush();
  }
  return missing;
}

function line(asked: readonly PlainItem[], { seq, uid, flags }: { seq: number; uid: number; flags: string }): string {
  let values = '';
  for (const item of asked) values += `${values === '' ? '' : ' '}${item === 'UID' ? `UID ${uid}` : `FLAGS ${flags}`}`;
  return `* ${seq} FETCH (${values})\r\n`;
}

/** One for each UID; undefined: the message is gone. */
type Printed = readonly (string | undefined)[];

async function flagsOf({ store, view }: Session, uids: Uids): Promise<Printed> {
  const rows = await store.flags(view.ref, view.pick(uids));
  const places = placesOf(
    Uint32Array.from(rows, ({ uid }) => uid),
    uids,
  );
  return Array.from(places, (place) => {
    const row = rows[place];
    return row && printFlags(row);
  });
}

const keysOf = ({ uids, ranks, keys }: Column, wanted: Uids): Printed =>
  Array.from(placesOf(uids, wanted), (place) => (place < 0 ? undefined : String(keys[ranks[place] ?? 0])));

/** The mailbox as it was at its mark or, where somebody changes it at this moment, a little later. Undefined: it is another by now. */
async function flagColumn({ store, view }: Session, turn: Turn): Promise<Column | undefined> {
  const { ref } = view;
  const mailbox = await store.mailbox(ref);
  if (mailbox?.uidValidity !== view.uidValidity) return undefined;
  const name = `${ref.accountId} ${ref.mailboxId} ${view.uidValidity} FLAGS`;
  const known = store.columns.get(name);
  const mark = mailbox.highestModseq;
  if (known.mark !== undefined && known.mark >= mark) return known;
  const gone = known.mark !== undefined ? await store.expungedSince(ref, known.mark) : undefined;
  const changed = await changedSince({ store, ref, turn }, gone && known.mark);
  const among = without(known.uids, Uint32Array.from(gone ?? known.uids));
  const column = { ...merged(known, changed, among), mark };
  store.columns.keep(name, column);
  return column;
}

interface From {
  store: ImapStore;
  ref: MailboxRef;
  turn: Turn;
}

/** All of them without a mark. */
async function changedSince({ store, ref, turn }: From, mark: ModSeq | undefined): Promise<Column> {
  const since = mark === undefined ? {} : { changedSince: mark };
  const wanted = await store.uids(ref, since);
  const uids: number[] = [];
  const keys: string[] = [];
  for (let i = 0; i < wanted.length; i += CHUNK) {
    const some = wanted.subarray(i, i + CHUNK);
    for (const row of await store.flags(ref, { ...since, from: some[0] ?? 0, to: last(some) })) {
      uids.push(row.uid);
      keys.push(printFlags(row));
    }
    await turn();
  }
  return columnOf(Uint32Array.from(uids), keys, turn);
}
