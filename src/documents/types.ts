import type { AccountId, BlobHash, DocumentId, EmailId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { Principal } from '../directory/types.ts';
import type { AttachmentInfo, Summary } from '../message/types.ts';
import type {
  CorrespondenceRow,
  DocumentFileView,
  DocumentInput,
  DocumentMark,
  DocumentRow,
  DocumentView,
  RegisterView,
  Direction,
} from '../base/api-types.ts';

export interface Page<T> {
  rows: T[];
  nextCursor: string | null;
}

/** Registers, documents, correspondence. Every call checks what the principal may do. */
export interface Documents {
  create(principal: Principal, input: DocumentInput): Promise<DocumentView>;
  get(principal: Principal, id: DocumentId): Promise<DocumentView>;
  search(
    principal: Principal,
    query: { q?: string; direction?: Direction; unitCode?: string; year?: number; cursor?: string; limit?: number },
  ): Promise<Page<DocumentRow>>;
  registers(principal: Principal): Promise<RegisterView[]>;
  addFile(
    principal: Principal,
    id: DocumentId,
    file: { kind: 'draft' | 'issued' | 'attachment'; name: string; type: string; bytes: Uint8Array },
  ): Promise<DocumentFileView>;
  fileContent(
    principal: Principal,
    id: DocumentId,
    fileId: number,
  ): Promise<{ file: DocumentFileView; bytes: Uint8Array }>;
  correspondence(
    principal: Principal,
    id: DocumentId,
    page: { cursor?: string; limit?: number },
  ): Promise<Page<CorrespondenceRow>>;

  /**
   * What registered documents the attachments are, by hash, or claim to be, by the identifier in their own part, or by name or
   * number. Reads only; before the unit of work that stores the message.
   */
  recognise(message: { summary: Summary; attachments: readonly AttachmentInfo[] }): Promise<RecognisedDocument[]>;
  /** In the unit of work that delivers: rows of the correspondence, and webhook jobs. Idempotent per (message, account, role). */
  link(
    tx: Tx,
    message: { hash: BlobHash; summary: Summary; recognised: readonly RecognisedDocument[] },
    deliveries: readonly { accountId: AccountId; emailId: EmailId; role: 'sent' | 'received'; at: number }[],
  ): Promise<void>;
  /** What to show beside an email. */
  marks(hashes: readonly BlobHash[]): Promise<Map<BlobHash, DocumentMark[]>>;
  /** The same for the sender's own copies: with a Bcc field their bytes are not those that travelled. */
  sentMarks(accountId: AccountId, emailIds: readonly EmailId[]): Promise<Map<EmailId, DocumentMark[]>>;
  /** Whether this principal may attach this file by its hash. */
  referenced(hashes: BlobHash[]): Promise<Set<BlobHash>>;

  createWebhook(
    principal: Principal,
    input: { url: string; events: string[] },
  ): Promise<{ id: number; secret: string }>;
  webhooks(principal: Principal): Promise<{ id: number; url: string; events: string[]; active: boolean }[]>;
  deleteWebhook(principal: Principal, id: number): Promise<void>;
}

export interface RecognisedDocument {
  documentId: DocumentId;
  fileId: number | null;
  part: string;
  contentHash: BlobHash;
  match: 'same' | 'different';
}
