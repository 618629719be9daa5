/** Email/set destroy (RFC 8621 §4.6): out of all mailboxes, for good. */
import type { AccountWriter } from '../../mailstore/types.ts';
import { SetError } from '../core/errors.ts';
import { emailIds } from '../ids.ts';

export async function emailDestroy(writer: AccountWriter, idText: string): Promise<void> {
  const id = emailIds.parse(idText);
  const gone = id === undefined ? [] : await writer.destroyEmails([id]);
  if (gone.length === 0) throw new SetError('notFound');
}
