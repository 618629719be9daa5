/** The messages that carried a document: links made in the unit of work that delivers, and their reading. */
import type { CorrespondenceRow, DocumentMark, Verdict } from '../base/api-types.ts';
import type { AccountId, BlobHash, DocumentId, EmailId } from '../base/ids.ts';
import { accountIds, objectIds } from '../base/object-ids.ts';
import type { Tx } from '../db/database.ts';
import type { Principal } from '../directory/types.ts';
import { cursorMalformed } from './documents.errors.ts';
import { visible } from './documents.usecases.ts';
import type { DeliveryRecord, LinkRecord, MarkRecord, NewLink } from './links.repository.ts';
import type { Parts } from './parts.ts';
import { recognise } from './recognise.ts';
import type { Documents, Page, RecognisedDocument } from './types.ts';
import { queueEvents } from './webhooks.usecases.ts';

const PAGE = 50;
const MAX_PAGE = 200;

type LinkArguments = Parameters<Documents['link']>;

export function correspondenceUsecases(
  parts: Parts,
): Pick<Documents, 'recognise' | 'link' | 'marks' | 'sentMarks' | 'correspondence'> {
  return {
    recognise: ({ attachments }) => recognise(parts, attachments),
    link: (tx, message, deliveries) => link(parts, tx, message, deliveries),
    marks: (hashes) => marks(parts, hashes),
    sentMarks: (accountId, emailIds) => sentMarks(parts, accountId, emailIds),
    correspondence: (principal, id, page) => correspondence(parts, principal, id, page),
  };
}

async function link(parts: Parts, tx: Tx, message: LinkArguments[1], deliveries: LinkArguments[2]): Promise<void> {
  const at = deliveries[0]?.at ?? parts.clock.now();
  for (const recognised of message.recognised) {
    const row = linkOf(message, recognised, at);
    const { id, isNew } = await parts.links.put(tx, row);
    const added = await parts.links.addDeliveries(
      tx,
      deliveries.map((d) => ({ ...d, linkId: id })),
    );
    await queueEvents(parts, tx, { link: { ...row, id }, isNew, added });
  }
}

function linkOf(message: LinkArguments[1], recognised: RecognisedDocument, at: number): NewLink {
  const { summary } = message;
  const recipients = [...summary.to, ...summary.cc].map(({ name, email }) => ({
    address: email,
    ...(name ? { name } : {}),
  }));
  const from = summary.from[0];
  return {
    ...recognised,
    messageHash: message.hash,
    at,
    messageId: summary.messageId[0] ?? null,
    fromAddress: from?.email ?? '',
    fromName: from?.name ?? from?.email ?? '',
    subject: summary.subject,
    recipientCount: recipients.length,
    // The page shows names for a glance; the count is the truth for mass mail.
    recipients: recipients.slice(0, 200),
  };
}

async function marks(parts: Parts, hashes: readonly BlobHash[]): Promise<Map<BlobHash, DocumentMark[]>> {
  const found = new Map<BlobHash, DocumentMark[]>();
  for (const mark of await parts.links.marks(hashes))
    found.set(mark.messageHash, [...(found.get(mark.messageHash) ?? []), told(mark)]);
  return found;
}

async function sentMarks(
  parts: Parts,
  accountId: AccountId,
  emailIds: readonly EmailId[],
): Promise<Map<EmailId, DocumentMark[]>> {
  const found = new Map<EmailId, DocumentMark[]>();
  for (const { emailId, ...mark } of await parts.links.sentMarks(accountId, emailIds))
    found.set(emailId, [...(found.get(emailId) ?? []), told(mark)]);
  return found;
}

/** A file that only claims a document tells nothing of it: whoever guesses a number would learn its abstract. */
function told({ messageHash: _, part, ...mark }: MarkRecord): DocumentMark {
  return mark.match === 'same'
    ? { ...mark, partId: part }
    : { ...mark, partId: part, subject: '', typeName: '', urgency: 'thuong' };
}

async function correspondence(
  parts: Parts,
  principal: Principal,
  id: DocumentId,
  page: { cursor?: string; limit?: number },
): Promise<Page<CorrespondenceRow>> {
  const scope = await parts.access.reading(principal);
  const document = await visible(parts, scope, id);
  // Who only received the file sees the messages that lie in their own mailboxes.
  const byOffice = await parts.documents.find({ ...scope, accounts: [] }, id);
  const limit = Math.min(Math.max(page.limit ?? PAGE, 1), MAX_PAGE);
  const found = await parts.links.ofDocument(document.id, {
    after: page.cursor === undefined ? undefined : parseCursor(page.cursor),
    limit: limit + 1,
    heldBy: byOffice ? undefined : scope.accounts,
  });
  const links = found.slice(0, limit);
  const ids = links.map((l) => l.id);
  const [verdicts, received, held] = await Promise.all([
    parts.verdicts(links.map((l) => l.messageHash)),
    parts.links.receivedCounts(ids),
    parts.links.heldBy(ids, await ownAccounts(parts, principal)),
  ]);
  const rows = links.map((l) =>
    row(
      l,
      verdicts.get(l.messageHash),
      received.get(l.id) ?? 0,
      held.find((h) => h.linkId === l.id),
    ),
  );
  const last = links.at(-1);
  return { rows, nextCursor: found.length > limit && last ? `${last.at}_${last.id}` : null };
}

function parseCursor(cursor: string): { at: number; id: number } {
  const match = /^(\d{1,15})_(\d{1,15})$/.exec(cursor);
  if (!match) throw cursorMalformed();
  return { at: Number(match[1]), id: Number(match[2]) };
}

/** Only an official opens messages, and only in mailboxes of their own or that they run. */
async function ownAccounts(parts: Parts, principal: Principal): Promise<AccountId[]> {
  if (principal.kind !== 'official') return [];
  return (await parts.directory.accessibleAccounts(principal.officialId)).map((a) => a.accountId);
}

function row(
  link: LinkRecord,
  verdict: unknown,
  receivedCount: number,
  held: DeliveryRecord | undefined,
): CorrespondenceRow {
  return {
    id: link.id,
    at: new Date(link.at).toISOString(),
    from: { name: link.fromName, address: link.fromAddress },
    subject: link.subject,
    recipientCount: link.recipientCount,
    recipients: link.recipients,
    match: link.match,
    verdict: (verdict as Verdict | null | undefined)?.kind ?? null,
    receivedCount,
    open: held
      ? { accountId: accountIds.print(held.accountId), emailId: objectIds(held.accountId).email.print(held.emailId) }
      : null,
  };
}
