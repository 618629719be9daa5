/** Delivery reports (RFC 3464) to our own senders, as RFC 3461 lets them choose. Never for a null reverse-path. */
import type { AccountId, Millis } from '../base/ids.ts';
import type { PreparedMessage } from '../mailstore/types.ts';
import { buildDeliveryReport } from '../message/build.ts';
import { headerBlock } from './header-block.ts';
import type { DeliveryParts } from './parts.ts';

export interface ReportedRecipient {
  address: string;
  action: 'failed' | 'delayed' | 'delivered' | 'relayed';
  /** Enhanced status code, RFC 3463. */
  status: string;
  notify?: string | null;
  orcpt?: string | null;
  /** The peer's words, one line. */
  reply?: string | null;
  remoteMta?: string | null;
  willRetryUntil?: Millis;
}

export interface Reported {
  returnPath: string;
  envId?: string | null;
  ret?: 'FULL' | 'HDRS' | null;
  arrivedAt: Millis;
  original: Uint8Array;
}

/** RFC 3461 §4.1: without NOTIFY failures are reported, and delays may be. */
export function wantsReport(notify: string | null | undefined, action: ReportedRecipient['action']): boolean {
  const words = (notify ?? 'FAILURE,DELAY').toUpperCase().split(',');
  const word = { failed: 'FAILURE', delayed: 'DELAY', delivered: 'SUCCESS', relayed: 'SUCCESS' }[action];
  return words.includes(word);
}

/** "452 4.2.2 full" -> "4.2.2"; "550 no" -> "5.0.0". */
export function statusOf(reply: string | null | undefined, fallback: string): string {
  const match = /^([245])\d\d(?:[ -]([245]\.\d{1,3}\.\d{1,3})\b)?/.exec(reply ?? '');
  return match ? (match[2] ?? `${match[1]}.0.0`) : fallback;
}

export interface Reporter {
  /** Undefined: nobody wants it, or there is nobody to tell. */
  prepare(
    about: Reported,
    recipients: readonly ReportedRecipient[],
  ): Promise<{ accountId: AccountId; message: PreparedMessage } | undefined>;
}

type Parts = Pick<DeliveryParts, 'directory' | 'mailstore' | 'clock' | 'settings' | 'hostname' | 'log'>;

export function createReporter({ directory, mailstore, clock, settings, hostname, log }: Parts): Reporter {
  return {
    async prepare(about, recipients) {
      const wanted = recipients.filter(({ notify, action }) => wantsReport(notify, action));
      // RFC 5321 §4.5.5: no report about a message that has a null reverse-path.
      if (wanted.length === 0 || about.returnPath === '') return undefined;
      const owner = await directory.resolve(about.returnPath);
      if (!owner) {
        log.warn({ returnPath: about.returnPath }, 'delivery: a report has nobody to go to');
        return undefined;
      }
      const bytes = reportBytes({ directory, clock, settings, hostname }, about, wanted);
      const verdictless = await mailstore.prepare(bytes);
      return { accountId: owner.accountId, message: verdictless };
    },
  };
}

export function reportBytes(
  { directory, clock, settings, hostname }: Pick<Parts, 'directory' | 'clock' | 'settings' | 'hostname'>,
  about: Reported,
  recipients: readonly ReportedRecipient[],
): Uint8Array {
  const failed = recipients.some(({ action }) => action === 'failed');
  // RFC 3461 §4.3: the whole message only in a report of failure that asked for it.
  const full = failed && about.ret === 'FULL' && about.original.length <= settings.reportOriginalBytes;
  return buildDeliveryReport({
    from: { name: 'Hệ thống thư công vụ', email: `${settings.reportLocalPart}@${directory.domain}` },
    to: about.returnPath,
    reportingMta: hostname,
    date: clock.now(),
    arrivedAt: about.arrivedAt,
    ...(about.envId ? { envelopeId: about.envId } : {}),
    recipients,
    original: full ? { message: about.original } : { header: headerBlock(about.original) },
  });
}
