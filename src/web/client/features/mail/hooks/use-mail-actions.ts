/** What one can do with rows; every action shows at once and can be undone. */
import { useMemo } from 'react';
import { t } from '../../../lib/i18n/i18n.ts';
import type { EmailPatch } from '../../../lib/jmap/apply.ts';
import type { MailStore } from '../../../lib/jmap/mail-store.ts';
import type { Query } from '../../../lib/jmap/requests.ts';
import type { EmailRow, Id } from '../../../lib/jmap/types.ts';
import { destroyEmails, setEmails } from '../api/set-emails.ts';
import { byRole } from '../place.ts';
import { rowScope } from './use-mail-list.ts';

export interface MailActions {
  archive: (ids: readonly Id[]) => void;
  /** To the trash; in the trash, for good. @returns true when it asks for confirmation by the caller first */
  remove: (ids: readonly Id[]) => void;
  isTrash: boolean;
  junk: (ids: readonly Id[]) => void;
  move: (ids: readonly Id[], to: Id) => void;
  setSeen: (ids: readonly Id[], seen: boolean) => void;
  star: (ids: readonly Id[]) => void;
}

export function useMailActions(store: MailStore, query: Query): MailActions {
  return useMemo(() => mailActions(store, query), [store, query]);
}

export function mailActions(store: MailStore, query: Query): MailActions {
  const rows = (ids: readonly Id[]): EmailRow[] => ids.flatMap((id) => rowScope(store, query, id));
  const current = query.filter.inMailbox;

  const moveRows = (ids: readonly Id[], to: Id | undefined, done: string): void => {
    if (!to || to === current) return;
    const patches = new Map<Id, EmailPatch>();
    for (const row of rows(ids)) {
      // From a mailbox: out of that one. From a search: out of all, into the one chosen.
      const from = current ? [current] : Object.keys(row.mailboxIds);
      patches.set(row.id, { mailboxIds: { ...Object.fromEntries(from.map((id) => [id, null])), [to]: true } });
    }
    void setEmails(store, { patches, leaving: current ? ids : [], query, done });
  };
  const keyword = (list: readonly EmailRow[], name: string, on: boolean): void => {
    const patches = new Map<Id, EmailPatch>();
    for (const row of list)
      if (Boolean(row.keywords[name]) !== on) patches.set(row.id, { keywords: { [name]: on ? true : null } });
    if (patches.size > 0) void setEmails(store, { patches });
  };
  const trash = byRole(store.mailboxes, 'trash')?.id;
  const isTrash = current !== undefined && current === trash;
  const said = (key: 'mail.archived' | 'mail.trashed' | 'mail.junked', ids: readonly Id[]): string =>
    t(key, { n: ids.length });

  return {
    archive: (ids) => moveRows(ids, byRole(store.mailboxes, 'archive')?.id, said('mail.archived', ids)),
    remove: (ids) => {
      if (isTrash)
        void destroyEmails(
          store,
          rows(ids).map(({ id }) => id),
          query,
        );
      else moveRows(ids, trash, said('mail.trashed', ids));
    },
    isTrash,
    junk: (ids) => moveRows(ids, byRole(store.mailboxes, 'junk')?.id, said('mail.junked', ids)),
    move: (ids, to) =>
      moveRows(ids, to, t('mail.moved', { n: ids.length, folder: store.mailboxes.get(to)?.name ?? '' })),
    setSeen: (ids, seen) => keyword(rows(ids), '$seen', seen),
    star: (ids) => {
      const heads = ids.map((id) => store.emails.get(id)).filter((row): row is EmailRow => row !== undefined);
      keyword(
        heads,
        '$flagged',
        heads.some((row) => !row.keywords['$flagged']),
      );
    },
  };
}
