/** The keyboard of the list: j/k move, x ticks, e archives, # deletes, s stars, u marks unread (glossary in the help dialog). */
import { useShortcuts } from '../../../lib/keyboard.ts';
import type { Id } from '../../../lib/jmap/types.ts';
import type { MailActions } from './use-mail-actions.ts';
import type { Selection } from './use-selection.ts';

interface Keys {
  ids: readonly (Id | null)[];
  current: Id | undefined;
  open: (id: Id | undefined) => void;
  actions: MailActions;
  selection: Selection;
  focusSearch: () => void;
  /** Deleting for good asks first. */
  confirmRemove: (ids: readonly Id[]) => void;
  back: () => void;
}

export function neighbour(ids: readonly (Id | null)[], current: Id | undefined, step: 1 | -1): Id | undefined {
  if (current === undefined) return ids.find((id) => id !== null) ?? undefined;
  const at = ids.indexOf(current);
  return ids[at + step] ?? undefined;
}
/** Where to go when these rows leave: the next that stays, else the one before. */
export function afterLeaving(
  ids: readonly (Id | null)[],
  current: Id | undefined,
  leaving: readonly Id[],
): Id | undefined {
  if (current === undefined || !leaving.includes(current)) return current;
  const at = ids.indexOf(current);
  const stays = (id: Id | null): id is Id => id !== null && !leaving.includes(id);
  return ids.slice(at + 1).find(stays) ?? ids.slice(0, Math.max(0, at)).reverse().find(stays);
}

export function useListKeys(keys: Keys): void {
  const { ids, current, open, actions, selection } = keys;
  const subject = (): readonly Id[] => (selection.ids.length > 0 ? selection.ids : current ? [current] : []);
  const move = (step: 1 | -1) => (): void => {
    const next = neighbour(ids, current, step);
    if (next) open(next);
  };
  const leave = (act: (ids: readonly Id[]) => void) => (): void => {
    const chosen = subject();
    if (chosen.length === 0) return;
    const next = afterLeaving(ids, current, chosen);
    act(chosen);
    selection.clear();
    if (next !== current) open(next);
  };
  useShortcuts({
    j: move(1),
    k: move(-1),
    ArrowDown: move(1),
    ArrowUp: move(-1),
    x: () => current && selection.toggle(current, false),
    e: leave(actions.archive),
    '#': actions.isTrash ? () => keys.confirmRemove(subject()) : leave(actions.remove),
    Delete: actions.isTrash ? () => keys.confirmRemove(subject()) : leave(actions.remove),
    s: () => actions.star(subject()),
    u: () => actions.setSeen(subject(), false),
    '/': keys.focusSearch,
    Escape: () => (selection.ids.length > 0 ? selection.clear() : keys.back()),
  });
}
