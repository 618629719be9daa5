/** Who may send as whom: the envelope, From and Sender are all asked of the directory. */
import type { AccountId, OfficialId } from '../base/ids.ts';
import type { Directory } from '../directory/types.ts';
import type { PreparedMessage } from '../mailstore/types.ts';
import { fromInvalid, senderForbidden } from './delivery.errors.ts';
import { headerFields } from './header-block.ts';

export interface SendingAccount {
  accountId: AccountId;
  kind: 'person' | 'unit' | 'title';
  address: string;
}

/** @returns the account that the message is from: the unit's, when a delegate writes for it. */
export async function checkSender(
  directory: Directory,
  message: PreparedMessage,
  bytes: Uint8Array,
  mailFrom: string,
  officialId: OfficialId,
): Promise<SendingAccount> {
  const { from, sender } = message.derived.summary;
  const fromFields = headerFields(bytes).filter(({ name }) => name === 'from').length;
  // RFC 5322 §3.6: one From. A second one would be shown by some readers and judged by none.
  if (fromFields !== 1) throw fromInvalid(fromFields === 0 ? 'missing' : 'more than one field');
  const [first] = from;
  if (!first) throw fromInvalid('no address');
  const asked = async (address: string, where: 'envelope' | 'from' | 'sender') => {
    const account = await directory.maySendAs(officialId, address);
    if (!account) throw senderForbidden(address, where);
    return account;
  };
  // RFC 8098 §3.1: a disposition notification has a null reverse-path.
  const isReport = message.derived.root.type === 'multipart' && message.derived.root.subtype === 'report';
  if (mailFrom !== '' || !isReport) await asked(mailFrom, 'envelope');
  for (const { email } of sender) await asked(email, 'sender');
  for (const { email } of from.slice(1)) await asked(email, 'from');
  return { ...(await asked(first.email, 'from')), address: first.email.toLowerCase() };
}
