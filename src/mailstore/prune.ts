/** The log and the tombstones do not grow for ever. */
import type { AccountId, ModSeq } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { MailstoreParts } from './parts.ts';
import { logBounds, pruneLog } from './repository/changes.ts';
import { unitIn } from './unit.ts';

/** Never beyond what has happened, never back. The account is locked: a unit that writes its log beside us would lose it. */
export async function pruneChanges({ db }: MailstoreParts, tx: Tx, accountId: AccountId, upTo: ModSeq): Promise<void> {
  const { scope, account } = await unitIn(tx, { db, q: tx.q, accountId });
  const bounds = await logBounds(scope);
  const floor = Math.min(upTo, account.modseq) as ModSeq;
  if (!bounds || floor <= bounds.floor) return;
  await pruneLog(scope, floor);
}
