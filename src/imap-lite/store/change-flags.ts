/** STORE: the flags of some messages, and what they are after it. */
import type { ModSeq } from '../../base/ids.ts';
import type { AccountWriter, PlacePick } from '../../mailstore/types.ts';
import type { FlagChange, FlagResult, MailboxRef } from '../store.ts';

/** One unit: the test of UNCHANGEDSINCE and the change see the same state (RFC 7162 §3.1.3). */
export async function changeFlags(
  writer: AccountWriter,
  { mailboxId }: MailboxRef,
  pick: PlacePick,
  change: FlagChange,
): Promise<FlagResult> {
  const there = await writer.placed(mailboxId, pick);
  const limit = change.unchangedSince ?? Infinity;
  const chosen = there.filter((r) => r.modseq <= limit);
  const modified = there.filter((r) => r.modseq > limit).map((r) => r.uid);
  if (chosen.length === 0) return { rows: [], before: [], modified, mark: undefined };
  const ids = chosen.map((r) => r.emailId);
  const changed = new Set<number>(await writer.setKeywords(ids, { [change.mode]: change.keywords }));
  const marks = change.mode === 'set' || change.deleted;
  const deleted = change.mode === 'set' ? change.deleted : change.mode === 'add';
  if (marks) {
    const uids = chosen.map((r) => r.uid);
    await writer.setDeleted(mailboxId, uids, deleted);
  }
  // Nobody else writes here meanwhile: what the places are now needs no reading.
  const now = (await writer.mailbox(mailboxId))?.highestModseq;
  const patched = keywordsAfter(change);
  let mark: ModSeq | undefined;
  const rows = chosen.map((row) => {
    const moved = changed.has(row.emailId);
    const marked = marks && row.deleted !== deleted;
    if (now === undefined || !(moved || marked)) return row;
    mark = now;
    return {
      ...row,
      modseq: now,
      deleted: marks ? deleted : row.deleted,
      keywords: moved ? patched(row.keywords) : row.keywords,
    };
  });
  return { rows, before: chosen, modified, mark };
}

/** Keywords come in few combinations, which rows share. */
function keywordsAfter({ mode, keywords: given }: FlagChange): (before: readonly string[]) => readonly string[] {
  const known = new Map<readonly string[], readonly string[]>();
  const after = (before: readonly string[]): readonly string[] => {
    if (mode === 'remove') return before.filter((keyword) => !given.includes(keyword));
    return [...new Set(mode === 'add' ? [...before, ...given] : given)].sort();
  };
  return (before) => {
    const found = known.get(before) ?? after(before);
    known.set(before, found);
    return found;
  };
}
