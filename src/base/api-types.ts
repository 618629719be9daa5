/**
 * What the web client and the server agree on beside JMAP: types only, no code. The server's valibot schemas must
 * produce exactly these (a type test holds them together).
 */

/* ---- trust ---- */

/** docs/trust-verdict.md. `unreadable`: signed, but its structure or key cannot be read. */
export type VerdictKind =
  'whole' | 'altered' | 'notSender' | 'unknownSigner' | 'revoked' | 'expired' | 'partlySigned' | 'unsigned';

export interface Verdict {
  kind: VerdictKind;
  signer?: {
    /** From the certified user id or the directory, never from the message. */
    name: string;
    address: string;
    /** Title and unit at the signature time; absent for people elsewhere. */
    title?: string;
    unit?: string;
    fingerprint: string;
  };
  /** The signer wrote for a unit or title mailbox that may be used by them. */
  onBehalfOf?: { name: string; address: string };
  /** ISO 8601 UTC, from the signature. */
  signedAt?: string;
  checkedAt: string;
  /** Protected headers that differ from the outer ones. */
  changedHeaders?: { field: string; outer: string; signed: string }[];
  /** MIME path of the signed content, when it is not the whole message (partlySigned). */
  signedPart?: string;
  /** Files inside the signed content / outside it. */
  files: { signed: number; unsigned: number };
  /** How we know the key. */
  keySource?: 'province' | 'wkd';
  revocation?: { at: string; reason: string };
  /** Evidence, in the order checked. */
  checks: { check: string; ok: boolean; detail?: string }[];
}

/** How the message came in, from Authentication-Results; absent for mail that never left the province. */
export interface Authentication {
  spf: AuthResult;
  dkim: AuthResult;
  dmarc: AuthResult;
  arc: AuthResult;
  /** Domain that DKIM or SPF vouches for in alignment with From. */
  alignedDomain?: string;
}
export type AuthResult = 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'temperror' | 'permerror' | 'policy';

/* ---- JMAP extension: capability "https://congvu.vn/jmap/official" ---- */

/** Further properties of Email, on request by name. */
export interface OfficialEmailProperties {
  /** null while a key from outside is being asked for. */
  'congvu:verdict': Verdict | null;
  'congvu:authentication': Authentication | null;
  'congvu:documents': DocumentMark[];
  /** partIds of what the store has lost; looked for only when the message could not be read whole. */
  'congvu:lostParts': string[];
}
/** A registered document that an attachment is, or claims to be. */
export interface DocumentMark {
  documentId: number;
  numberNotation: string;
  subject: string;
  typeName: string;
  urgency: Urgency;
  /** partId of the attachment. */
  partId: string;
  /** same: byte for byte a registered file. different: claims the document but its bytes differ. */
  match: 'same' | 'different';
}

/* ---- /api/v1 ---- */

/** RFC 9457. `code` is stable and translated by the screen. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  /** One entry per bad field or row. */
  errors?: { field?: string; line?: number; code: string; message: string }[];
  retryAfter?: number;
}

/** POST /api/v1/session {address, password} -> Session; GET -> Session | 401; DELETE -> 204. */
export interface Session {
  official: {
    id: number;
    fullName: string;
    address: string;
    title: string | null;
    unitName: string | null;
    unitCode: string | null;
  };
  accounts: {
    accountId: string;
    kind: 'person' | 'unit' | 'title';
    name: string;
    addresses: string[];
    canSend: boolean;
  }[];
  roles: ('system_admin' | 'unit_admin' | 'security_officer')[];
  mustChangePassword: boolean;
  signingKey: { fingerprint: string } | null;
  locale: 'vi' | 'en';
}
/** POST /api/v1/session/password {current, next, endAppPasswords?} -> 204 (problem password.too_weak, password.wrong, password.reused) */

/** GET /api/v1/directory/entries?q=&limit= -> {entries} ; GET /api/v1/directory/entries/:address */
export interface DirectoryEntryView {
  kind: 'person' | 'unit' | 'title';
  address: string;
  name: string;
  title: string | null;
  unitCode: string | null;
  unitName: string | null;
}

/** GET /api/v1/directory/units -> {units} */
export interface UnitView {
  code: string;
  name: string;
  shortName: string;
  abbreviation: string;
  kind: string;
  adminTier: string;
  parentCode: string | null;
  email: string | null;
  place: string;
  validFrom: string;
  validTo: string | null;
}

/** GET /api/v1/signing/key -> OwnKey | 404 ; PUT {publicKey, privateKey, revocation, password?} (armored) -> 200 OwnKey ; problem signing.key_unfit, password.confirm */
export interface OwnKey {
  fingerprint: string;
  createdAt: string;
  publicKey: string;
  /** Armored, encrypted under the signing passphrase. */
  privateKey: string;
}
/** POST /api/v1/signing/key/revoke {reason: "superseded" | "compromised", password?} -> 204 ; problem password.confirm */

