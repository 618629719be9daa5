/** Reports to whoever sent something, ours or not, with a null reverse-path. */
import type { Tx } from '../db/database.ts';
import type { PreparedMessage } from '../mailstore/types.ts';
import { splitAddress } from './addresses.ts';
import { recipientInvalid } from './delivery.errors.ts';
import { addDomainJobs } from './outbound-queue.ts';
import type { DeliveryParts } from './parts.ts';
import { deliverTo } from './deliver-to.ts';
import type { LookedUp } from './recipients.usecases.ts';
import { reportBytes, type ReportedRecipient } from './reports.ts';
import type { Delivery, Envelope } from './types.ts';

export function createReport(parts: DeliveryParts): Delivery['report'] {
  return async (message, to) => parts.db.write(await reportTo(parts, message, to));
}

/** @returns the unit of work that stores it or queues it */
async function reportTo(
  parts: DeliveryParts,
  message: PreparedMessage,
  to: string,
): Promise<(tx: Tx) => Promise<void>> {
  const { directory, blobs, queue, jobs, clock, settings } = parts;
  const split = splitAddress(to);
  if (!split) throw recipientInvalid([to]);
  const owner = await directory.resolve(split.address);
  return async (tx) => {
    if (owner) {
      await deliverTo(parts, tx, owner.accountId, message, 'inbox');
      return;
    }
    // Nobody of ours any more: there is nobody left to tell.
    if (directory.isLocalDomain(split.domain)) return;
    const now = clock.now();
    await blobs.record(tx, message.blob);
    const { hash, size } = message.blob;
    const row = {
      accountId: null,
      returnPath: '',
      blobHash: hash,
      size,
      smtpUtf8: false,
      envId: null,
      ret: null,
      createdAt: now,
      expiresAt: now + settings.queueLifetime,
    };
    const outboundId = await queue.insert(tx, row, [
      { address: split.address, domain: split.domain, notify: null, orcpt: null },
    ]);
    await addDomainJobs(jobs, tx, [{ outboundId, domain: split.domain }], now);
  };
}

const WORDS = {
  unknown: { status: '5.1.1', reply: '550 5.1.1 No such mailbox here' },
  disabled: { status: '5.2.1', reply: '550 5.2.1 This mailbox is closed' },
  invalid: { status: '5.1.3', reply: '553 5.1.3 This is not an address' },
};

/**
 * RFC 5321 §6.1: mail that was taken for somebody who takes none any more. Its sender is told, unless that is
 * probably forged: then somebody else would be told, who never sent it.
 * @returns the unit of work, if there is somebody to tell
 */
export async function prepareRefusal(
  parts: DeliveryParts,
  { bytes, envelope, isSuspicious }: { bytes: Uint8Array; envelope: Envelope; isSuspicious: boolean },
  { bad, outside }: Pick<LookedUp, 'bad' | 'outside'>,
): Promise<((tx: Tx) => Promise<void>) | undefined> {
  const why = { ...bad, unknown: [...bad.unknown, ...outside.map(({ address }) => address)] };
  const recipients = (['unknown', 'disabled', 'invalid'] as const).flatMap((kind) =>
    why[kind].map((address): ReportedRecipient => ({ address, action: 'failed', ...WORDS[kind] })),
  );
  if (recipients.length === 0) return undefined;
  const { mailFrom: returnPath } = envelope;
  parts.log.warn({ returnPath, why }, 'delivery: taken for somebody who takes no mail any more');
  if (isSuspicious || !splitAddress(returnPath)) return undefined;
  const about = { returnPath, arrivedAt: parts.clock.now(), original: bytes };
  return reportTo(parts, await parts.mailstore.prepare(reportBytes(parts, about, recipients)), returnPath);
}
