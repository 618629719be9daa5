/** Mail of our own people: everything is found out first, then one unit of work does all of it or nothing. */
import type { AccountId, Millis } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { RecognisedDocument } from '../documents/types.ts';
import type { AccountWriter, PreparedMessage } from '../mailstore/types.ts';
import { isAscii } from './addresses.ts';
import { lineEndsInvalid, messageTooLarge, noRecipients, tooManyRecipients } from './delivery.errors.ts';
import { hasBareLineEnd, headerBlock, travellingBytes } from './header-block.ts';
import { addDomainJobs } from './outbound-queue.ts';
import type { DeliveryParts } from './parts.ts';
import { deliverTo } from './deliver-to.ts';
import { isFull, sortRecipients, type LocalRecipient, type OutsideRecipient } from './recipients.usecases.ts';
import { createReporter, type Reporter, type ReportedRecipient } from './reports.ts';
import { checkSender, type SendingAccount } from './sender.usecases.ts';
import type { Delivery, DeliveryOutcome, Envelope } from './types.ts';
import { awaitVerdict, bytesOf, judge, type Judged } from './verdict.usecases.ts';

type By = Parameters<Delivery['send']>[2];

interface Plan {
  envelope: Envelope;
  by: By;
  sender: SendingAccount;
  /** As given: what Sent keeps, Bcc and all. */
  original: PreparedMessage;
  /** What travels. */
  travelling: PreparedMessage;
  /** What the verdict waits for. */
  later: Omit<Judged, 'verdict'>;
  smtpUtf8: boolean;
  local: LocalRecipient[];
  outside: OutsideRecipient[];
  recognised: RecognisedDocument[];
  report: Awaited<ReturnType<Reporter['prepare']>>;
  /** The copy that the client keeps by itself. */
  existing: { accountId: AccountId; emailId: DeliveryOutcome['delivered'][number]['emailId'] }[];
}

export function createSend(parts: DeliveryParts): Delivery['send'] {
  const reporter = createReporter(parts);
  return async (message, envelope, by, alsoInUnit) => {
    const plan = await planSending(parts, reporter, message, envelope, by);
    return parts.db.write(async (tx) => {
      const outcome = await carryOut(parts, tx, plan);
      await alsoInUnit?.(tx, outcome);
      return outcome;
    });
  };
}

async function planSending(
  parts: DeliveryParts,
  reporter: Reporter,
  given: PreparedMessage,
  envelope: Envelope,
  by: By,
): Promise<Plan> {
  const { settings, directory, clock } = parts;
  if (given.blob.size > settings.maxMessageBytes) throw messageTooLarge(settings.maxMessageBytes);
  if (envelope.rcptTo.length === 0) throw noRecipients();
  if (envelope.rcptTo.length > settings.maxRecipients) throw tooManyRecipients(settings.maxRecipients);
  const bytes = await bytesOf(parts.blobs, given);
  if (hasBareLineEnd(bytes)) throw lineEndsInvalid();
  const sender = await checkSender(directory, given, bytes, envelope.mailFrom, by.officialId);
  const { local, outside } = await sortRecipients(parts, envelope.rcptTo);
  for (const policy of parts.policies ?? []) await policy(given, envelope, by);
  const { verdict, ...later } = await judge(parts.signing, given, bytes, clock.now());
  const original = { ...given, verdict };
  const stripped = travellingBytes(bytes);
  const travelling = stripped === bytes ? original : { ...(await parts.mailstore.prepare(stripped)), verdict };
  const full = await fullOnes(parts, local);
  const existing =
    by.sentCopy === 'exists'
      ? (await parts.mailstore.holders(given.blob.hash))
          .filter(({ accountId }) => accountId === by.accountId)
          .slice(0, 1)
      : [];
  const about = {
    returnPath: envelope.mailFrom,
    envId: envelope.envId ?? null,
    ret: envelope.ret ?? null,
    arrivedAt: clock.now(),
    original: stripped,
  };
  return {
    envelope,
    by,
    sender,
    original,
    travelling,
    later,
    smtpUtf8:
      envelope.smtpUtf8 === true ||
      outside.some(({ address }) => !isAscii(address)) ||
      headerBlock(bytes).some((octet) => octet > 0x7f),
    local: local.filter((recipient) => !full.has(recipient.owner.accountId)),
    outside,
    recognised: await parts.documents.recognise(given.derived),
    report: await reporter.prepare(about, localReports(local, full)),
    existing,
  };
}

/** A full mailbox stops nobody else's copy: the sender is told by a report. */
async function fullOnes(parts: DeliveryParts, local: readonly LocalRecipient[]): Promise<Set<AccountId>> {
  const full = new Set<AccountId>();
  for (const { owner } of local) if (await isFull(parts, owner.accountId)) full.add(owner.accountId);
  return full;
}

function localReports(local: readonly LocalRecipient[], full: ReadonlySet<AccountId>): ReportedRecipient[] {
  return local.map(({ address, notify, orcpt, owner }) => ({
    address,
    notify: notify ?? null,
    orcpt: orcpt ?? null,
    ...(full.has(owner.accountId)
      ? { action: 'failed' as const, status: '5.2.2', reply: '552 5.2.2 Mailbox full' }
      : { action: 'delivered' as const, status: '2.0.0' }),
  }));
}

