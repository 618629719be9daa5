/**
 * What a mail program sends for a unit is kept in the unit's Sent by us (src/smtp/submission-server.ts). Many programs then file a
 * copy of their own there by APPEND: it is taken as the one that lies there already.
 */
import type { BlobStore } from '../../blobs/blob-store.ts';
import type { Clock } from '../../base/clock.ts';
import { headerBlock } from '../../delivery/header-block.ts';
import type { Mailstore, PreparedMessage } from '../../mailstore/types.ts';
import type { MailboxRef, NewMessage } from '../store.ts';

/** Programs file their copy right after sending, some once they are online again. */
const WITHIN = 10 * 60_000;

/** Something that a copy could be of. */
export async function anySubmitted(
  { mailstore, clock }: { mailstore: Mailstore; clock: Clock },
  { accountId, mailboxId }: MailboxRef,
): Promise<boolean> {
  const since = clock.now() - WITHIN;
  return (await mailstore.write(accountId, (writer) => writer.submittedSince(mailboxId, since))).length > 0;
}

/** In a mailbox for what was sent. Same Message-ID, same octets below the header: what differs above is our trace and the program's own marks. */
export async function filedAlready(
  { mailstore, blobs, clock }: { mailstore: Mailstore; blobs: BlobStore; clock: Clock },
  { accountId, mailboxId }: MailboxRef,
  message: PreparedMessage,
  bytes: Uint8Array,
): Promise<{ uid: number } | undefined> {
  const [messageId] = message.derived.summary.messageId;
  if (messageId === undefined) return undefined;
  const since = clock.now() - WITHIN;
  for (const { uid, hash } of await mailstore.write(accountId, (w) => w.submittedSince(mailboxId, since))) {
    const derived = await mailstore.derived(hash);
    if (derived?.summary.messageId[0] !== messageId) continue;
    const kept = await blobs.read(hash);
    if (Buffer.compare(below(kept), below(bytes)) === 0) return { uid };
  }
  return undefined;
}

const below = (bytes: Uint8Array): Uint8Array => bytes.subarray(headerBlock(bytes).length);

/** @returns the answer to APPEND, unless it was taken away meanwhile */
export async function markFiled(
  mailstore: Mailstore,
  { accountId, mailboxId }: MailboxRef,
  uid: number,
  { flags }: NewMessage,
): Promise<{ uids: number[]; uidValidity: number } | undefined> {
  return mailstore.write(accountId, async (writer) => {
    const [place] = await writer.placed(mailboxId, { uids: [uid] });
    const mailbox = await writer.mailbox(mailboxId);
    if (!place || !mailbox) return undefined;
    await writer.setKeywords([place.emailId], { add: flags.keywords });
    return { uids: [uid], uidValidity: mailbox.uidValidity };
  });
}
