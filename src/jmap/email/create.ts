/** Email/set create (RFC 8621 §4.6): a draft from its properties. */
import { randomToken } from '../../base/bytes.ts';
import { headerLine } from '../../message/encode-words.ts';
import { rfc5322Date } from '../../message/imap-structure.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { MethodContext, OpenAccount } from '../context.ts';
import { invalidProperties, SetError } from '../core/errors.ts';
import { isWholeRecord, own } from '../core/records.ts';
import { refusedStep, type SetArguments, type SetStep } from '../core/set.ts';
import { appendStep } from './append.ts';
import { readBody } from './body-input.ts';
import { buildMessage } from './build.ts';
import { fieldOf, headerPropertyOf, readHeaders } from './header-input.ts';
import { prepareWithVerdict, readReceivedAt } from './import.ts';
import { checkMailboxes, readKeywords, readMailboxIds } from './membership.ts';

const otherNames = new Set([
  'mailboxIds',
  'keywords',
  'receivedAt',
  'bodyStructure',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
]);
/** Việt Nam, for the Date that we write. */
const ZONE = 7 * 60;

/** Everything slow is done before the unit of work. */
export async function emailCreateSteps(
  context: MethodContext,
  account: OpenAccount,
  args: SetArguments,
): Promise<SetStep[]> {
  const steps: SetStep[] = [];
  for (const [key, object] of Object.entries(args.create ?? {}))
    steps.push(await createStep(context, account, key, object));
  return steps;
}

async function createStep(
  context: MethodContext,
  account: OpenAccount,
  key: string,
  object: unknown,
): Promise<SetStep> {
  try {
    if (!isWholeRecord(object)) throw invalidProperties([]);
    const mailboxIds = readMailboxIds(context, objectIds(account.id), object['mailboxIds']);
    await checkMailboxes(account.reader, mailboxIds);
    const keywords = readKeywords(context, object['keywords'] ?? {});
    const receivedAt = readReceivedAt(context, object['receivedAt']);
    const bytes = await buildEmail(context, account, object);
    return appendStep(key, await prepareWithVerdict(context, bytes), { mailboxIds, keywords, receivedAt });
  } catch (error) {
    if (error instanceof SetError) return refusedStep('create', key, error);
    throw error;
  }
}

async function buildEmail(
  context: MethodContext,
  account: OpenAccount,
  object: Readonly<Record<string, unknown>>,
): Promise<Uint8Array> {
  // RFC 8621 §4.6: "headers" and everything that the server sets must not be given.
  const bad = Object.keys(object).filter((name) => !otherNames.has(name) && !headerPropertyOf(name));
  const header = readHeaders(object, false, bad);
  const root = await readBody(context, account, object, bad);
  // The fields of the outermost part stand among the email's own: RFC 8621 §4.6 has each given once.
  const ofRoot = (root?.extra ?? []).map(fieldOf);
  if (ofRoot.some((field) => header.fields.has(field))) bad.push(rootName(object));
  if (bad.length > 0 || !root) throw invalidProperties([...new Set(bad)]);
  const given = new Set([...header.lines.map(fieldOf), ...ofRoot]);
  return buildMessage([...header.lines, ...missingFields(context, account, given)], root);
}

const rootName = (object: Readonly<Record<string, unknown>>): string =>
  ['bodyStructure', 'textBody'].find((name) => own(object, name) != null) ?? 'htmlBody';

/** RFC 8621 §4.6: "the server MUST generate and set … Message-ID and Date" if they are not given. */
function missingFields(context: MethodContext, account: OpenAccount, fields: ReadonlySet<string>): string[] {
  const lines: string[] = [];
  if (!fields.has('date')) lines.push(headerLine('Date', rfc5322Date(context.clock.now(), ZONE)));
  const domain = account.info.addresses[0]?.split('@')[1] ?? 'localhost';
  if (!fields.has('message-id')) lines.push(headerLine('Message-ID', `<${randomToken(18)}@${domain}>`));
  return lines;
}
