/** What is done with mail from outside once it was taken: which mailbox it goes to, and its delivery. */
import type { Log } from '../base/log.ts';
import { headerFields } from '../delivery/header-block.ts';
import type { DeliverMail, IncomingMail } from '../delivery/incoming/types.ts';
import type { Delivery } from '../delivery/types.ts';
import type { Directory } from '../directory/types.ts';
import type { Mailstore, PreparedMessage } from '../mailstore/types.ts';
import type { SmtpSettings } from './settings.ts';

export interface MxDeliveryOptions {
  directory: Directory;
  mailstore: Mailstore;
  delivery: Delivery;
  settings: SmtpSettings;
  log: Log;
}

export function createMxDelivery(options: MxDeliveryOptions): DeliverMail {
  const { mailstore, delivery } = options;
  const log = options.log.child({ part: 'mx' });
  return async (mail, when) => {
    const { session, remote, authentication } = mail.origin;
    const message = await mailstore.prepare(mail.bytes);
    const mailbox = isSuspicious(options, message, mail) ? 'junk' : 'inbox';
    return async () => {
      const outcome = await delivery.receive(message, mail.envelope, {
        ...{ authentication, remote, mailbox },
        taken: when === 'taken',
      });
      const recipients = outcome.delivered.length;
      log.info({ session, remote, message: outcome.blobHash, recipients, mailbox, ...authentication }, 'mx: received');
    };
  };
}

function isSuspicious(
  { directory, settings }: MxDeliveryOptions,
  message: PreparedMessage,
  { bytes, origin: { policy, authentication } }: IncomingMail,
): boolean {
  if (policy !== 'none') return true;
  // RFC 7489 §6.6.1: with two From fields there is no one to judge.
  if (headerFields(bytes).filter(({ name }) => name === 'from').length > 1) return true;
  const claimsOurs = message.derived.summary.from.some(({ email }) =>
    directory.isLocalDomain(email.slice(email.lastIndexOf('@') + 1).toLowerCase()),
  );
  return settings.mx.protectOwnDomain && claimsOurs && authentication.dmarc !== 'pass';
}
