/** Reads of one account. Outside a unit they see committed data; a writer reads the same way through its transaction. */
import type { BlobHash, EmailId, MailboxId, ModSeq } from '../base/ids.ts';
import { accountNotFound, cannotCalculateChanges, filterInvalid } from './errors.ts';
import { changesSince, stateOf } from './changes.ts';
import type { InnerParts } from './parts.ts';
import { knownKeywords } from './repository/account-keywords.ts';
import { accountInfo } from './repository/accounts.ts';
import { logBounds } from './repository/changes.ts';
import { emailSizeOf, viewEmailDetails, viewEmails } from './repository/emails.ts';
import { headingRows } from './repository/headings.ts';
import { mailboxOfRole, mailboxRows, uidValidityOf } from './repository/mailboxes.ts';
import {
  deletedTotals,
  expungedRows,
  fetchRows,
  firstUnseen,
  highestModseq,
  placedDetailRows,
  placedRows,
} from './repository/placed.ts';
import { placedFlagRows, placedModseqRows, uidsOf } from './repository/packed-places.ts';
import { checkFilter } from './repository/query/filter.ts';
import { runQuery } from './repository/query/run.ts';
import { textRows } from './repository/search.ts';
import { submissionRows } from './repository/submissions.ts';
import type { Scope } from './repository/scope.ts';
import { findLiteral } from './text/find.ts';
import { hasTextCondition, resolveText } from './text/resolve.ts';
import { threadCountRows, threadEmails } from './repository/threads.ts';
import { uploadRow } from './repository/uploads.ts';
import type { AccountReader, EmailQuery } from './types.ts';

/** @param outside true: not within a unit of work, where nothing but queries may be awaited. */
export function createReader(parts: InnerParts, scope: Scope, outside: boolean): AccountReader {
  return {
    accountId: scope.accountId,
    async info() {
      const found = await accountInfo(scope);
      if (!found) throw accountNotFound(scope.accountId);
      return found;
    },
    mailboxes: () => mailboxRows(scope),
    mailbox: async (id) => (await mailboxRows(scope, [id]))[0],
    mailboxByRole: (role) => mailboxOfRole(scope, role),
    uidValidity: (id) => uidValidityOf(scope, id),
    threadCounts: (ids) => threadCounts(scope, ids),

    emails: (ids) => viewEmails(scope, ids),
    emailDetails: (ids) => viewEmailDetails(scope, ids),
    threads: (ids) => threadEmails(scope, ids),
    query: (query, window) => runEmailQuery(parts, scope, outside, query, window?.limit),

    async bodyTexts(ids) {
      if (!outside) throw filterInvalid('text is read outside a unit of work only');
      await parts.indexer.ready(scope.accountId);
      return bodyTexts(scope, ids);
    },
    async uidsWithText(mailboxId, key, tell) {
      if (!outside) throw filterInvalid('text is searched outside a unit of work only');
      await parts.indexer.ready(scope.accountId);
      const found = await findLiteral(scope, parts.blobs, key, { mailboxId, tell });
      return found.map(({ uid }) => uid);
    },

    state: (type) => stateOf(scope, type),
    changes: (type, since, max) => changesSince(scope, type, since, max),

    placed: (mailboxId, pick) => placedRows(scope, mailboxId, pick ?? {}),
    placedFlags: (mailboxId, pick) => placedFlagRows(scope, mailboxId, pick ?? {}),
    placedModseqs: (mailboxId, pick) => placedModseqRows(scope, mailboxId, pick ?? {}),
    fetchRows: (mailboxId, pick, needs) => fetchRows(scope, mailboxId, pick, needs),
    uids: (mailboxId, pick) => uidsOf(scope, mailboxId, pick ?? {}),
    deletedTotals: (mailboxId) => deletedTotals(scope, mailboxId),
    keywords: () => knownKeywords(scope),
    firstUnseen: (mailboxId, within) => firstUnseen(scope, mailboxId, within),
    placedDetails: (mailboxId, uids) => placedDetailRows(scope, mailboxId, uids),
    headings: (mailboxId, pick, needs) => headingRows(scope, mailboxId, pick, needs),
    highestModseq: (mailboxId, pick) => highestModseq(scope, mailboxId, pick),
    expungedSince: (mailboxId, since) => expungedSince(scope, mailboxId, since),

    holdsBlob: (hash) => holdsBlob(parts, scope, hash),
    submissions: (ids) => submissionRows(scope, ids),
  };
}

async function runEmailQuery(
  parts: InnerParts,
  scope: Scope,
  outside: boolean,
  query: EmailQuery,
  limit: number | undefined,
): Promise<EmailId[]> {
  const { filter } = query;
  if (!filter || !hasTextCondition(filter)) return runQuery(scope, query, limit);
  checkFilter(filter);
  // Stored bytes may lie in a folder or elsewhere, text may wait for its index: a unit of work must not wait for them.
  if (!outside) throw filterInvalid('header and text conditions are answered outside a unit of work only');
  await parts.indexer.ready(scope.accountId);
  return runQuery(scope, { ...query, filter: await resolveText(scope, parts.blobs, filter) }, limit);
}

async function bodyTexts(scope: Scope, ids: readonly EmailId[]): Promise<Map<EmailId, string>> {
  const emails = await viewEmails(scope, ids);
  const texts = await textRows(
    scope,
    emails.map((email) => email.blobHash),
  );
  return new Map(emails.map(({ id, blobHash }) => [id, texts.get(blobHash)?.body ?? '']));
}

async function threadCounts(
  scope: Scope,
  ids: MailboxId[] | undefined,
): Promise<Map<MailboxId, { total: number; unread: number }>> {
  const counted = await threadCountRows(scope, ids);
  const wanted = ids ?? (await mailboxRows(scope)).map((m) => m.id);
  return new Map(wanted.map((id) => [id, counted.get(id) ?? { total: 0, unread: 0 }]));
}

/** Tombstones are pruned with the log: below its floor we do not know what is gone. */
async function expungedSince(
  scope: Scope,
  mailboxId: MailboxId,
  since: ModSeq,
): Promise<{ uid: number; modseq: ModSeq }[]> {
  const rows = await expungedRows(scope, mailboxId, since);
  // Asked last: what was forgotten while we read is missing among the rows.
  const bounds = await logBounds(scope);
  if (!bounds || since < bounds.floor) throw cannotCalculateChanges(since);
  return rows;
}

async function holdsBlob(
  { clock }: InnerParts,
  scope: Scope,
  hash: BlobHash,
): Promise<{ type: string; size: number } | undefined> {
  const size = await emailSizeOf(scope, hash);
  if (size !== undefined) return { type: 'message/rfc822', size };
  return uploadRow(scope, hash, clock.now());
}
