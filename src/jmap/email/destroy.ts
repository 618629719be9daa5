/** Email/set destroy (RFC 8621 §4.6): out of all mailboxes, for good. */
import { objectIds } from '../../base/object-ids.ts';
import type { AccountWriter } from '../../mailstore/types.ts';
import { SetError } from '../core/errors.ts';

export async function emailDestroy(writer: AccountWriter, idText: string): Promise<void> {
  const id = objectIds(writer.accountId).email.parse(idText);
  const gone = id === undefined ? [] : await writer.destroyEmails([id]);
  if (gone.length === 0) throw new SetError('notFound');
}
