/** What the composer hands over, and what comes out. Pure TypeScript: no Node, no DOM beyond TextEncoder and crypto. */

export interface MailAddress {
  /** Shown name; '' or absent: none. */
  name?: string;
  /** local@domain; a Vietnamese domain name is written as its A-label. */
  email: string;
}

export interface OutgoingAttachment {
  name: string;
  /** type/subtype; anything unreadable becomes application/octet-stream. */
  type: string;
  bytes: Uint8Array;
  /** Identifier of the registered document that these bytes are: "H99,2026/01/12,05/CT-UBND". */
  documentIdentifier?: string;
}

export interface InlineImage {
  /** Without angle brackets; the HTML says src="cid:…". */
  contentId: string;
  name: string;
  type: string;
  bytes: Uint8Array;
}

/** No Bcc here, on purpose: blind recipients live in the envelope only. */
export interface OutgoingMessage {
  from: MailAddress;
  /** Who really sends, when From is a unit or title mailbox (RFC 5322 §3.6.2). */
  sender?: MailAddress;
  replyTo?: MailAddress[];
  to: MailAddress[];
  cc?: MailAddress[];
  subject: string;
  text: string;
  html?: string;
  date: Date;
  /** Minutes east of UTC; 420 (Việt Nam) when absent. */
  zone?: number;
  /** Without angle brackets. */
  messageId: string;
  inReplyTo?: string[];
  references?: string[];
  inlineImages?: InlineImage[];
  attachments?: OutgoingAttachment[];
}

/** One header field, folded, without the final line end: "Subject: …". */
export interface HeaderLine {
  name: string;
  /** Folded value, no line longer than 76 characters with the name in front. */
  value: string;
}

/** A MIME entity ready to be written. */
export interface Entity {
  header: HeaderLine[];
  body: Body;
}
export type Body = { kind: 'leaf'; chunks: Uint8Array[] } | { kind: 'multipart'; boundary: string; parts: Entity[] };

export interface BuiltMessage {
  /** From, To, Subject, Date … and MIME-Version; no Content-* fields. */
  header: HeaderLine[];
  /** The content with its own Content-* fields. */
  body: Entity;
}

/** What cannot be sent as written; `code` is for the screen. */
export class MailBuildError extends Error {
  override readonly name = 'MailBuildError';
  readonly code: 'address_invalid' | 'message_id_invalid' | 'too_large' | 'no_recipients' | 'date_invalid';
  constructor(code: MailBuildError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
