/** The EmailSubmission object (RFC 8621 §7). */
import type { ObjectIds } from '../../base/object-ids.ts';
import type { Submission, SubmissionAddress } from '../../mailstore/types.ts';
import type { MethodContext, QueueState } from '../context.ts';
import { utcDate } from '../core/arguments.ts';
import { submissionIds } from '../ids.ts';
import { identityIdOf } from '../identity/identities.ts';

export const submissionProperties = [
  'id',
  'identityId',
  'emailId',
  'threadId',
  'envelope',
  'sendAt',
  'undoStatus',
  'deliveryStatus',
  'dsnBlobIds',
  'mdnBlobIds',
] as const;

export interface DeliveryStatus {
  smtpReply: string;
  delivered: 'queued' | 'yes' | 'no' | 'unknown';
  displayed: 'unknown' | 'yes';
}

/** A copy that SMTP submission kept names its address instead of an identity. */
export const identityOf = ({ identityId }: Submission): string =>
  identityId.includes('@') ? identityIdOf(identityId) : identityId;

export async function presentSubmission(
  context: MethodContext,
  submission: Submission,
  properties: readonly string[],
  ids: ObjectIds,
): Promise<Record<string, unknown> & { id: string }> {
  const present = ({ email, parameters }: SubmissionAddress): SubmissionAddress => ({ email, parameters });
  return {
    id: submissionIds.print(submission.id),
    identityId: identityOf(submission),
    emailId: ids.email.print(submission.emailId),
    threadId: ids.thread.print(submission.threadId),
    envelope: { mailFrom: present(submission.envelope.mailFrom), rcptTo: submission.envelope.rcptTo.map(present) },
    sendAt: utcDate(submission.sendAt),
    undoStatus: submission.undoStatus,
    ...(properties.includes('deliveryStatus') ? { deliveryStatus: await deliveryStatus(context, submission) } : {}),
    // Reports come as emails of their own.
    dsnBlobIds: [],
    mdnBlobIds: [],
  };
}

async function deliveryStatus(
  context: MethodContext,
  { outboundId, envelope }: Submission,
): Promise<Record<string, DeliveryStatus>> {
  const queue = outboundId === null || !context.queueStatus ? [] : await context.queueStatus(outboundId);
  const byAddress = new Map(queue.map((row) => [row.recipient.toLowerCase(), row]));
  return Object.fromEntries(envelope.rcptTo.map(({ email }) => [email, statusOf(byAddress.get(email.toLowerCase()))]));
}

function statusOf(row: QueueState | undefined): DeliveryStatus {
  // Within the province it went straight to the mailbox, or a report told of the one that was full.
  if (!row) return { smtpReply: '250 2.0.0 accepted', delivered: 'unknown', displayed: 'unknown' };
  const smtpReply = row.lastReply ?? '250 2.0.0 queued';
  switch (row.state) {
    case 'queued':
      return { smtpReply, delivered: 'queued', displayed: 'unknown' };
    case 'delivered':
      // RFC 8621 §7: passed on to another server, which does not say whether it reached the mailbox.
      return { smtpReply, delivered: 'unknown', displayed: 'unknown' };
    case 'failed':
    case 'expired':
      return { smtpReply, delivered: 'no', displayed: 'unknown' };
  }
}
