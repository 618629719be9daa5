/** Of messages in a mailbox what sorting, threading and searching need, without the rest of what was derived. */
import type { MailboxId } from '../../base/ids.ts';
import type { Summary } from '../../message/types.ts';
import type { Heading, HeadingNeeds, PlacePick } from '../types.ts';
import { storedSummary } from './derived.ts';
import { conditionOf, EMAILS, MESSAGES } from './placed.ts';
import { ask, type Scope } from './scope.ts';

/** A stranger's subject may fill a header of half a megabyte. */
const SUBJECT_LENGTH = 2000;

/** In UID order. Statements and rows as in placed.ts. */
export async function headingRows(
  scope: Scope,
  mailboxId: MailboxId,
  pick: PlacePick,
  { sentAt, subject, summary = [] }: HeadingNeeds,
): Promise<Heading[]> {
  const { text, values } = conditionOf(scope, mailboxId, pick);
  const columns = ['p."uid"', 'p."received_at"', 'e."size"'];
  if (sentAt) columns.push('m."sent_at"');
  if (subject) columns.push(`substr(m."subject", 1, ${SUBJECT_LENGTH})`);
  if (summary.length > 0) columns.push('m."derived"');
  const messages = columns.length > 3 ? MESSAGES : '';
  const rows = await ask(
    scope,
    `select ${columns.join(', ')} from "email_mailboxes" p ${EMAILS} ${messages} where ${text} order by p."uid"`,
    values,
  );
  return rows.map((row) => {
    let at = 3;
    // As the schema types these columns; both drivers give integers as numbers.
    return {
      uid: row[0],
      receivedAt: row[1],
      size: row[2],
      sentAt: sentAt ? row[at++] : null,
      subject: subject ? row[at++] : '',
      summary: summary.length > 0 ? storedSummary(row[at] as Uint8Array, summary) : NONE,
    } as Heading;
  });
}
const NONE: Partial<Summary> = {};
