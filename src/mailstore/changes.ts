/** RFC 8620 §5.2: what happened since a state, merged over the units of work in between. */
import type { ModSeq } from '../base/ids.ts';
import type { ChangeAction, ChangeType } from '../db/tables/mail.ts';
import { cannotCalculateChanges } from './errors.ts';
import { changeGroups, changeRows, lastChange, logBounds } from './repository/changes.ts';
import type { Scope } from './repository/scope.ts';
import type { Changes } from './types.ts';

/** The modseq of the type's last change; what was pruned counts as one change at the floor. */
export async function stateOf(scope: Scope, type: ChangeType): Promise<ModSeq> {
  return (await lastChange(scope, type)) ?? (await logBounds(scope))?.floor ?? (0 as ModSeq);
}

export async function changesSince(
  scope: Scope,
  type: ChangeType,
  since: ModSeq,
  max: number | undefined,
): Promise<Changes> {
  await requireKnown(scope, since);
  const border = await borderAfter(scope, type, since, max);
  const rows = border.upTo > since ? await changeRows(scope, type, since, border.upTo) : [];
  // What was forgotten while we read is missing among the rows.
  await requireKnown(scope, since);
  return { ...mergeChanges(rows), newState: border.upTo, hasMoreChanges: border.more };
}

async function requireKnown(scope: Scope, since: ModSeq): Promise<void> {
  const bounds = await logBounds(scope);
  if (!bounds || since < bounds.floor || since > bounds.modseq) throw cannotCalculateChanges(since);
}

/** Where an answer of at most `max` ids ends. A unit of work is never cut in two: between its parts there was no state. */
async function borderAfter(
  scope: Scope,
  type: ChangeType,
  since: ModSeq,
  max: number | undefined,
): Promise<{ upTo: ModSeq; more: boolean }> {
  if (max === undefined) return { upTo: maxOf(since, await lastChange(scope, type)), more: false };
  const groups = await changeGroups(scope, type, since, max + 1);
  let upTo = since;
  let ids = 0;
  for (const { modseq, rows } of groups) {
    ids += rows;
    if (ids > max) {
      // RFC 8620 §5.2: no more than maxChanges; a unit that is larger by itself cannot be told.
      if (upTo === since) throw cannotCalculateChanges(since);
      return { upTo, more: true };
    }
    upTo = modseq;
  }
  return { upTo, more: false };
}

type Row = { objectId: number; action: ChangeAction };

export function mergeChanges(rows: readonly Row[]): Pick<Changes, 'created' | 'updated' | 'destroyed' | 'onlyCounts'> {
  const objects = new Map<number, { created: boolean; last: ChangeAction; counts: boolean }>();
  for (const { objectId, action } of rows) {
    const known = objects.get(objectId) ?? { created: action === 'created', last: action, counts: true };
    known.last = action;
    known.counts &&= action === 'counts';
    objects.set(objectId, known);
  }
  const created: number[] = [];
  const updated: number[] = [];
  const destroyed: number[] = [];
  let onlyCounts = true;
  for (const [id, { created: isNew, last, counts }] of objects) {
    // Came and went in between: nobody needs to hear of it.
    if (last === 'destroyed' && isNew) continue;
    if (last === 'destroyed') destroyed.push(id);
    else if (isNew) created.push(id);
    else {
      updated.push(id);
      onlyCounts &&= counts;
    }
  }
  return { created, updated, destroyed, onlyCounts: onlyCounts && updated.length > 0 };
}

/** A state that another type's change has moved past stays good. */
const maxOf = (since: ModSeq, last: ModSeq | undefined): ModSeq => (last !== undefined && last > since ? last : since);
