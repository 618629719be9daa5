import { isPlainlyUnsigned, unsignedVerdict } from './delivery/verdict.usecases.ts';
import type { PreparedMessage } from './mailstore/types.ts';
import type { Parts } from './parts.ts';
import type { Verdict } from './signing/types.ts';

/** Of a message that a client stores by itself, over IMAP or JMAP. Without a result yet it waits for one more check. */
export async function verdictOf(
  { signing, db, clock }: Pick<Parts, 'signing' | 'db' | 'clock'>,
  message: PreparedMessage,
  bytes: Uint8Array,
): Promise<Verdict | null> {
  if (isPlainlyUnsigned(message, bytes)) return unsignedVerdict(message, clock.now());
  const { verdict, unfinished } = await signing.verify(message, bytes, clock.now());
  if (!unfinished) return verdict;
  await db.write((tx) => signing.checkAgain(tx, message.blob.hash));
  return null;
}
