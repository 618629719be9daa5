/** mailboxIds and keywords as clients write them (RFC 8621 §4.1.1), read strictly. */
import type { MailboxId } from '../../base/ids.ts';
import { objectIds, type ObjectIds } from '../../base/object-ids.ts';
import type { AccountReader } from '../../mailstore/types.ts';
import type { MethodContext } from '../context.ts';
import { invalidProperties, SetError } from '../core/errors.ts';
import { resolveId } from '../core/get.ts';
import { isWholeRecord } from '../core/records.ts';
import { isKeyword } from './keywords.ts';

/** @throws SetError invalidProperties, tooManyMailboxes */
export function readMailboxIds(context: MethodContext, { mailbox }: ObjectIds, value: unknown): MailboxId[] {
  if (!isWholeRecord(value)) throw invalidProperties(['mailboxIds']);
  const ids = Object.entries(value).map(([id, is]) =>
    is === true ? mailbox.parse(resolveId(context, id)) : undefined,
  );
  // RFC 8621 §4.1.1: an Email must belong to one or more Mailboxes.
  if (ids.length === 0) throw invalidProperties(['mailboxIds'], 'an email lies in at least one mailbox');
  const unique = [...new Set(ids)];
  if (unique.includes(undefined)) throw invalidProperties(['mailboxIds'], 'no such mailbox');
  if (unique.length > context.settings.maxMailboxesPerEmail) throw new SetError('tooManyMailboxes');
  return unique.filter((id) => id !== undefined);
}

export async function checkMailboxes(reader: AccountReader, ids: readonly MailboxId[]): Promise<void> {
  for (const id of ids)
    if (!(await reader.mailbox(id)))
      throw invalidProperties(['mailboxIds'], `no such mailbox: ${objectIds(reader.accountId).mailbox.print(id)}`);
}

/** @throws SetError invalidProperties, tooManyKeywords */
export function readKeywords(context: MethodContext, value: unknown): string[] {
  if (value === undefined) return [];
  if (!isWholeRecord(value)) throw invalidProperties(['keywords']);
  const keywords = Object.entries(value).map(([name, is]) => {
    if (is !== true || !isKeyword(name)) throw invalidProperties(['keywords'], `not a keyword: ${name.slice(0, 80)}`);
    return name.toLowerCase();
  });
  return checkKeywordCount(context, [...new Set(keywords)]);
}

export function checkKeywordCount(context: MethodContext, keywords: string[]): string[] {
  if (keywords.length > context.settings.maxKeywordsPerEmail) throw new SetError('tooManyKeywords');
  return keywords;
}
