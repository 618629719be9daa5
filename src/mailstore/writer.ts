/** Changes of one account within a unit of work; each operation stands in its own file. */
import { append, copy } from './append.ts';
import { submissionNotFound } from './errors.ts';
import { destroyEmails, expunge } from './expunge.ts';
import { createMailbox, destroyMailbox, updateMailbox } from './mailboxes.ts';
import { move, setMailboxes } from './membership.ts';
import type { InnerParts } from './parts.ts';
import { raiseRecent } from './repository/mailboxes.ts';
import { createReader } from './reader.ts';
import {
  deleteSubmissionRow,
  insertSubmission,
  submittedSince,
  updateSubmissionRow,
} from './repository/submissions.ts';
import { sameMessageId } from './repository/threads.ts';
import { insertUpload } from './repository/uploads.ts';
import { setDeleted, setKeywords } from './set-keywords.ts';
import type { AccountWriter, Submission } from './types.ts';
import type { Unit } from './unit.ts';

export function createWriter(parts: InnerParts, unit: Unit): AccountWriter {
  return {
    ...createReader(parts, unit.scope, false),
    tx: unit.tx,
    createMailbox: (mailbox) => createMailbox(parts, unit, mailbox),
    updateMailbox: (id, change) => updateMailbox(unit, id, change),
    tellRecent: (id, below) => raiseRecent(unit.scope, id, below),
    destroyMailbox: (id, options) => destroyMailbox(unit, id, options?.removeEmails ?? false),

    append: (message, options) => append(parts, unit, message, options),
    sameMessageId: (threadId, messageId, since) => sameMessageId(unit.scope, threadId, messageId, since),
    submittedSince: (mailboxId, since) => submittedSince(unit.scope, mailboxId, since),
    copy: (emailIds, to) => copy(unit, emailIds, to, parts.clock.now()),
    setKeywords: (emailIds, patch) => setKeywords(unit, emailIds, patch),
    setDeleted: (mailboxId, uids, deleted) => setDeleted(unit, mailboxId, uids, deleted),
    setMailboxes: (emailId, mailboxIds) => setMailboxes(unit, emailId, mailboxIds, parts.clock.now()),
    move: (from, uids, to) => move(unit, from, uids, to, parts.clock.now()),
    destroyEmails: (emailIds) => destroyEmails(unit, emailIds),
    expunge: (mailboxId, uids) => expunge(unit, mailboxId, uids),

    async recordUpload(blob, type, expiresAt) {
      await parts.blobs.record(unit.tx, blob);
      await insertUpload(unit.scope, { hash: blob.hash, size: blob.size, type, expiresAt });
    },
    createSubmission: (submission) => createSubmission(unit, submission),
    updateSubmission: (id, change) => updateSubmission(unit, id, change),
    destroySubmission: (id) => destroySubmission(unit, id),
  };
}

async function createSubmission(unit: Unit, submission: Omit<Submission, 'id'>): Promise<Submission> {
  const made = { ...submission, id: unit.takeSubmissionId() };
  await insertSubmission(unit.scope, made);
  unit.log('EmailSubmission', made.id, 'created');
  await unit.flush();
  return made;
}

async function updateSubmission(
  unit: Unit,
  id: Submission['id'],
  change: Partial<Pick<Submission, 'undoStatus' | 'outboundId'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return;
  if (!(await updateSubmissionRow(unit.scope, id, change))) throw submissionNotFound(id);
  unit.log('EmailSubmission', id, 'updated');
  await unit.flush();
}

async function destroySubmission(unit: Unit, id: Submission['id']): Promise<void> {
  if (!(await deleteSubmissionRow(unit.scope, id))) throw submissionNotFound(id);
  unit.log('EmailSubmission', id, 'destroyed');
  await unit.flush();
}
