/**
 * Mailbox names as IMAP shows them: the own account at the top, its inbox as INBOX (RFC 9051 §5.1); each unit or title
 * mailbox under "Hộp thư đơn vị/<its name>/". Pure functions.
 */
import type { AccountId, MailboxId } from '../../base/ids.ts';
import { compareVietnamese } from '../../base/text.ts';
import type { AccessibleAccount } from '../../directory/types.ts';
import type { Mailbox } from '../../mailstore/types.ts';
import type { NamedMailbox } from '../store.ts';

export const SHARED_ROOT = 'Hộp thư đơn vị';
export const SHARED_PREFIX = `${SHARED_ROOT}/`;

export interface AccountTree {
  accountId: AccountId;
  /** "" for the own account, else "Hộp thư đơn vị/<name>/". */
  prefix: string;
  mailboxes: readonly Mailbox[];
}

/** Names of accounts below the shared root: one level each, all different. */
export function sharedNames(accounts: readonly AccessibleAccount[]): Map<AccountId, string> {
  const names = new Map<AccountId, string>();
  const taken = new Set<string>();
  for (const { accountId, name, addresses } of accounts) {
    const plain = levelName(name);
    const unique = taken.has(plain) ? levelName(`${name} (${addresses[0] ?? accountId})`) : plain;
    taken.add(unique);
    names.set(accountId, unique);
  }
  return names;
}

/** "/" would make two levels of one name. */
const levelName = (name: string): string =>
  name
    .normalize('NFC')
    .replaceAll('/', '∕')
    .replace(/[\p{Cc}%*]/gu, ' ')
    .trim() || '-';

export function namesOf(trees: readonly AccountTree[]): NamedMailbox[] {
  const out: NamedMailbox[] = [];
  for (const tree of trees) {
    if (tree.prefix !== '' && !out.some((m) => m.name === SHARED_ROOT)) out.push(placeholder(SHARED_ROOT));
    if (tree.prefix !== '') out.push(placeholder(tree.prefix.slice(0, -1)));
    out.push(...accountNames(tree));
  }
  return out;
}

const placeholder = (name: string): NamedMailbox => ({ name, role: null, subscribed: false, hasChildren: true });

const LAST = 1e9;

function accountNames({ accountId, prefix, mailboxes }: AccountTree): NamedMailbox[] {
  const byId = new Map(mailboxes.map((m) => [m.id, m]));
  const parents = new Set(mailboxes.map((m) => m.parentId));
  const named = mailboxes.map((mailbox): NamedMailbox => ({
    name: prefix + nameOf(mailbox, byId, prefix === ''),
    ref: { accountId, mailboxId: mailbox.id },
    mailbox,
    role: prefix === '' ? mailbox.role : null,
    subscribed: mailbox.isSubscribed,
    hasChildren: parents.has(mailbox.id),
  }));
  // Those with a use first, INBOX at their head; the others by name.
  const order = ({ mailbox }: NamedMailbox): number => (mailbox?.sortOrder ?? 0) + (mailbox?.role ? 0 : LAST);
  return named.sort((a, b) => order(a) - order(b) || compareVietnamese(a.name, b.name));
}

function nameOf(mailbox: Mailbox, byId: ReadonlyMap<MailboxId, Mailbox>, own: boolean): string {
  const levels: string[] = [];
  const seen = new Set<MailboxId>();
  for (
    let at: Mailbox | undefined = mailbox;
    at && !seen.has(at.id);
    at = at.parentId === null ? undefined : byId.get(at.parentId)
  ) {
    seen.add(at.id);
    levels.unshift(own && at.role === 'inbox' && at.parentId === null ? 'INBOX' : at.name);
  }
  return levels.join('/');
}

/** INBOX in any case is INBOX, alone or above others. */
export const canonical = (name: string): string => name.normalize('NFC').replace(/^inbox(?=$|\/)/i, 'INBOX');
