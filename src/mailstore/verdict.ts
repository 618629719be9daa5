/** The verdict belongs to the bytes; every email that has them is updated by it. */
import type { AccountId, BlobHash, EmailId, Millis } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { MailstoreParts } from './parts.ts';
import { touchEmails } from './repository/emails.ts';
import { holderRows, storeHasDocument, storeVerdict } from './repository/messages.ts';
import { unitIn } from './unit.ts';

export async function setVerdictIn(
  parts: MailstoreParts,
  tx: Tx,
  hash: BlobHash,
  verdict: unknown,
  at: Millis,
): Promise<AccountId[]> {
  const holders = await touchHolders(parts, tx, hash);
  await storeVerdict({ db: parts.db, q: tx.q }, hash, verdict, at);
  return holders;
}

/** A registered document was recognised in these bytes. */
export async function setHasDocumentIn(parts: MailstoreParts, tx: Tx, hash: BlobHash): Promise<AccountId[]> {
  const changed = await storeHasDocument({ db: parts.db, q: tx.q }, hash);
  return changed ? touchHolders(parts, tx, hash) : [];
}

/** Accounts in ascending order, as every unit over several accounts locks them. */
export async function touchHolders({ db }: MailstoreParts, tx: Tx, hash: BlobHash): Promise<AccountId[]> {
  const byAccount = new Map<AccountId, EmailId[]>();
  for (const { accountId, emailId } of await holderRows({ db, q: tx.q }, hash)) {
    const list = byAccount.get(accountId);
    if (list) list.push(emailId);
    else byAccount.set(accountId, [emailId]);
  }
  for (const [accountId, emailIds] of byAccount) {
    const unit = await unitIn(tx, { db, q: tx.q, accountId });
    await touchEmails(unit.scope, unit.modseq(), emailIds);
    for (const id of emailIds) unit.log('Email', id, 'updated');
    await unit.flush();
  }
  return [...byAccount.keys()];
}