/** GET/POST /api/v1/app-passwords -> {appPasswords} / {id, password}; DELETE /api/v1/app-passwords/:id */
export interface AppPasswordView {
  id: number;
  label: string;
  createdAt: string;
  lastUsedAt: string | null;
}

/** GET /api/v1/mail-programs -> MailPrograms; GET /api/v1/mail-programs/apple -> a configuration profile */
export interface MailPrograms {
  hostname: string;
  userName: string;
  services: MailServiceView[];
}
export interface MailServiceView {
  protocol: 'imap' | 'smtp';
  port: number;
  /** tls: from the first octet. */
  security: 'tls' | 'starttls';
}

export type Urgency = 'thuong' | 'khan' | 'thuong_khan' | 'hoa_toc';
export type Direction = 'di' | 'den';

/**
 * GET /api/v1/documents?q=&direction=&unit=&year=&cursor=&limit= -> {documents, nextCursor}
 * GET /api/v1/documents/:id -> DocumentView
 * POST /api/v1/documents DocumentInput -> 201 DocumentView
 * POST /api/v1/documents/:id/files?kind=issued&name=… (body: the bytes, Content-Type theirs) -> 201 DocumentFileView
 * GET  /api/v1/documents/:id/files/:fileId/content -> bytes (attachment, nosniff)
 * GET  /api/v1/documents/:id/correspondence?cursor=&limit= -> {correspondence, nextCursor}
 * GET  /api/v1/registers -> {registers}
 */
export interface DocumentInput {
  /** Code of the unit in whose register it goes; its register of that direction and year is made when missing. */
  unitCode: string;
  direction: Direction;
  /** As printed, "1427/UBND-KGVX"; absent for `di`: the next number is taken from the register with `codeNotation`. */
  numberNotation?: string | undefined;
  codeNotation?: string | undefined;
  typeName: string;
  legalNormative?: boolean | undefined;
  issuerCode: string;
  issuerName?: string | undefined;
  draftingUnitCode?: string | null | undefined;
  place?: string | undefined;
  /** yyyy-mm-dd */
  issuedDate: string;
  subject: string;
  urgency?: Urgency | undefined;
  /** Only "thuong" is accepted: secret documents must not enter (Luật BVBMNN 117/2025). */
  secrecy?: string | undefined;
  signer: { authority?: string | null | undefined; position: string; fullName: string };
  recipientCodes?: string[] | undefined;
  pageAmount?: number | null | undefined;
  dueDate?: string | null | undefined;
  arrivalNumber?: number | null | undefined;
  arrivalDate?: string | null | undefined;
  responseFor?: string | null | undefined;
  externalId?: string | null | undefined;
}
export interface DocumentView {
  id: number;
  direction: Direction;
  unitCode: string;
  unitName: string;
  /** "H99,2026/01/12,05/CT-UBND" */
  identifier: string;
  numberNotation: string;
  typeName: string;
  legalNormative: boolean;
  issuerCode: string;
  issuerName: string;
  draftingUnitCode: string | null;
  place: string;
  issuedDate: string;
  subject: string;
  urgency: Urgency;
  signer: { authority: string | null; position: string; fullName: string };
  recipients: { code: string; name: string | null }[];
  pageAmount: number | null;
  dueDate: string | null;
  arrivalNumber: number | null;
  arrivalDate: string | null;
  responseFor: string | null;
  status: 'draft' | 'issued' | 'recalled';
  externalId: string | null;
  files: DocumentFileView[];
  correspondenceCount: number;
  createdAt: string;
}
/** A row of the register: `DocumentView` without files, with the issued file. */
export interface DocumentRow extends Omit<DocumentView, 'files' | 'recipients'> {
  issuedFile: DocumentFileView | null;
}
export interface DocumentFileView {
  id: number;
  version: number;
  kind: 'draft' | 'issued' | 'attachment';
  name: string;
  type: string;
  size: number;
  sha256: string;
  createdAt: string;
  createdBy: string;
}
export interface CorrespondenceRow {
  id: number;
  at: string;
  from: { name: string; address: string };
  subject: string;
  recipientCount: number;
  recipients: { address: string; name?: string }[];
  match: 'same' | 'different';
  /** Verdict kind of the message; null while it is being checked. */
  verdict: VerdictKind | null;
  /** How many of our mailboxes received it. */
  receivedCount: number;
  /** JMAP ids when the caller may open the message itself. */
  open: { accountId: string; emailId: string } | null;
}
export interface RegisterView {
  unitCode: string;
  unitName: string;
  direction: Direction;
  year: number;
  name: string;
  documentCount: number;
}
