/** Branded ids: a mailbox id is no email id, though both are integers within their account. */
declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

export type AccountId = Brand<number, 'AccountId'>;
export type MailboxId = Brand<number, 'MailboxId'>;
export type EmailId = Brand<number, 'EmailId'>;
export type ThreadId = Brand<number, 'ThreadId'>;
export type SubmissionId = Brand<number, 'SubmissionId'>;
export type OfficialId = Brand<number, 'OfficialId'>;
export type UnitId = Brand<number, 'UnitId'>;
export type DocumentId = Brand<number, 'DocumentId'>;
/** SHA-256 of the bytes, 64 lower-case hex digits. */
export type BlobHash = Brand<string, 'BlobHash'>;
/** Position in an account's change log; grows with every committed change. */
export type ModSeq = Brand<number, 'ModSeq'>;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Millis = number;
