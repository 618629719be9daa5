/** The log and the tombstones do not grow for ever. */
import type { AccountId, ModSeq } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { MailstoreParts } from './parts.ts';
import { logBounds, longLogs, pruneLog } from './repository/changes.ts';
import { unitIn } from './unit.ts';

/** Never beyond what has happened, never back. The account is locked: a unit that writes its log beside us would lose it. */
export async function pruneChanges({ db }: MailstoreParts, tx: Tx, accountId: AccountId, upTo: ModSeq): Promise<void> {
  const { scope, account } = await unitIn(tx, { db, q: tx.q, accountId });
  const bounds = await logBounds(scope);
  const floor = Math.min(upTo, account.modseq) as ModSeq;
  if (!bounds || floor <= bounds.floor) return;
  await pruneLog(scope, floor);
}

/** One unit forgets so many steps at most: writers of other accounts wait meanwhile. */
const STEP = 2000;

/** Keeps the newest `keep` steps of every log, once a tenth more has gathered. @returns how many logs were too long */
export async function pruneLongLogs(parts: MailstoreParts, keep: number): Promise<number> {
  const { db } = parts;
  const long = await longLogs({ db, q: db.read }, keep + Math.ceil(keep / 10));
  for (const { id, modseq, floor } of long) {
    const last = modseq - keep;
    for (let upTo: number = floor; upTo < last;) {
      upTo = Math.min(upTo + STEP, last);
      const step = upTo as ModSeq;
      await db.write((tx) => pruneChanges(parts, tx, id, step));
    }
  }
  return long.length;
}
