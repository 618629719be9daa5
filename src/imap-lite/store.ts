/** What the commands ask of the mail store, and nothing more. One per signed-in user; store/ makes it from the mailstore. */
import type { AccountId, BlobHash, MailboxId, ModSeq, OfficialId } from '../base/ids.ts';
import type { Item, SeriesChunk } from '../blobs/blob-store.ts';
import type {
  FetchNeeds,
  FetchRow,
  Heading,
  HeadingNeeds,
  Mailbox,
  MailboxRole,
  Placed,
  PlacedDetail,
  PlacedFlags,
  PlacedModseq,
  PlacePick,
  PreparedMessage,
  TextKey,
} from '../mailstore/types.ts';
import type { Recents } from './recent.ts';
import type { KeptColumns } from './sort/columns.ts';
import type { Uids } from './uids.ts';

export interface MailboxRef {
  readonly accountId: AccountId;
  readonly mailboxId: MailboxId;
}

/** A name in the tree. Without `ref` it is only a place above others (\Noselect). */
export interface NamedMailbox {
  /** NFC, "/" between the levels. */
  readonly name: string;
  readonly ref?: MailboxRef;
  readonly mailbox?: Mailbox;
  /** Special use; never told of another's mailboxes, or clients would file sent mail there. */
  readonly role: MailboxRole | null;
  readonly subscribed: boolean;
  readonly hasChildren: boolean;
}

/** One of them, asked for by its name: what lies below it was not looked at. */
export type FoundMailbox = Omit<NamedMailbox, 'hasChildren'>;

export interface Flags {
  /** Lower case, "$seen"; see flags.ts. */
  keywords: readonly string[];
  deleted: boolean;
}
export interface NewMessage {
  bytes: Uint8Array;
  flags: Flags;
  receivedAt: number | undefined;
}
export interface ReadyMessage {
  readonly from: NewMessage;
  readonly message: PreparedMessage;
}
export interface FlagChange extends Flags {
  mode: 'set' | 'add' | 'remove';
  /** RFC 7162 §3.1.3. */
  unchangedSince?: number;
}
export interface FlagResult {
  /** As they are now, in UID order. */
  rows: Placed[];
  /** The same as they were. */
  before: readonly Placed[];
  /** Failed UNCHANGEDSINCE. */
  modified: number[];
  /** Of this change; undefined: everything was so before. */
  mark: ModSeq | undefined;
}
export interface Transferred {
  uidValidity: number;
  /** In UID order of the source. */
  pairs: { uid: number; newUid: number }[];
}

export type Tell = (done: number) => Promise<void>;

