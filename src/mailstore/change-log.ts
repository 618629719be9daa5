/** What one unit of work writes into the change log: at most one row per object, compacted as it goes. */
import type { ModSeq } from '../base/ids.ts';
import type { ChangeAction, ChangeType } from '../db/tables/mail.ts';
import { deleteChange, insertChanges, rewriteChange, type LogRow } from './repository/changes.ts';
import type { Scope } from './repository/scope.ts';

type Outcome = ChangeAction | 'nothing';

interface Entry {
  readonly type: ChangeType;
  readonly objectId: number;
  action: Outcome;
  /** As the table has it. */
  written: Outcome;
}

export interface ChangeLog {
  add(type: ChangeType, objectId: number, action: ChangeAction): void;
  /** Brings the table up to what was added. */
  write(scope: Scope, modseq: ModSeq): Promise<void>;
}

export function createChangeLog(): ChangeLog {
  const entries = new Map<string, Entry>();
  const pending = new Set<Entry>();
  return {
    add(type, objectId, action) {
      const key = `${type}:${objectId}`;
      const entry = entries.get(key) ?? { type, objectId, action: 'nothing', written: 'nothing' };
      entry.action = compact(entry.action, action);
      entries.set(key, entry);
      pending.add(entry);
    },
    async write(scope, modseq) {
      const fresh: LogRow[] = [];
      for (const entry of pending) {
        const { type, objectId, action, written } = entry;
        entry.written = action;
        if (action === written) continue;
        if (action === 'nothing') await deleteChange(scope, modseq, type, objectId);
        else if (written === 'nothing') fresh.push({ type, objectId, action });
        else await rewriteChange(scope, modseq, { type, objectId, action });
      }
      pending.clear();
      await insertChanges(scope, modseq, fresh);
    },
  };
}

/** Created and updated is created; created and destroyed is nothing; whatever follows mere counters outweighs them. */
export function compact(before: Outcome, now: ChangeAction): Outcome {
  if (before === 'nothing') return now;
  if (now === 'destroyed') return before === 'created' ? 'nothing' : 'destroyed';
  return before === 'counts' ? now : before;
}
