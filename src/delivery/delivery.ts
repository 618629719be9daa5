/** One accepted message -> recipients -> mailboxes or queue. The three entrances (MX, submission, JMAP) all end here. */
import { FETCH_KEY_QUEUE } from '../signing/outside-keys.ts';
import type { DeliveryOptions, DeliveryParts } from './parts.ts';
import { createQueueRepository } from './queue.repository.ts';
import { createReceive, refuseLoops } from './receive.usecases.ts';
import { createCheckRecipient } from './recipients.usecases.ts';
import { createReport } from './report.usecases.ts';
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
