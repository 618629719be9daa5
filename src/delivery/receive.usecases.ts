/** Mail from outside: the verdict and the documents are found before the unit of work; then all recipients or none. */
import type { AccountId, EmailId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { PreparedMessage } from '../mailstore/types.ts';
import { mailLoop, noRecipients, recipientUnknown } from './delivery.errors.ts';
import { headerFields } from './header-block.ts';
import type { DeliveryParts } from './parts.ts';
import { sortRecipients } from './recipients.usecases.ts';
import type { Delivery, DeliveryOutcome } from './types.ts';
import { awaitVerdict, bytesOf, judge } from './verdict.usecases.ts';

export function createReceive(parts: DeliveryParts): Delivery['receive'] {
  const { db, documents, signing, blobs, clock, settings } = parts;
  return async (given, envelope, origin) => {
    const bytes = await bytesOf(blobs, given);
    refuseLoops(bytes, settings.hopLimit);
    const { local, outside } = await sortRecipients(parts, envelope.rcptTo);
    // Asked at RCPT time already: nothing from outside goes outside.
    if (outside.length > 0) throw recipientUnknown(outside.map(({ address }) => address));
    if (local.length === 0) throw noRecipients();
    const { verdict, ...later } = await judge(signing, given, bytes, clock.now());
    const message: PreparedMessage = { ...given, verdict };
    const recognised = await documents.recognise(message.derived);
    const role = origin.mailbox ?? 'inbox';
    const ordered = [...local].sort((a, b) => a.owner.accountId - b.owner.accountId);
    return db.write(async (tx) => {
      const at = clock.now();
      const delivered: DeliveryOutcome['delivered'] = [];
      for (const { owner, address } of ordered) {
        const emailId = await deliverTo(parts, tx, owner.accountId, message, role);
        delivered.push({ address, accountId: owner.accountId, emailId });
      }
      const { hash } = message.blob;
      await documents.link(
        tx,
        { hash, summary: message.derived.summary, recognised },
        delivered.map(({ accountId, emailId }) => ({ accountId, emailId, role: 'received', at })),
      );
      if (recognised.length > 0) await parts.mailstore.setHasDocument(tx, hash);
      await awaitVerdict(parts, tx, hash, later);
      return { delivered, outboundId: null, blobHash: hash };
    });
  };
}

/** RFC 5321 §6.3: counting Received fields finds loops. */
function refuseLoops(bytes: Uint8Array, limit: number): void {
  const hops = headerFields(bytes).filter(({ name }) => name === 'received').length;
  if (hops > limit) throw mailLoop(hops);
}

/** Quota was asked before the message was accepted; what was accepted is stored. */
export async function deliverTo(
  { mailstore, clock }: Pick<DeliveryParts, 'mailstore' | 'clock'>,
  tx: Tx,
  accountId: AccountId,
  message: PreparedMessage,
  role: 'inbox' | 'junk',
): Promise<EmailId> {
  const writer = await mailstore.writerIn(tx, accountId);
  const mailbox = (await writer.mailboxByRole(role)) ?? (await writer.mailboxByRole('inbox'));
  if (!mailbox) throw new Error(`account ${accountId} has no inbox`);
  const { emailId } = await writer.append(message, {
    mailboxIds: [mailbox.id],
    receivedAt: clock.now(),
    ignoreQuota: true,
  });
  return emailId;
}
