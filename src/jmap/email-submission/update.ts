/** EmailSubmission/set update (RFC 8621 §7.5): only undoStatus may change, and sending is final. */
import type { AccountWriter } from '../../mailstore/types.ts';
import { invalidProperties, SetError } from '../core/errors.ts';
import { submissionIds } from '../ids.ts';

export async function updateSubmission(
  writer: AccountWriter,
  idText: string,
  patch: Record<string, unknown>,
): Promise<null> {
  const id = submissionIds.parse(idText);
  const [submission] = id === undefined ? [] : await writer.submissions([id]);
  if (!submission) throw new SetError('notFound');
  const others = Object.keys(patch).filter((name) => name !== 'undoStatus');
  if (others.length > 0) throw invalidProperties(others);
  const wanted = patch['undoStatus'];
  // "cannotUnsend: the client attempted to update the undoStatus … but it cannot be unsent."
  if (wanted === 'canceled' && submission.undoStatus !== 'canceled')
    throw new SetError('cannotUnsend', 'the message has been sent');
  if (wanted !== undefined && wanted !== submission.undoStatus) throw invalidProperties(['undoStatus']);
  return null;
}
