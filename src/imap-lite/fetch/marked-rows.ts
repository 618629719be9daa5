/** Flags with their mod-sequences, and nothing else of the messages: what is told of changes. */
import type { PlacedFlags, PlacedModseq, PlacePick } from '../../mailstore/types.ts';
import type { ImapStore, MailboxRef } from '../store.ts';

export type MarkedRow = PlacedFlags & PlacedModseq;

/** In UID order. The mod-sequences are read first; see flags.ts. */
export async function markedRows(store: ImapStore, ref: MailboxRef, pick: PlacePick): Promise<MarkedRow[]> {
  const modseqs = await store.modseqs(ref, pick);
  const flags = await store.flags(ref, pick);
  const rows: MarkedRow[] = [];
  let at = 0;
  for (const { uid, modseq } of modseqs) {
    while ((flags[at]?.uid ?? Infinity) < uid) at++;
    const own = flags[at];
    if (own?.uid === uid) rows.push({ ...own, modseq });
  }
  return rows;
}
