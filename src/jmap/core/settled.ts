import type { ModSeq } from '../../base/ids.ts';
import type { ChangeType } from '../../db/tables/mail.ts';
import type { AccountReader, Changes } from '../../mailstore/types.ts';
import { MethodError } from './errors.ts';

const TRIES = 6;

/**
 * Changes and results that belong to the same moment: results that knew more, or less, than the changes would misplace
 * what is added. When the account keeps changing under us, the client asks anew.
 */
export async function settled<R>(
  reader: AccountReader,
  type: ChangeType,
  since: ModSeq,
  query: () => Promise<R>,
): Promise<{ changes: Changes; results: R }> {
  for (let tried = 0; tried < TRIES; tried++) {
    const changes = await reader.changes(type, since);
    const results = await query();
    if (!changes.hasMoreChanges && (await reader.state(type)) === changes.newState) return { changes, results };
  }
  throw new MethodError('cannotCalculateChanges');
}
