import type { Millis, MailboxId } from '../../base/ids.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { PreparedMessage } from '../../mailstore/types.ts';
import type { SetStep } from '../core/set.ts';
import { wholeBlobId } from '../ids.ts';
import { checkMailboxes } from './membership.ts';

/** The step that makes an email of a prepared message; Email/set, import and copy all end here. */
export function appendStep(
  key: string,
  message: PreparedMessage,
  options: { mailboxIds: MailboxId[]; keywords: string[]; receivedAt: Millis },
): SetStep {
  return {
    phase: 'create',
    key,
    async run(writer) {
      await checkMailboxes(writer, options.mailboxIds);
      const { emailId, threadId } = await writer.append(message, options);
      const ids = objectIds(writer.accountId);
      // RFC 8621 §4.6, §4.7, §4.8: id, blobId, threadId, size.
      return {
        id: ids.email.print(emailId),
        blobId: wholeBlobId(message.blob.hash),
        threadId: ids.thread.print(threadId),
        size: message.blob.size,
      };
    },
  };
}
