import { isPlainlyUnsigned, unsignedVerdict } from './delivery/verdict.usecases.ts';
import type { PreparedMessage } from './mailstore/types.ts';
import type { Parts } from './parts.ts';
import type { Verdict } from './signing/types.ts';

/** Of a message that a client stores by itself, over IMAP or JMAP. Without a result yet it waits for one more check. */
export async function verdictOf(
  { signing, clock }: Pick<Parts, 'signing' | 'clock'>,
  message: PreparedMessage,
  bytes: Uint8Array,
): Promise<Verdict | null> {
  if (isPlainlyUnsigned(message, bytes)) return unsignedVerdict(message, clock.now());
  const { verdict, unfinished } = await signing.verify(message, bytes, clock.now());
  if (!unfinished) return verdict;
  // In the unit that stores it: a job of its own could run before, and find no message.
  message.whenStored = (tx) => signing.checkAgain(tx, message.blob.hash);
  return null;
}
