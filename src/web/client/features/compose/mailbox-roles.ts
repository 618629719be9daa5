import type { Hub } from '../../lib/jmap/hub.ts';
import type { Id, Role } from '../../lib/jmap/types.ts';

export function byRoleId(hub: Hub, accountId: Id, role: Role): Id | undefined {
  for (const mailbox of hub.accounts.get(accountId)?.mailboxes.values() ?? [])
    if (mailbox.role === role) return mailbox.id;
  return undefined;
}