async function carryOut(parts: DeliveryParts, tx: Tx, plan: Plan): Promise<DeliveryOutcome> {
  const at = parts.clock.now();
  const outboundId = await enqueue(parts, tx, plan, at);
  const links: {
    accountId: AccountId;
    emailId: DeliveryOutcome['delivered'][number]['emailId'];
    role: 'sent' | 'received';
    at: Millis;
  }[] = [];
  const delivered: DeliveryOutcome['delivered'] = [];
  const works = [
    ...(plan.by.sentCopy === 'make'
      ? [
          {
            accountId: plan.sender.accountId,
            work: async () =>
              void links.push({ ...(await keepSent(parts, tx, plan, outboundId, at)), role: 'sent', at }),
          },
        ]
      : []),
    ...plan.local.map(({ owner: { accountId }, address }) => ({
      accountId,
      work: async () => {
        const emailId = await deliverTo(parts, tx, accountId, plan.travelling, 'inbox');
        delivered.push({ address, accountId, emailId });
        links.push({ accountId, emailId, role: 'received', at });
      },
    })),
    ...(plan.report ? [reportWork(parts, tx, plan.report)] : []),
  ];
  // Ascending account id: PostgreSQL locks in that order.
  for (const { work } of works.sort((a, b) => a.accountId - b.accountId)) await work();
  links.push(...plan.existing.map((copy) => ({ ...copy, role: 'sent' as const, at })));
  const { hash } = plan.travelling.blob;
  await parts.documents.link(
    tx,
    { hash, summary: plan.travelling.derived.summary, recognised: plan.recognised },
    links,
  );
  if (plan.recognised.length > 0) {
    for (const bytes of new Set([hash, plan.original.blob.hash])) await parts.mailstore.setHasDocument(tx, bytes);
  }
  for (const bytes of new Set([hash, plan.original.blob.hash])) await awaitVerdict(parts, tx, bytes, plan.later);
  await recordDelegate(parts, tx, plan);
  return { delivered, outboundId, blobHash: hash };
}

function reportWork(parts: DeliveryParts, tx: Tx, report: NonNullable<Plan['report']>) {
  return {
    accountId: report.accountId,
    work: async () => void (await deliverTo(parts, tx, report.accountId, report.message, 'inbox')),
  };
}

async function keepSent({ mailstore }: DeliveryParts, tx: Tx, plan: Plan, outboundId: number | null, at: Millis) {
  const writer: AccountWriter = await mailstore.writerIn(tx, plan.sender.accountId);
  const sent = await writer.mailboxByRole('sent');
  if (!sent) throw new Error(`account ${plan.sender.accountId} has no Sent mailbox`);
  const { emailId, threadId } = await writer.append(plan.original, {
    mailboxIds: [sent.id],
    keywords: ['$seen'],
    receivedAt: at,
  });
  const named = (email: string) => ({ email, parameters: null });
  await writer.createSubmission({
    sentBy: plan.by.officialId,
    identityId: plan.sender.address,
    emailId,
    threadId,
    envelope: {
      mailFrom: named(plan.envelope.mailFrom),
      rcptTo: plan.envelope.rcptTo.map(({ address }) => named(address)),
    },
    sendAt: at,
    undoStatus: 'final',
    outboundId,
  });
  return { accountId: plan.sender.accountId, emailId };
}

async function enqueue(
  parts: DeliveryParts,
  tx: Tx,
  { outside, travelling, envelope, sender, smtpUtf8 }: Plan,
  at: Millis,
): Promise<number | null> {
  if (outside.length === 0) return null;
  await parts.blobs.record(tx, travelling.blob);
  const { hash, size } = travelling.blob;
  const message = {
    accountId: sender.accountId,
    returnPath: envelope.mailFrom,
    blobHash: hash,
    size,
    smtpUtf8,
    envId: envelope.envId ?? null,
    ret: envelope.ret ?? null,
    createdAt: at,
    expiresAt: at + parts.settings.queueLifetime,
  };
  const recipients = outside.map(({ address, domain, notify, orcpt }) => ({
    address,
    domain,
    notify: notify ?? null,
    orcpt: orcpt ?? null,
  }));
  const id = await parts.queue.insert(tx, message, recipients);
  await addDomainJobs(
    parts.jobs,
    tx,
    outside.map(({ domain }) => ({ outboundId: id, domain })),
    at,
  );
  return id;
}

/** What a delegate sends for a unit is recorded as sent by that person. */
async function recordDelegate(
  { audit }: DeliveryParts,
  tx: Tx,
  { sender, by, travelling, envelope }: Plan,
): Promise<void> {
  if (sender.kind === 'person') return;
  await audit.record(tx, {
    actor: `official:${by.officialId}`,
    action: 'mail.sent_for_unit',
    object: `account:${sender.accountId}`,
    details: { from: sender.address, message: travelling.blob.hash, recipients: envelope.rcptTo.length },
  });
}
