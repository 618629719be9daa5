/** The place in the address bar; "/mail" alone is the inbox of one's own mailbox. */
import { useEffect, useMemo } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { byRole, pills, STARRED, type Place } from '../../features/mail/place.ts';
import { quietly, useHub, useMailStore } from '../../lib/jmap/hub.ts';

export function usePlace(): Place | undefined {
  const hub = useHub();
  const [path] = useLocation();
  const [query] = useSearchParams();
  const [, root, account, mailbox, email] = path.split('/').map((part) => decodeURIComponent(part));
  const accountId = root === 'mail' && account && hub.accounts.has(account) ? account : hub.primary;
  const store = useMailStore(accountId);
  useEffect(() => {
    if (!store.loaded) quietly(store.loadMailboxes());
  }, [store]);
  const inbox = byRole(store.mailboxes, 'inbox')?.id;
  const known = mailbox !== undefined && (mailbox === STARRED || store.mailboxes.has(mailbox));
  const mailboxId = known ? mailbox : inbox;
  const q = query.get('q') ?? '';
  const asked = query.get('f') ?? 'all';
  const pill = pills.find((one) => one === asked) ?? 'all';
  return useMemo(
    () => (mailboxId === undefined ? undefined : { accountId, mailboxId, emailId: email || undefined, pill, q }),
    [accountId, mailboxId, email, pill, q],
  );
}
