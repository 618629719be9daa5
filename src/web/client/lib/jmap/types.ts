/** The parts of RFC 8620/8621 that the client uses, spelled as there. */
import type { OfficialEmailProperties } from '../../../../base/api-types.ts';

export type Id = string;

export interface JmapSession {
  accounts: Record<
    Id,
    { name: string; isPersonal: boolean; isReadOnly: boolean; accountCapabilities: Record<string, unknown> }
  >;
  primaryAccounts: Record<string, Id>;
  apiUrl: string;
  downloadUrl: string;
  uploadUrl: string;
  eventSourceUrl: string;
  capabilities: Record<string, Record<string, unknown>>;
  username: string;
  state: string;
}

export type Role = 'inbox' | 'drafts' | 'sent' | 'archive' | 'junk' | 'trash';
/** RFC 8621 §2. */
export interface Mailbox {
  id: Id;
  name: string;
  parentId: Id | null;
  role: Role | null;
  sortOrder: number;
  totalEmails: number;
  unreadEmails: number;
  totalThreads: number;
  unreadThreads: number;
  myRights: { mayCreateChild: boolean; mayRename: boolean; mayDelete: boolean };
}
export interface EmailAddress {
  name: string | null;
  email: string;
}
/** RFC 8621 §4.1.4. */
export interface BodyPart {
  partId: string | null;
  blobId: Id | null;
  size: number;
  name: string | null;
  type: string;
  charset: string | null;
  disposition: string | null;
  cid: string | null;
  'header:X-CongVu-Document:asText'?: string | null;
}
/** What a row of the list needs (LIST_PROPERTIES). */
export interface EmailRow extends Pick<OfficialEmailProperties, 'congvu:verdict' | 'congvu:documents'> {
  id: Id;
  threadId: Id;
  mailboxIds: Record<Id, boolean>;
  keywords: Record<string, boolean>;
  from: EmailAddress[] | null;
  to: EmailAddress[] | null;
  subject: string | null;
  receivedAt: string;
  preview: string;
  size: number;
  hasAttachment: boolean;
  attachments?: { partId: string | null; type: string }[];
}
/** What the reading pane needs on top (BODY_PROPERTIES). */
export interface EmailBody extends Pick<OfficialEmailProperties, 'congvu:authentication' | 'congvu:lostParts'> {
  id: Id;
  blobId: Id;
  messageId: string[] | null;
  inReplyTo: string[] | null;
  references: string[] | null;
  cc: EmailAddress[] | null;
  bcc: EmailAddress[] | null;
  replyTo: EmailAddress[] | null;
  sentAt: string | null;
  textBody: BodyPart[];
  htmlBody: BodyPart[];
  attachments: BodyPart[];
  bodyValues: Record<string, { value: string; isEncodingProblem: boolean; isTruncated: boolean }>;
}
export interface Identity {
  id: Id;
  name: string;
  email: string;
  replyTo: EmailAddress[] | null;
  textSignature: string;
  htmlSignature: string;
}
/** RFC 8621 §4.4.1 with ours. */
export interface EmailCondition {
  inMailbox?: Id;
  inMailboxOtherThan?: Id[];
  hasKeyword?: string;
  notKeyword?: string;
  hasAttachment?: boolean;
  text?: string;
  'congvu:hasDocument'?: boolean;
  'congvu:isSigned'?: boolean;
}

export const CORE = 'urn:ietf:params:jmap:core';
export const MAIL = 'urn:ietf:params:jmap:mail';
export const SUBMISSION = 'urn:ietf:params:jmap:submission';
export const OFFICIAL = 'https://congvu.vn/jmap/official';
