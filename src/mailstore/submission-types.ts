/** What was handed in for sending (RFC 8621 §7). */
import type { EmailId, Millis, SubmissionId, ThreadId } from '../base/ids.ts';

export interface Submission {
  id: SubmissionId;
  sentBy: number | null;
  identityId: string;
  emailId: EmailId;
  threadId: ThreadId;
  /** RFC 8621 §7 Envelope. */
  envelope: { mailFrom: SubmissionAddress; rcptTo: SubmissionAddress[] };
  sendAt: Millis;
  undoStatus: 'pending' | 'final' | 'canceled';
  outboundId: number | null;
}
export interface SubmissionAddress {
  email: string;
  parameters: Record<string, string | null> | null;
}
