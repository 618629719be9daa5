/** Email/set with optimism: shown at once, sent behind, put back when refused; a second call undoes. */
import { describe } from '../../../lib/errors.ts';
import { JmapError } from '../../../lib/jmap/client.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { inversePatch, patchPaths, type EmailPatch } from '../../../lib/jmap/apply.ts';
import type { MailStore } from '../../../lib/jmap/mail-store.ts';
import type { Query } from '../../../lib/jmap/requests.ts';
import type { Id } from '../../../lib/jmap/types.ts';
import { quietly } from '../../../lib/jmap/hub.ts';
import { dismiss, toast, toasts } from '../../../lib/toasts.ts';

/** RFC 8620 §2 maxObjectsInSet is at least 500. */
const CHUNK = 400;

export interface Change {
  patches: ReadonlyMap<Id, EmailPatch>;
  /** Rows that leave the list shown. */
  leaving?: readonly Id[];
  query?: Query;
  /** Said with "undo"; nothing is said without it. */
  done?: string;
}

export async function setEmails(store: MailStore, change: Change): Promise<void> {
  const inverse = new Map<Id, EmailPatch>();
  for (const [id, patch] of change.patches) {
    const row = store.emails.get(id);
    if (row) inverse.set(id, inversePatch(row, patch));
  }
  const before = change.query ? store.list(change.query)?.ids : undefined;
  store.patch(change.patches);
  const leaving = new Set(change.leaving);
  if (change.query && before && leaving.size > 0)
    store.setList(
      change.query,
      before.filter((id) => id === null || !leaving.has(id)),
    );
  const putBack = (): void => {
    store.patch(inverse);
    store.settle(inverse.keys());
    if (change.query && before) store.setList(change.query, before);
  };
  const said =
    change.done &&
    toast(change.done, {
      action: {
        label: t('common.undo'),
        run: () => {
          if (change.query && before) store.setList(change.query, before);
          void setEmails(store, { patches: inverse });
        },
      },
    });
  try {
    await push(store, change.patches);
  } catch (error) {
    putBack();
    // It was not done after all, and there is nothing to undo.
    if (said) dismiss(said);
    toast(describe(error), { tone: 'danger' });
  } finally {
    store.settle(change.patches.keys());
  }
}

async function push(store: MailStore, patches: ReadonlyMap<Id, EmailPatch>): Promise<void> {
  const entries = [...patches].map(([id, patch]) => [id, patchPaths(patch)] as const);
  for (let at = 0; at < entries.length; at += CHUNK) {
    const update = Object.fromEntries(entries.slice(at, at + CHUNK));
    const answers = await store.client.call([['Email/set', { accountId: store.accountId, update }, 'set']]);
    const { notUpdated } = answers.get<{ notUpdated?: Record<Id, { type: string }> | null }>('set');
    const refused = Object.values(notUpdated ?? {}).filter(({ type }) => type !== 'notFound')[0];
    if (refused) throw new JmapError(refused.type);
  }
}

/** For good: from the trash only, after a question. */
export async function destroyEmails(store: MailStore, ids: readonly Id[], query: Query): Promise<void> {
  const before = store.list(query)?.ids;
  const gone = new Set(ids);
  if (before)
    store.setList(
      query,
      before.filter((id) => id === null || !gone.has(id)),
    );
  try {
    const answers = await store.client.call([['Email/set', { accountId: store.accountId, destroy: ids }, 'set']]);
    answers.get('set');
    tellDestroyed(ids.length);
    await store.sync();
  } catch (error) {
    if (before) store.setList(query, before);
    toast(describe(error), { tone: 'danger' });
  }
}

/** All of it, also what was never loaded; a batch at a time. */
export async function emptyMailbox(store: MailStore, mailboxId: Id): Promise<void> {
  const { accountId } = store;
  let n = 0;
  try {
    for (;;) {
      const answers = await store.client.call([
        ['Email/query', { accountId, filter: { inMailbox: mailboxId }, limit: CHUNK }, 'query'],
        ['Email/set', { accountId, '#destroy': { resultOf: 'query', name: 'Email/query', path: '/ids' } }, 'set'],
      ]);
      const { ids } = answers.get<{ ids: Id[] }>('query');
      const { destroyed } = answers.get<{ destroyed?: Id[] | null }>('set');
      n += destroyed?.length ?? 0;
      if (ids.length === 0 || !destroyed?.length) break;
    }
    tellDestroyed(n);
  } catch (error) {
    toast(describe(error), { tone: 'danger' });
  }
  quietly(store.sync());
}
/** What was offered to be undone is gone with it. */
function tellDestroyed(n: number): void {
  toasts.set([]);
  toast(t('mail.destroyed', { n }));
}
