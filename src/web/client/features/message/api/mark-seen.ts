/** What was opened is read. A failure leaves it unread, which is true enough: no note about it. */
import { quietly } from '../../../lib/jmap/hub.ts';
import type { EmailPatch } from '../../../lib/jmap/apply.ts';
import type { MailStore } from '../../../lib/jmap/mail-store.ts';
import type { Id } from '../../../lib/jmap/types.ts';

export function setSeenQuietly(store: MailStore, ids: readonly Id[]): void {
  const unread = ids.filter((id) => store.emails.get(id) && !store.emails.get(id)?.keywords['$seen']);
  if (unread.length === 0) return;
  store.patch(new Map(unread.map((id): [Id, EmailPatch] => [id, { keywords: { $seen: true } }])));
  const update = Object.fromEntries(unread.map((id) => [id, { 'keywords/$seen': true }]));
  quietly(
    store.client
      .call([['Email/set', { accountId: store.accountId, update }, 'seen']])
      .finally(() => store.settle(unread)),
  );
}
