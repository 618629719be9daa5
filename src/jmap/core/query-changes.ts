/**
 * Foo/queryChanges (RFC 8620 §5.6) without memory of what a client holds: whatever changed since its state is named as
 * removed, and as added where it stands now. What did not change keeps its order, so the client's list comes out right. `removed` may
 * then name ids that the client never had; the RFC allows it.
 */
import { MethodError } from './errors.ts';

export interface QueryChange {
  /** Everything whose place in the results may have moved since the client's state. */
  changed: ReadonlySet<string>;
  destroyed: readonly string[];
  newState: string;
  results: readonly string[];
}

export interface QueryChangesWindow {
  accountId: string;
  sinceQueryState: string;
  maxChanges: number | null;
  calculateTotal: boolean;
}

/** @throws MethodError tooManyChanges */
export function queryChangesOf(
  args: QueryChangesWindow,
  change: QueryChange,
  maxQueryChanges: number,
): Record<string, unknown> {
  const removed = [...new Set([...change.destroyed, ...change.changed])];
  const added: { id: string; index: number }[] = [];
  if (change.changed.size > 0) {
    change.results.forEach((id, index) => {
      if (change.changed.has(id)) added.push({ id, index });
    });
  }
  const most = Math.min(args.maxChanges ?? maxQueryChanges, maxQueryChanges);
  if (removed.length + added.length > most) throw new MethodError('tooManyChanges');
  return {
    accountId: args.accountId,
    oldQueryState: args.sinceQueryState,
    newQueryState: change.newState,
    ...(args.calculateTotal ? { total: change.results.length } : {}),
    removed,
    added,
  };
}
