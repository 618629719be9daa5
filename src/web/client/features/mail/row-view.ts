/** What a row says, decided apart from how it looks. */
import type { EmailAddress, EmailRow, Mailbox } from '../../lib/jmap/types.ts';
import { t } from '../../lib/i18n/i18n.ts';
import { highestUrgency } from '../../lib/documents.ts';
import type { Urgency } from '../../../../base/api-types.ts';

export interface RowView {
  who: string;
  isUnit: boolean;
  subject: string;
  unread: boolean;
  starred: boolean;
  count: number;
  signed: 'ok' | 'bad' | 'partly' | 'none';
  documents: string[];
  urgency: Urgency;
  attachments: number;
  answered: boolean;
  isDraft: boolean;
}

/** A signature is shown as a verdict, not as a file. */
export const fileCount = (row: EmailRow): number =>
  row.attachments?.filter(({ type }) => !/signature$/.test(type)).length ?? (row.hasAttachment ? 1 : 0);
export const nameOf = (address: EmailAddress | undefined): string =>
  address?.name ?? address?.email ?? t('mail.noSender');

export function rowView(
  row: EmailRow,
  thread: readonly EmailRow[],
  outgoing: boolean,
  unitAddresses: ReadonlySet<string>,
): RowView {
  const people = outgoing ? row.to : row.from;
  const first = people?.[0];
  const verdict = row['congvu:verdict'];
  const bad = verdict && ['altered', 'notSender', 'revoked'].includes(verdict.kind);
  const more = (people?.length ?? 0) - 1;
  return {
    who: outgoing && more > 0 ? t('mail.andMore', { name: nameOf(first), n: more }) : nameOf(first),
    isUnit: unitAddresses.has(first?.email.toLowerCase() ?? ''),
    subject: row.subject?.trim() || t('mail.noSubject'),
    unread: thread.some((one) => !one.keywords['$seen'] && !one.keywords['$draft']),
    starred: Boolean(row.keywords['$flagged']),
    count: thread.length,
    signed: verdict?.kind === 'whole' ? 'ok' : bad ? 'bad' : verdict?.kind === 'partlySigned' ? 'partly' : 'none',
    documents: [...new Set(row['congvu:documents'].map((mark) => mark.numberNotation))],
    urgency: highestUrgency(row['congvu:documents']),
    attachments: fileCount(row),
    answered: Boolean(row.keywords['$answered']),
    isDraft: Boolean(row.keywords['$draft']),
  };
}
export const hasChips = (row: EmailRow): boolean => row['congvu:documents'].length > 0 || fileCount(row) > 0;
export const isOutgoing = (mailbox: Mailbox | undefined): boolean =>
  mailbox?.role === 'sent' || mailbox?.role === 'drafts';
