/** One accepted message -> recipients -> mailboxes or queue. The three entrances (MX, submission, JMAP) all end here. */
import { addDomainJobs } from './outbound-queue.ts';
import { splitAddress } from './addresses.ts';
import { recipientInvalid } from './delivery.errors.ts';
import { FETCH_KEY_QUEUE } from '../signing/outside-keys.ts';
import type { DeliveryOptions, DeliveryParts } from './parts.ts';
import { createQueueRepository } from './queue.repository.ts';
import { createReceive, deliverTo, refuseLoops } from './receive.usecases.ts';
import { createCheckRecipient } from './recipients.usecases.ts';
import { createSend } from './send.usecases.ts';
import type { Delivery } from './types.ts';

export function createDelivery(options: DeliveryOptions): Delivery {
  const parts: DeliveryParts = {
    ...options,
    log: options.log.child({ part: 'delivery' }),
    queue: createQueueRepository(options.db),
    hostname: options.settings.hostname || `mail.${options.directory.domain}`,
    askForKey: (tx, address, hash) =>
      options.jobs.add(
        tx,
        FETCH_KEY_QUEUE,
        { address, hash, arrivedAt: options.clock.now() },
        { key: `${hash} ${address}` },
      ),
  };
  return {
    checkRecipient: createCheckRecipient(parts),
    checkHops: (bytes) => refuseLoops(bytes, parts.settings.hopLimit),
    receive: createReceive(parts),
    send: createSend(parts),
    report: createReport(parts),
  };
}

function createReport(parts: DeliveryParts): Delivery['report'] {
  const { db, directory, blobs, queue, jobs, clock, settings } = parts;
  return async (message, to) => {
    const split = splitAddress(to);
    if (!split) throw recipientInvalid([to]);
    const owner = await directory.resolve(split.address);
    await db.write(async (tx) => {
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
    });
  };
}
