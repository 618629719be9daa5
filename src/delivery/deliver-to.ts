/** One message into the mailbox of one account, within a unit of work. */
import type { EmailId } from '../base/ids.ts';
import type { DeliveryParts } from './parts.ts';

export async function deliverTo(
  { mailstore }: Pick<DeliveryParts, 'mailstore'>,
  ...given: Parameters<DeliveryParts['mailstore']['deliver']>
): Promise<EmailId> {
  return (await mailstore.deliver(...given)).emailId;
}
