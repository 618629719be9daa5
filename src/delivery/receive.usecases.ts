/** Mail from outside: the verdict and the documents are found before the unit of work; then all recipients or none. */
import { atOnce } from '../base/at-once.ts';
import type { AccountId, BlobHash, EmailId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { PreparedMessage } from '../mailstore/types.ts';
import { mailLoop, noRecipients, recipientUnknown } from './delivery.errors.ts';
import { fieldValue, headerFields } from './header-block.ts';
import type { DeliveryParts } from './parts.ts';
import { lookUpRecipients, sortRecipients, type LocalRecipient } from './recipients.usecases.ts';
import { prepareRefusal } from './report.usecases.ts';
import { createTogether } from './together.ts';
import type { Delivery, DeliveryOutcome, Envelope } from './types.ts';
import { awaitVerdict, bytesOf, judge } from './verdict.usecases.ts';

/**
 * On PostgreSQL each unit takes a connection and the rows of its accounts. Of the many messages of a batch only so many ask at once,
 * or officials at work would wait behind all of them.
 */
const UNITS_AT_ONCE = 3;
/** On SQLite they share one transaction anyway, and one unit of work. */
const ONE_UNIT = 100;

export function createReceive(parts: DeliveryParts): Delivery['receive'] {
  const { db, documents, signing, blobs, clock, settings } = parts;
  const isPg = db.dialect === 'pg';
  const inTurn = atOnce(isPg ? UNITS_AT_ONCE : Infinity);
  const write = createTogether({ db, most: isPg ? 1 : ONE_UNIT, atEnd: parts.mailstore.flush });
  return async (given, envelope, origin) => {
    const bytes = await bytesOf(blobs, given);
    refuseLoops(bytes, settings.hopLimit);
    const { local, refusal } = await recipientsOf(parts, bytes, envelope, origin);
    if (local.length === 0) {
      if (refusal) await db.write(refusal);
      return { delivered: [], outboundId: null, blobHash: given.blob.hash };
    }
    const { verdict, ...later } = await judge(signing, given, bytes, clock.now());
    const message: PreparedMessage = { ...given, verdict };
    const recognised = await documents.recognise(message.derived);
    const role = origin.mailbox ?? 'inbox';
    const ordered = [...local].sort((a, b) => a.owner.accountId - b.owner.accountId);
    const known = new Map<AccountId, EmailId | undefined>();
    const store = async (tx: Tx): Promise<DeliveryOutcome> => {
      const at = clock.now();
      const delivered: DeliveryOutcome['delivered'] = [];
      const twins: Twin[] = [];
      for (const { owner, address } of ordered) {
        const { accountId } = owner;
        const before = known.get(accountId);
        const emailId =
          before ?? (await storeIn(parts, tx, accountId, message, role, known.has(accountId) ? [] : twins));
        delivered.push({ address, accountId, emailId });
      }
      if (twins.length > 0) throw new PerhapsRedelivered(twins);
      const { hash } = message.blob;
      const links = delivered.filter(({ accountId }) => known.get(accountId) === undefined);
      if (links.length === 0) return { delivered, outboundId: null, blobHash: hash };
      await documents.link(
        tx,
        { hash, summary: message.derived.summary, recognised },
        links.map(({ accountId, emailId }) => ({ accountId, emailId, role: 'received', at })),
      );
      if (recognised.length > 0) await parts.mailstore.setHasDocument(tx, hash);
      await awaitVerdict(parts, tx, hash, later);
      await refusal?.(tx);
      return { delivered, outboundId: null, blobHash: hash };
    };
    try {
      return await inTurn(() => write(store));
    } catch (error) {
      if (!(error instanceof PerhapsRedelivered)) throw error;
      for (const { accountId, emailId, hash } of error.twins)
        if (known.get(accountId) === undefined)
          known.set(accountId, (await sameBelowTrace(parts, bytes, hash)) ? emailId : undefined);
      return inTurn(() => write(store));
    }
  };
}

/** Asked at RCPT time already: nothing from outside goes outside, and who is not there any more is told so, or reported. */
async function recipientsOf(
  parts: DeliveryParts,
  bytes: Uint8Array,
  envelope: Envelope,
  { mailbox, taken = false }: Parameters<Delivery['receive']>[2],
): Promise<{ local: LocalRecipient[]; refusal?: ((tx: Tx) => Promise<void>) | undefined }> {
  if (taken) {
    const { local, ...others } = await lookUpRecipients(parts, envelope.rcptTo);
    const refusal = await prepareRefusal(parts, { bytes, envelope, isSuspicious: mailbox === 'junk' }, others);
    return { local, refusal };
  }
  const { local, outside } = await sortRecipients(parts, envelope.rcptTo);
  if (outside.length > 0) throw recipientUnknown(outside.map(({ address }) => address));
  if (local.length === 0) throw noRecipients();
  return { local };
}

/* ---- redelivery: RFC 5321 §4.5.3.2.6, a sender that lost our 250 sends the message again ---- */

/** An email of the same account with the same Message-ID, received a short while ago. */
interface Twin {
  accountId: AccountId;
  emailId: EmailId;
  hash: BlobHash;
}
/** Ends the unit of work: bytes are not read within one. Rare, so that the usual message costs nothing. */
class PerhapsRedelivered extends Error {
  readonly twins: readonly Twin[];
  constructor(twins: readonly Twin[]) {
    super('perhaps delivered before');
    this.twins = twins;
  }
}

async function storeIn(
  parts: DeliveryParts,
  tx: Tx,
  accountId: AccountId,
  message: PreparedMessage,
  role: 'inbox' | 'junk',
  twins: Twin[],
): Promise<EmailId> {
  const { emailId, threadId, joined } = await parts.mailstore.deliver(tx, accountId, message, role, {
    flushLater: true,
  });
  const [messageId] = message.derived.summary.messageId;
  const { redeliveryWindow } = parts.settings;
  if (!joined || messageId === undefined || redeliveryWindow === 0) return emailId;
  const writer = await parts.mailstore.writerIn(tx, accountId);
  const found = await writer.sameMessageId(threadId, messageId, parts.clock.now() - redeliveryWindow);
  twins.push(...found.filter((one) => one.emailId !== emailId).map((one) => ({ accountId, ...one })));
  return emailId;
}

/** The same envelope sender and the same octets below what we put in front: Return-Path, results, Received. */
async function sameBelowTrace({ blobs }: DeliveryParts, bytes: Uint8Array, hash: BlobHash): Promise<boolean> {
  const before = await blobs.read(hash).catch(() => undefined);
  if (!before) return false;
  const [one, other] = [belowTrace(bytes), belowTrace(before)];
  return (
    one !== undefined &&
    other !== undefined &&
    one.returnPath === other.returnPath &&
    Buffer.compare(one.rest, other.rest) === 0
  );
}

function belowTrace(bytes: Uint8Array): { returnPath: string; rest: Uint8Array } | undefined {
  const fields = headerFields(bytes);
  const received = fields.find(({ name }) => name === 'received');
  const [first] = fields;
  // Ours begins with Return-Path; what has none came another way.
  if (!received || first?.name !== 'return-path') return undefined;
  return { returnPath: fieldValue(bytes, first), rest: bytes.subarray(received.end) };
}

/** RFC 5321 §6.3: counting Received fields finds loops. */
export function refuseLoops(bytes: Uint8Array, limit: number): void {
  const hops = headerFields(bytes).filter(({ name }) => name === 'received').length;
  if (hops > limit) throw mailLoop(hops);
}
