/** Where one is in the mail: the address bar says it, so that back, reload and links work. */
import type { EmailCondition, Id, Mailbox, Role } from '../../lib/jmap/types.ts';
import type { Query } from '../../lib/jmap/requests.ts';

export const STARRED = 'starred';
export type Pill = 'all' | 'unread' | 'documents' | 'signed';
export const pills: readonly Pill[] = ['all', 'unread', 'documents', 'signed'];

export interface Place {
  accountId: Id;
  /** A mailbox id, or STARRED. */
  mailboxId: Id;
  emailId: Id | undefined;
  pill: Pill;
  /** Searched text; '' shows the mailbox. */
  q: string;
}

export function placePath(place: Pick<Place, 'accountId' | 'mailboxId'> & Partial<Place>): string {
  const path = ['/mail', place.accountId, place.mailboxId, place.emailId]
    .filter(Boolean)
    .map((part, at) => (at ? encodeURIComponent(String(part)) : part))
    .join('/');
  const query = new URLSearchParams();
  if (place.q) query.set('q', place.q);
  if (place.pill && place.pill !== 'all') query.set('f', place.pill);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

const pillFilter: Record<Pill, EmailCondition> = {
  all: {},
  unread: { notKeyword: '$seen' },
  documents: { 'congvu:hasDocument': true },
  signed: { 'congvu:isSigned': true },
};

export function placeQuery(place: Place, mailboxes: ReadonlyMap<Id, Mailbox>): Query {
  const { accountId } = place;
  const pill = pillFilter[place.pill];
  if (place.q) {
    const hidden = [...mailboxes.values()]
      .filter(({ role }) => role === 'trash' || role === 'junk')
      .map(({ id }) => id);
    const filter: EmailCondition = {
      text: place.q,
      ...pill,
      ...(hidden.length > 0 ? { inMailboxOtherThan: hidden } : {}),
    };
    return { accountId, filter, collapseThreads: false };
  }
  if (place.mailboxId === STARRED)
    return { accountId, filter: { hasKeyword: '$flagged', ...pill }, collapseThreads: false };
  const role = mailboxes.get(place.mailboxId)?.role;
  // A draft is one message, also when it answers a thread.
  return { accountId, filter: { inMailbox: place.mailboxId, ...pill }, collapseThreads: role !== 'drafts' };
}

const roleOrder: (Role | null)[] = ['inbox', 'sent', 'drafts', 'archive', 'junk', 'trash', null];
export function sortMailboxes(mailboxes: Iterable<Mailbox>): Mailbox[] {
  const collator = new Intl.Collator('vi');
  return [...mailboxes].sort(
    (a, b) =>
      roleOrder.indexOf(a.role) - roleOrder.indexOf(b.role) ||
      a.sortOrder - b.sortOrder ||
      collator.compare(a.name, b.name),
  );
}
export interface Placed {
  mailbox: Mailbox;
  depth: number;
  /** With those above it: "Dự án / Đường tỉnh 174". */
  path: readonly Mailbox[];
}

/** Every folder right below the one it lies in; one whose parent is not known stands at the top. */
export function mailboxTree(mailboxes: Iterable<Mailbox>): Placed[] {
  const sorted = sortMailboxes(mailboxes);
  const known = new Set(sorted.map(({ id }) => id));
  const below = (parentId: Id | null, above: readonly Mailbox[]): Placed[] =>
    sorted
      .filter((one) => (one.parentId !== null && known.has(one.parentId) ? one.parentId : null) === parentId)
      .flatMap((mailbox) => {
        const path = [...above, mailbox];
        return [{ mailbox, depth: above.length, path }, ...below(mailbox.id, path)];
      });
  return below(null, []);
}
export function byRole(mailboxes: ReadonlyMap<Id, Mailbox>, role: Role): Mailbox | undefined {
  for (const mailbox of mailboxes.values()) if (mailbox.role === role) return mailbox;
  return undefined;
}
