/** A message being written: plain data, and the rules that need no screen. */
import type { AttachedDocument } from '../../lib/compose-intent.ts';
import type { Recipient } from './recipients.ts';

export interface Attachment {
  key: string;
  name: string;
  type: string;
  size: number;
  /** The bytes: chosen here, or fetched from the document or the forwarded message. */
  blob: Blob | undefined;
  state: 'ready' | 'loading' | 'failed';
  /** Too large for the server: trying again will not help. */
  tooLarge?: boolean;
  progress: number;
  document?: AttachedDocument;
}
export interface Draft {
  accountId: string;
  identityId: string;
  to: readonly Recipient[];
  cc: readonly Recipient[];
  bcc: readonly Recipient[];
  subject: string;
  text: string;
  /** Present when written as rich text. */
  html: string | undefined;
  attachments: readonly Attachment[];
  inReplyTo: string[];
  references: string[];
  sign: boolean;
  /** What it answers or passes on, for the keyword. */
  source?: { accountId: string; emailId: string; keyword: '$answered' | '$forwarded' };
}

export type Problem =
  | {
      level: 'error';
      code: 'noRecipients' | 'invalidRecipients' | 'filesLoading' | 'filesFailed' | 'tooLarge';
      detail?: string;
    }
  | { level: 'ask'; code: 'noSubject' | 'forgotFile' };

export const totalSize = (attachments: readonly Attachment[]): number =>
  attachments.reduce((sum, { size }) => sum + size, 0);

/** Only the official's own words count: a quoted message may well speak of its files. */
export function mentionsFile(text: string): boolean {
  const own = text
    .split('\n')
    .filter((line) => !line.startsWith('>'))
    .join('\n')
    .split(/\n(?:-{3,}|Vào \d|On \d)/)[0];
  return /đính kèm|gửi kèm|kèm theo|(?<![\p{L}])attach(?:ed|ment)/iu.test((own ?? '').normalize('NFC'));
}

/** In the order in which they are told. base64 makes a third more. */
export function problems(draft: Draft, maxBytes: number): Problem[] {
  const all = [...draft.to, ...draft.cc, ...draft.bcc];
  const found: Problem[] = [];
  if (all.length === 0) found.push({ level: 'error', code: 'noRecipients' });
  const invalid = all.filter(({ kind }) => kind === 'invalid');
  if (invalid.length > 0)
    found.push({ level: 'error', code: 'invalidRecipients', detail: invalid.map(({ email }) => email).join(', ') });
  if (draft.attachments.some(({ state }) => state === 'loading')) found.push({ level: 'error', code: 'filesLoading' });
  if (draft.attachments.some(({ state }) => state === 'failed')) found.push({ level: 'error', code: 'filesFailed' });
  if (totalSize(draft.attachments) * 1.37 + draft.text.length > maxBytes)
    found.push({ level: 'error', code: 'tooLarge' });
  if (draft.subject.trim() === '') found.push({ level: 'ask', code: 'noSubject' });
  if (draft.attachments.length === 0 && mentionsFile(draft.text)) found.push({ level: 'ask', code: 'forgotFile' });
  return found;
}

export const isEmpty = (draft: Draft): boolean =>
  draft.to.length + draft.cc.length + draft.bcc.length + draft.attachments.length === 0 &&
  !draft.subject.trim() &&
  !draft.text.trim();
