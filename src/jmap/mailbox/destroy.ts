/** Mailbox/set destroy (RFC 8621 §2.5). */
import { objectIds } from '../../base/object-ids.ts';
import type { AccountWriter } from '../../mailstore/types.ts';
import { SetError } from '../core/errors.ts';

export async function mailboxDestroy(writer: AccountWriter, idText: string, removeEmails: boolean): Promise<void> {
  const id = objectIds(writer.accountId).mailbox.parse(idText);
  const mailbox = id === undefined ? undefined : await writer.mailbox(id);
  if (!mailbox) throw new SetError('notFound');
  if (mailbox.role !== null) throw new SetError('forbidden', 'a mailbox with a role stays');
  if ((await writer.mailboxes()).some((m) => m.parentId === mailbox.id)) throw new SetError('mailboxHasChild');
  // RFC 8621 §2.5 onDestroyRemoveEmails.
  if (mailbox.totalEmails > 0 && !removeEmails) throw new SetError('mailboxHasEmail');
  await writer.destroyMailbox(mailbox.id, { removeEmails });
}
