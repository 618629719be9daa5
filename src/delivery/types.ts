/** One accepted message -> recipients -> mailboxes or queue. The three entrances (MX, submission, JMAP) all end here. */
import type { AccountId, BlobHash, EmailId, OfficialId } from '../base/ids.ts';
import type { PreparedMessage } from '../mailstore/types.ts';
import type { Tx } from '../db/database.ts';

export interface EnvelopeRecipient {
  address: string;
  /** RFC 3461; "NEVER" or a list joined by ",". */
  notify?: string;
  orcpt?: string;
}
export interface Envelope {
  /** "" for the null reverse-path. */
  mailFrom: string;
  rcptTo: EnvelopeRecipient[];
  envId?: string;
  ret?: 'FULL' | 'HDRS';
  smtpUtf8?: boolean;
}

export interface Delivery {
  /** At RCPT time. @throws SmtpReply-shaped DomainError: recipient.unknown, recipient.disabled, recipient.over_quota */
  checkRecipient(
    address: string,
  ): Promise<{ kind: 'local'; accountId: AccountId } | { kind: 'outside'; domain: string }>;

  /** RFC 5321 §6.3. @throws DomainError message.loop: it goes round in circles */
  checkHops(bytes: Uint8Array): void;

  /**
   * Mail from outside, authenticated and with its trace headers already in front. All local recipients in one unit of work: all or
   * nothing. Spam verdicts choose the mailbox. Resolves when durable.
   * @param origin.taken the sender was told that it is: who takes no mail any more is reported, the others get theirs
   */
  receive(
    message: PreparedMessage,
    envelope: Envelope,
    origin: { authentication: unknown; remote: string; mailbox?: 'inbox' | 'junk'; taken?: boolean },
  ): Promise<DeliveryOutcome>;

  /**
   * Mail of our own people. In one unit of work: copy in Sent (unless it is there already), local recipients, queue for the others.
   * @param by who sends; recorded with every message of a unit mailbox.
   */
  send(
    message: PreparedMessage,
    envelope: Envelope,
    by: { officialId: OfficialId; accountId: AccountId; sentCopy: 'make' | 'exists' },
    alsoInUnit?: (tx: Tx, outcome: DeliveryOutcome) => Promise<void>,
  ): Promise<DeliveryOutcome>;

  /** Mail that the system writes (delivery reports). Null reverse-path. */
  report(message: PreparedMessage, to: string): Promise<void>;
}

export interface DeliveryOutcome {
  delivered: { address: string; accountId: AccountId; emailId: EmailId }[];
  /** Row of outbound_messages, when any recipient lies outside. */
  outboundId: number | null;
  blobHash: BlobHash;
}

/** The administrator's view of the queue. */
export interface QueueRow {
  outboundId: number;
  returnPath: string;
  recipient: string;
  state: 'queued' | 'delivered' | 'failed' | 'expired';
  attempts: number;
  nextAt: number;
  lastReply: string | null;
  createdAt: number;
}
