/** EmailSubmission/set update (RFC 8621 §7.5): only undoStatus may change, and sending is final. */
import { objectIds } from '../../base/object-ids.ts';
import type { AccountWriter } from '../../mailstore/types.ts';
import type { MethodContext } from '../context.ts';
import { invalidProperties, SetError } from '../core/errors.ts';
import { sameJson } from '../core/records.ts';
import { submissionIds } from '../ids.ts';
import { presentSubmission } from './submissions.ts';

export async function updateSubmission(
  context: MethodContext,
  writer: AccountWriter,
  idText: string,
  patch: Record<string, unknown>,
): Promise<null> {
  const id = submissionIds.parse(idText);
  const [submission] = id === undefined ? [] : await writer.submissions([id]);
  if (!submission) throw new SetError('notFound');
  // RFC 8620 §5.3: what the server sets may be given, if it is as it is; the queue's word is not read in here.
  const shown = await presentSubmission(context, submission, [], objectIds(writer.accountId));
  const others = Object.entries(patch)
    .filter(([name, value]) => name !== 'undoStatus' && !(Object.hasOwn(shown, name) && sameJson(shown[name], value)))
    .map(([name]) => name);
  if (others.length > 0) throw invalidProperties(others);
  const wanted = patch['undoStatus'];
  // "cannotUnsend: the client attempted to update the undoStatus … but it cannot be unsent."
  if (wanted === 'canceled' && submission.undoStatus !== 'canceled')
    throw new SetError('cannotUnsend', 'the message has been sent');
  if (wanted !== undefined && wanted !== submission.undoStatus) throw invalidProperties(['undoStatus']);
  return null;
}
