/**
 * Flags and mod-sequences of a large mailbox, kept as columns beside what it is sorted by (sort/columns.ts), each with the mark up
 * to which it is known; then only what has changed since is read.
 */
import type { ModSeq } from '../../base/ids.ts';
import type { Turn } from '../../base/turns.ts';
import type { PlacePick } from '../../mailstore/types.ts';
import { printFlags } from '../flags.ts';
import type { Session } from '../session.ts';
import { type Column, columnOf, type Key, merged } from '../sort/columns.ts';
import type { ImapStore, MailboxRef } from '../store.ts';
import { last, without } from '../uids.ts';

/** Read at once. */
const CHUNK = 4000;

export interface Kind {
  readonly name: string;
  /** In UID order. */
  read(store: ImapStore, ref: MailboxRef, pick: PlacePick): Promise<{ uids: number[]; keys: Key[] }>;
}

export const KINDS = {
  FLAGS: {
    name: 'FLAGS',
    async read(store, ref, pick) {
      const rows = await store.flags(ref, pick);
      return { uids: rows.map(({ uid }) => uid), keys: rows.map((row) => printFlags(row)) };
    },
  },
  MODSEQ: {
    name: 'MODSEQ',
    async read(store, ref, pick) {
      const rows = await store.modseqs(ref, pick);
      return { uids: rows.map(({ uid }) => uid), keys: rows.map(({ modseq }) => modseq) };
    },
  },
} as const satisfies Record<string, Kind>;

/** The mailbox as it was at its mark or, where somebody changes it at this moment, a little later. Undefined: it is another by now. */
export async function keptColumn({ store, view }: Session, kind: Kind, turn: Turn): Promise<Column | undefined> {
  const { ref } = view;
  const mailbox = await store.mailbox(ref);
  if (mailbox?.uidValidity !== view.uidValidity) return undefined;
  const name = `${ref.accountId} ${ref.mailboxId} ${view.uidValidity} ${kind.name}`;
  const known = store.columns.get(name);
  const mark = mailbox.highestModseq;
  if (known.mark !== undefined && known.mark >= mark) return known;
  const gone = known.mark !== undefined ? await store.expungedSince(ref, known.mark) : undefined;
  const changed = await changedSince({ store, ref, kind, turn }, gone && known.mark);
  const among = without(known.uids, Uint32Array.from(gone ?? known.uids));
  const column = { ...merged(known, changed, among), mark };
  store.columns.keep(name, column);
  return column;
}

interface From {
  store: ImapStore;
  ref: MailboxRef;
  kind: Kind;
  turn: Turn;
}

/** All of them without a mark. */
async function changedSince({ store, ref, kind, turn }: From, mark: ModSeq | undefined): Promise<Column> {
  const since = mark === undefined ? {} : { changedSince: mark };
  const wanted = await store.uids(ref, since);
  const uids: number[] = [];
  const keys: Key[] = [];
  for (let i = 0; i < wanted.length; i += CHUNK) {
    const some = wanted.subarray(i, i + CHUNK);
    const read = await kind.read(store, ref, { ...since, from: some[0] ?? 0, to: last(some) });
    for (const uid of read.uids) uids.push(uid);
    for (const key of read.keys) keys.push(key);
    await turn();
  }
  return columnOf(Uint32Array.from(uids), keys, turn);
}
