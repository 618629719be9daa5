/** EmailSubmission/changes (RFC 8621 §7.2). */
import type { SubmissionId } from '../../base/ids.ts';
import { capabilities } from '../capabilities.ts';
import { openSendingAccount, type Method } from '../context.ts';
import { standardChanges } from '../core/changes.ts';
import { submissionIds } from '../ids.ts';

export const emailSubmissionChanges: Method = {
  capability: capabilities.submission,
  run: (args, context) =>
    standardChanges(args, context, {
      type: 'EmailSubmission',
      print: (id) => submissionIds.print(id as SubmissionId),
      open: openSendingAccount,
    }),
};