export interface ImapStore {
  readonly officialId: OfficialId;
  /** The user's own account. */
  readonly accountId: AccountId;
  /** Name prefix of other accounts, ending in "/". */
  readonly sharedPrefix: string;
  hasShared(): Promise<boolean>;
  /** All that the user may open. */
  accounts(): Promise<AccountId[]>;
  mailboxes(): Promise<NamedMailbox[]>;
  find(name: string): Promise<FoundMailbox | undefined>;
  /** Makes missing levels above too. Only the own account has special uses. */
  create(name: string, role?: MailboxRole): Promise<MailboxRef>;
  remove(name: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  subscribe(name: string, subscribed: boolean): Promise<void>;
  /** Rights of RFC 4314 that the user has in every mailbox of this account. */
  rights(accountId: AccountId): Promise<string>;
  /** Everyone who has rights in it, by address. */
  acl(accountId: AccountId): Promise<{ identifier: string; rights: string }[]>;
  /** False when the user or the right to this account is gone. */
  mayUse(accountId: AccountId): Promise<boolean>;

  /** Who heard first of what, over all connections. */
  readonly recents: Recents;
  /** What mailboxes were put in order by, over all connections. */
  readonly columns: KeptColumns;
  mailbox(ref: MailboxRef): Promise<Mailbox | undefined>;
  /** Messages marked \Deleted, and their octets. */
  deleted(ref: MailboxRef): Promise<{ count: number; bytes: number }>;
  /** Octets that an account uses and may use. */
  quota(accountId: AccountId): Promise<{ used: number; limit: number }>;
  /** UIDs of the mailbox at its highest mod-sequence; some that went since may be missing already. */
  picture(ref: MailboxRef, mailbox: Mailbox): Promise<Uids>;
  /** What a connection knows of that moment. @returns the same, shared with other connections where possible. */
  remember(ref: MailboxRef, mailbox: Mailbox, uids: Uids): Uids;
  uids(ref: MailboxRef, pick?: PlacePick): Promise<Uids>;
  /** The first UID without \Seen, looked for among the first messages only. */
  firstUnseen(ref: MailboxRef): Promise<number | undefined>;
  /** Keywords beside the usual ones that messages of this account have. */
  keywords(accountId: AccountId): Promise<string[]>;
  placed(ref: MailboxRef, pick?: PlacePick): Promise<Placed[]>;
  flags(ref: MailboxRef, pick?: PlacePick): Promise<PlacedFlags[]>;
  modseqs(ref: MailboxRef, pick?: PlacePick): Promise<PlacedModseq[]>;
  fetchRows(ref: MailboxRef, pick: PlacePick, needs: FetchNeeds): Promise<FetchRow[]>;
  details(ref: MailboxRef, uids: ArrayLike<number>): Promise<PlacedDetail[]>;
  /** In UID order; what is asked of `summary` (addresses, references) is the dear part. */
  headings(ref: MailboxRef, pick: PlacePick, needs: HeadingNeeds): Promise<Heading[]>;
  /** Of these messages; 0 when there is none. */
  highestModseq(ref: MailboxRef, pick: PlacePick): Promise<ModSeq>;
  /** UIDs that left after `since`; undefined when the log does not reach back so far. */
  expungedSince(ref: MailboxRef, since: ModSeq): Promise<number[] | undefined>;
  /** UIDs. `tell` hears now and then how many messages were looked at. */
  withText(ref: MailboxRef, key: TextKey, tell: Tell): Promise<number[]>;
  bytes(hash: BlobHash, start: number, end: number): Promise<Uint8Array>;
  /** The same in small pieces, each read when it is asked for. */
  pieces(hash: BlobHash, start: number, end: number): AsyncIterable<Uint8Array>;
  /** Whole messages one after the other, with what stands around them; see BlobStore. */
  series(items: readonly Item[]): AsyncIterable<SeriesChunk>;
  onChange(accountId: AccountId, listener: () => void): () => void;

  /** `file` may be asked. */
  readonly files: boolean;
  /** False: messages for this mailbox have to be stored at once. */
  mayFile(to: FoundMailbox): Promise<boolean>;
  /** It is durable and will be there when somebody looks. Undefined: it has to be stored at once. */
  file(to: { ref: MailboxRef }, message: NewMessage): Promise<{ uids: number[]; uidValidity: number } | undefined>;
  /** Mail for this account that was taken before is in its mailboxes. */
  settled(accountId: AccountId): Promise<void>;
  /** What an APPEND costs beside the change itself; changes nothing. */
  prepare(messages: readonly NewMessage[]): Promise<ReadyMessage[]>;
  /** All or none; UIDs in the order given. */
  append(
    to: Pick<FoundMailbox, 'mailbox'> & { ref: MailboxRef },
    messages: readonly ReadyMessage[],
  ): Promise<{ uids: number[]; uidValidity: number }>;
  changeFlags(ref: MailboxRef, pick: PlacePick, change: FlagChange): Promise<FlagResult>;
  expunge(ref: MailboxRef, uids?: Uids): Promise<void>;
  /** `tell` hears, before anything changes, how many messages are prepared for another account. */
  copy(from: MailboxRef, uids: Uids, to: MailboxRef, tell: Tell): Promise<Transferred>;
  move(from: MailboxRef, uids: Uids, to: MailboxRef, tell: Tell): Promise<Transferred>;
}
