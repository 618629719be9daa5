/** What every JMAP method is given. */
import type { AccountId } from '../base/ids.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Delivery, QueueRow } from '../delivery/types.ts';
import type { AccessibleAccount, Directory, Principal } from '../directory/types.ts';
import type { Documents } from '../documents/types.ts';
import type { AccountReader, Mailstore, PreparedMessage } from '../mailstore/types.ts';
import { MethodError } from './core/errors.ts';
import { accountIds } from '../base/object-ids.ts';
import { capabilities } from './capabilities.ts';
import type { JmapSettings } from './settings.ts';

export type OfficialPrincipal = Extract<Principal, { kind: 'official' }>;
export type QueueState = Pick<QueueRow, 'recipient' | 'state' | 'lastReply'>;

export interface JmapParts {
  mailstore: Mailstore;
  directory: Pick<Directory, 'accessibleAccounts' | 'maySendAs' | 'official'>;
  delivery: Pick<Delivery, 'checkRecipient' | 'send'>;
  documents: Pick<Documents, 'marks' | 'sentMarks'>;
  blobs: Pick<BlobStore, 'read' | 'readRange' | 'stage'>;
  clock: Clock;
  log: Log;
  settings: JmapSettings;
  /** Who asks; undefined: nobody we know. Also guards against other sites' requests when a cookie names the official. */
  authenticate(request: Request): Promise<OfficialPrincipal | undefined>;
  /** What became of the recipients outside (deliveryStatus); absent: unknown. */
  queueStatus?: (outboundId: number) => Promise<readonly QueueState[]>;
  /** Undefined: all mail that was taken for these accounts is in its mailboxes; otherwise it is when this resolves. */
  settled?: (accounts: readonly AccountId[]) => Promise<void> | undefined;
  /** The verdict of a message that enters by import or as a draft, so that the sender sees it too. */
  verdictOf?: (message: PreparedMessage, bytes: Uint8Array) => Promise<unknown>;
}

export interface MethodContext extends JmapParts {
  readonly principal: OfficialPrincipal;
  readonly using: ReadonlySet<string>;
  /** Creation id -> id, over the whole request (RFC 8620 §3.3). */
  readonly createdIds: Map<string, string>;
  accounts(): Promise<readonly AccessibleAccount[]>;
  /** A further response under the same call id (RFC 8620 §3.4), after the method's own. */
  alsoRespond(name: string, args: Record<string, unknown>): void;
}

export interface Method {
  capability: string;
  run(args: Record<string, unknown>, context: MethodContext): Promise<Record<string, unknown>>;
}

export interface OpenAccount {
  id: AccountId;
  info: AccessibleAccount;
  reader: AccountReader;
}

/** The account an argument names. @throws MethodError accountNotFound, also for an account that exists but is another's */
export async function openAccount(context: MethodContext, accountId: string): Promise<OpenAccount> {
  const id = accountIds.parse(accountId);
  const info = id === undefined ? undefined : (await context.accounts()).find((a) => a.accountId === id);
  if (id === undefined || !info) throw new MethodError('accountNotFound');
  return { id, info, reader: context.mailstore.read(id) };
}

/** RFC 8620 §3.6.2: the account is there, but nothing may be sent from it. */
export async function openSendingAccount(context: MethodContext, accountId: string): Promise<OpenAccount> {
  const account = await openAccount(context, accountId);
  if (!account.info.canSend) throw new MethodError('accountNotSupportedByMethod');
  return account;
}

export const knowsOfficial = (context: MethodContext): boolean => context.using.has(capabilities.official);
