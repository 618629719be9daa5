/** EmailSubmission/set destroy (RFC 8621 §7.5): the record goes, what was sent stays sent. */
import type { AccountWriter } from '../../mailstore/types.ts';
import { SetError } from '../core/errors.ts';
import { submissionIds } from '../ids.ts';

export async function destroySubmission(writer: AccountWriter, idText: string): Promise<void> {
  const id = submissionIds.parse(idText);
  const [submission] = id === undefined ? [] : await writer.submissions([id]);
  if (!submission) throw new SetError('notFound');
  await writer.destroySubmission(submission.id);
}
