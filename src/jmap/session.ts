/** The session resource (RFC 8620 §2) and what it promises of mail and submission (RFC 8621 §1.3). */
import { sha256Text } from '../base/bytes.ts';
import type { AccessibleAccount } from '../directory/types.ts';
import { capabilities } from './capabilities.ts';
import { emailSorts } from './email/filter.ts';
import { accountIds } from '../base/object-ids.ts';
import type { JmapSettings } from './settings.ts';

export interface SessionInput {
  accounts: readonly AccessibleAccount[];
  username: string;
  /** scheme://host[:port] */
  origin: string;
}

export function sessionOf(
  settings: JmapSettings,
  { accounts, username, origin }: SessionInput,
): Record<string, unknown> {
  const own = accounts.find((a) => a.kind === 'person');
  const primary =
    own === undefined
      ? {}
      : Object.fromEntries(
          [capabilities.mail, capabilities.submission, capabilities.official].map((name) => [
            name,
            accountIds.print(own.accountId),
          ]),
        );
  return {
    capabilities: {
      [capabilities.core]: {
        maxSizeUpload: settings.maxSizeUpload,
        maxConcurrentUpload: settings.maxConcurrentUpload,
        maxSizeRequest: settings.maxSizeRequest,
        maxConcurrentRequests: settings.maxConcurrentRequests,
        maxCallsInRequest: settings.maxCallsInRequest,
        maxObjectsInGet: settings.maxObjectsInGet,
        maxObjectsInSet: settings.maxObjectsInSet,
        collationAlgorithms: [],
      },
      [capabilities.mail]: {},
      [capabilities.submission]: {},
      [capabilities.official]: {},
    },
    accounts: Object.fromEntries(
      accounts.map((account) => [accountIds.print(account.accountId), presentAccount(settings, account)]),
    ),
    primaryAccounts: primary,
    username,
    apiUrl: `${origin}/jmap/api`,
    downloadUrl: `${origin}/jmap/download/{accountId}/{blobId}/{name}?type={type}`,
    uploadUrl: `${origin}/jmap/upload/{accountId}`,
    eventSourceUrl: `${origin}/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}`,
    state: sessionState(accounts),
  };
}

function presentAccount(settings: JmapSettings, account: AccessibleAccount): Record<string, unknown> {
  return {
    name: account.kind === 'person' ? (account.addresses[0] ?? account.name) : account.name,
    isPersonal: account.kind === 'person',
    isReadOnly: false,
    accountCapabilities: {
      [capabilities.mail]: {
        maxMailboxesPerEmail: settings.maxMailboxesPerEmail,
        maxMailboxDepth: settings.maxMailboxDepth,
        maxSizeMailboxName: settings.maxSizeMailboxName,
        maxSizeAttachmentsPerEmail: settings.maxSizeAttachmentsPerEmail,
        emailQuerySortOptions: emailSorts,
        mayCreateTopLevelMailbox: true,
      },
      // RFC 8620 §2: an account has only the capabilities whose methods it supports.
      ...(account.canSend
        ? { [capabilities.submission]: { maxDelayedSend: 0, submissionExtensions: { DSN: [], SMTPUTF8: [] } } }
        : {}),
      [capabilities.official]: {},
    },
  };
}

/** Changes with anything that the session says about the accounts. */
export function sessionState(accounts: readonly AccessibleAccount[]): string {
  return sha256Text(JSON.stringify(accounts)).slice(0, 24);
}
