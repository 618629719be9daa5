/**
 * What we know of a message from its bytes alone (RFC 5322, 2045–2049, 2231, 2183). Offsets count octets from the first
 * octet of the message as stored. Nothing here does I/O.
 */
import type { BlobHash, Millis } from '../base/ids.ts';

export interface HeaderField {
  /** As written. */
  name: string;
  /** Raw octets after the colon, as latin1 (one char per octet), folding kept, without the final line end. */
  raw: string;
  /** Octets [start, end) of the whole field, line end included. */
  start: number;
  end: number;
}

/** One MIME entity. JSON-safe: it is stored as derived data. */
export interface Part {
  /** IMAP part specifier: "" for the message itself when multipart, "1", "2.1"; the only part of a single-part message is "1". */
  path: string;
  /** Octets of the header block [headerStart, bodyStart): blank line included. */
  headerStart: number;
  bodyStart: number;
  bodyEnd: number;
  /** Lower case; text/plain when absent or unreadable (RFC 2045 §5.2), message/rfc822 inside multipart/digest. */
  type: string;
  subtype: string;
  /** Content-Type parameters, names lower case, RFC 2231 decoded. */
  params: Record<string, string>;
  /** Lower case. */
  disposition?: string;
  dispositionParams?: Record<string, string>;
  /** Decoded name from Content-Disposition, else Content-Type. */
  filename?: string;
  /** Without angle brackets. */
  contentId?: string;
  description?: string;
  location?: string;
  language?: string[];
  md5?: string;
  /** Lower case: 7bit, 8bit, binary, quoted-printable, base64 or what was written. */
  encoding: string;
  /** Lines of the body as stored. */
  lines: number;
  /** multipart/*: the children. */
  parts?: Part[];
  /** message/rfc822, message/global: the message inside, with its own envelope. */
  message?: { root: Part; summary: Summary };
  /** Something was wrong here and was read leniently: "no-closing-boundary", "bad-header-line", … */
  defects?: string[];
}

export interface Address {
  /** Decoded, NFC; null when absent. */
  name: string | null;
  /** local@domain as written; "" in the worst case. */
  email: string;
}
/** RFC 8621 §4.1.2.4 GroupedAddresses; addresses outside any group have name null. */
export interface AddressGroup {
  name: string | null;
  addresses: Address[];
}

/** The header fields that lists and threads need; decoded, NFC, no controls. */
export interface Summary {
  messageId: string[];
  inReplyTo: string[];
  references: string[];
  from: Address[];
  sender: Address[];
  replyTo: Address[];
  to: Address[];
  cc: Address[];
  bcc: Address[];
  subject: string;
  /** Date as instant; null when absent or unreadable. */
  sentAt: Millis | null;
  /** Minutes east of UTC that Date names. */
  sentZone: number | null;
}

export interface ParsedMessage {
  size: number;
  header: HeaderField[];
  root: Part;
  summary: Summary;
  /** The address fields of the summary with their groups, by name in lower case. */
  people: ReadonlyMap<string, AddressGroup[]>;
}

export interface AttachmentInfo {
  /** Part path. */
  part: string;
  /** SHA-256 of the decoded content. */
  contentHash: BlobHash;
  name: string | null;
  /** type/subtype */
  type: string;
  size: number;
  /** "identifier" of `X-CongVu-Document: identifier` on the part, decoded; names a registered document. */
  document?: string;
}

/** Everything derived from the bytes once, at arrival; version bumps when the code derives better. */
export interface DerivedMessage {
  version: number;
  size: number;
  summary: Summary;
  root: Part;
  /** First 256 characters of the readable text (RFC 8621 §4.1.4 preview). */
  preview: string;
  hasAttachment: boolean;
  attachments: AttachmentInfo[];
  /** Base subject for threading (RFC 5256 §2.1), folded. */
  baseSubject: string;
  imapEnvelope: string;
  imapBodyStructure: string;
}

export interface MessageLimits {
  /** Deeper or more than this is kept as one opaque part. */
  depth: number;
  parts: number;
  headerBytes: number;
  headerFields: number;
  /** Characters of text taken for reading and for the index. */
  text: number;
}
export const defaultMessageLimits: MessageLimits = {
  depth: 30,
  parts: 1000,
  headerBytes: 512 * 1024,
  headerFields: 2000,
  text: 400_000,
};
