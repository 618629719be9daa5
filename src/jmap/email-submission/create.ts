/** EmailSubmission/set create (RFC 8621 §7.5): the stored bytes are sent; the record of it is made in the same unit of work. */
import { isDomainError, type DomainError } from '../../base/errors.ts';
import type { Email, PreparedMessage, Submission } from '../../mailstore/types.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { MethodContext, OpenAccount } from '../context.ts';
import { utcDate } from '../core/arguments.ts';
import { invalidProperties, SetError, setErrorOf } from '../core/errors.ts';
import { resolveId } from '../core/get.ts';
import { isWholeRecord } from '../core/records.ts';
import { identitiesOf, type Identity } from '../identity/identities.ts';
import { submissionIds } from '../ids.ts';
import { readEnvelope, smtpEnvelope, type SubmissionEnvelope } from './envelope.ts';

export interface CreatedSubmission {
  submission: Submission;
  /** What the client did not set. */
  shown: Record<string, unknown> & { id: string };
}

/** @throws SetError */
export async function createSubmission(
  context: MethodContext,
  account: OpenAccount,
  object: unknown,
): Promise<CreatedSubmission> {
  if (!isWholeRecord(object)) throw invalidProperties([]);
  const others = Object.keys(object).filter((name) => !['identityId', 'emailId', 'envelope'].includes(name));
  if (others.length > 0) throw invalidProperties(others, 'the server sets this');
  const identity = await findIdentity(context, account, object['identityId']);
  const email = await findEmail(context, account, object['emailId']);
  const prepared = await context.mailstore.prepare(await context.blobs.read(email.blobHash));
  await checkMessage(context, prepared, identity);
  const envelope = readEnvelope(
    object['envelope'],
    prepared.derived.summary,
    identity.email,
    context.settings.maxRecipients,
  );
  const submission = await send(context, account, { identity, email, prepared, envelope });
  const shown = {
    id: submissionIds.print(submission.id),
    threadId: objectIds(account.id).thread.print(submission.threadId),
    sendAt: utcDate(submission.sendAt),
    undoStatus: submission.undoStatus,
    ...(object['envelope'] == null ? { envelope } : {}),
  };
  return { submission, shown };
}

async function findIdentity(context: MethodContext, account: OpenAccount, value: unknown): Promise<Identity> {
  const id = typeof value === 'string' ? resolveId(context, value) : undefined;
  const identity = (await identitiesOf(context, account)).find((i) => i.id === id);
  if (!identity) throw invalidProperties(['identityId'], 'no such identity');
  return identity;
}

async function findEmail(context: MethodContext, account: OpenAccount, value: unknown): Promise<Email> {
  const id = typeof value === 'string' ? objectIds(account.id).email.parse(resolveId(context, value)) : undefined;
  const [email] = id === undefined ? [] : await account.reader.emails([id]);
  if (!email) throw invalidProperties(['emailId'], 'no such email');
  return email;
}

/** RFC 8621 §7.5 invalidEmail, forbiddenFrom. */
async function checkMessage(
  context: MethodContext,
  { derived: { summary } }: PreparedMessage,
  identity: Identity,
): Promise<void> {
  const invalid = [...(summary.from.length === 0 ? ['from'] : []), ...(summary.sentAt === null ? ['sentAt'] : [])];
  // RFC 5322 §3.6.2: several authors need one Sender.
  if (summary.from.length > 1 && summary.sender.length !== 1) invalid.push('sender');
  if (invalid.length > 0)
    throw new SetError('invalidEmail', 'the message lacks what every message has', { properties: invalid });
  const { officialId } = context.principal;
  const as = await context.directory.maySendAs(officialId, identity.email);
  if (!as) throw new SetError('forbiddenFrom');
  for (const { email } of summary.from) {
    const owner = await context.directory.maySendAs(officialId, email);
    // Whoever may be both must say which: the identity and From name the same sender.
    if (owner?.accountId !== as.accountId) throw new SetError('forbiddenFrom', `From may not be ${email}`);
  }
}

interface Sending {
  identity: Identity;
  email: Email;
  prepared: PreparedMessage;
  envelope: SubmissionEnvelope;
}

async function send(
  context: MethodContext,
  account: OpenAccount,
  { identity, email, prepared, envelope }: Sending,
): Promise<Submission> {
  const { officialId } = context.principal;
  let made: Submission | undefined;
  try {
    await context.delivery.send(
      prepared,
      smtpEnvelope(envelope),
      { officialId, accountId: account.id, sentCopy: 'exists' },
      async (tx, { outboundId }) => {
        const writer = await context.mailstore.writerIn(tx, account.id);
        made = await writer.createSubmission({
          sentBy: officialId,
          identityId: identity.id,
          emailId: email.id,
          threadId: email.threadId,
          envelope,
          sendAt: context.clock.now(),
          undoStatus: 'final',
          outboundId,
        });
      },
    );
  } catch (error) {
    throw (isDomainError(error) ? sendErrorOf(error) : undefined) ?? error;
  }
  if (!made) throw new Error('the message was sent without a record of it');
  return made;
}

/** Delivery's refusals in the words of RFC 8621 §7.5. */
export function sendErrorOf(error: DomainError): SetError | undefined {
  const { code, details, message } = error;
  switch (code) {
    case 'recipient.none':
      return new SetError('noRecipients', message);
    case 'recipient.too_many':
      return new SetError('tooManyRecipients', message, { maxRecipients: details['max'] });
    case 'recipient.unknown':
    case 'recipient.disabled':
    case 'recipient.invalid':
    case 'recipient.over_quota':
      return new SetError('invalidRecipients', message, { invalidRecipients: details['addresses'] ?? [] });
    case 'message.too_large':
      return new SetError('tooLarge', message, { maxSize: details['max'] });
    case 'message.line_ends':
      return new SetError('invalidEmail', message, { properties: ['blobId'] });
    case 'message.from_invalid':
      return new SetError('invalidEmail', message, { properties: ['from'] });
    case 'sender.forbidden':
      return new SetError(details['where'] === 'envelope' ? 'forbiddenMailFrom' : 'forbiddenFrom', message);
    default:
      // Whatever policy says no is about sending, not about the object.
      return error.kind === 'forbidden'
        ? new SetError('forbiddenToSend', message, { 'congvu:code': code })
        : setErrorOf(error);
  }
}
