/** Pure application of RFC 8620 changes to what is cached. */
import type { Id } from './types.ts';

/** A query's result, sparse: null where a window was not loaded yet. */
export interface QueryList {
  ids: readonly (Id | null)[];
  queryState: string;
  canCalculateChanges: boolean;
}

export interface QueryChanges {
  newQueryState: string;
  total?: number;
  removed: Id[];
  added: { id: Id; index: number }[];
}

/**
 * RFC 8620 §5.6: take out `removed`, then splice `added` in order of index. When a removed id lies in a part never loaded,
 * nothing after the first gap can be trusted, so that is forgotten.
 */
export function applyQueryChanges(list: QueryList, changes: QueryChanges): QueryList {
  const known = new Set(list.ids);
  const gap = list.ids.indexOf(null);
  const unknownRemoved = changes.removed.some((id) => !known.has(id));
  let ids = gap >= 0 && unknownRemoved ? list.ids.slice(0, gap) : [...list.ids];
  const removed = new Set(changes.removed);
  ids = ids.filter((id) => id === null || !removed.has(id));
  for (const { id, index } of [...changes.added].sort((a, b) => a.index - b.index)) {
    while (ids.length < index) ids.push(null);
    ids.splice(index, 0, id);
  }
  const total = changes.total ?? ids.length;
  while (ids.length < total) ids.push(null);
  return { ...list, ids: ids.slice(0, total), queryState: changes.newQueryState };
}

/** Puts a loaded window where it belongs and makes room for the total. */
export function placeWindow(
  ids: readonly (Id | null)[],
  position: number,
  window: readonly Id[],
  total: number,
): (Id | null)[] {
  const next = Array.from({ length: total }, (_, at) => ids[at] ?? null);
  window.forEach((id, at) => {
    if (position + at < total) next[position + at] = id;
  });
  return next;
}

/** RFC 8620 §5.3 patch on `keywords` and `mailboxIds`: true sets, null removes. */
export interface EmailPatch {
  keywords?: Record<string, true | null>;
  mailboxIds?: Record<Id, true | null>;
}
type Flags = Record<string, boolean>;
function patched(flags: Flags, patch: Record<string, true | null> | undefined): Flags {
  if (!patch) return flags;
  const next = { ...flags };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete next[key];
    else next[key] = true;
  }
  return next;
}
export function patchEmail<T extends { keywords: Flags; mailboxIds: Flags }>(email: T, patch: EmailPatch): T {
  return {
    ...email,
    keywords: patched(email.keywords, patch.keywords),
    mailboxIds: patched(email.mailboxIds, patch.mailboxIds),
  };
}
/** What undoes the patch on this very email: only what really changed. */
export function inversePatch(email: { keywords: Flags; mailboxIds: Flags }, patch: EmailPatch): EmailPatch {
  const invert = (flags: Flags, change: Record<string, true | null>): Record<string, true | null> =>
    Object.fromEntries(
      Object.entries(change)
        .filter(([key, value]) => Boolean(flags[key]) !== (value === true))
        .map(([key, value]) => [key, value === true ? null : true]),
    );
  return {
    ...(patch.keywords ? { keywords: invert(email.keywords, patch.keywords) } : {}),
    ...(patch.mailboxIds ? { mailboxIds: invert(email.mailboxIds, patch.mailboxIds) } : {}),
  };
}
/** The patch in the paths of Email/set. */
export function patchPaths(patch: EmailPatch): Record<string, true | null> {
  const out: Record<string, true | null> = {};
  const escape = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
  for (const [key, value] of Object.entries(patch.keywords ?? {})) out[`keywords/${escape(key)}`] = value;
  for (const [key, value] of Object.entries(patch.mailboxIds ?? {})) out[`mailboxIds/${escape(key)}`] = value;
  return out;
}
