/** Rules of mailbox names and of the tree that they make. */
import { clean } from '../base/text.ts';
import { DomainError } from '../base/errors.ts';
import type { MailboxId } from '../base/ids.ts';
import type { Mailbox, MailboxRole } from './types.ts';

export const MAX_NAME_OCTETS = 200;
export const MAX_DEPTH = 10;
export const MAX_MAILBOXES = 1000;

/** Made with the account, in this order; the names are the ones on the screen (glossary). */
export const roleMailboxes: readonly { role: MailboxRole; name: string; sortOrder: number }[] = [
  { role: 'inbox', name: 'Hộp thư đến', sortOrder: 10 },
  { role: 'drafts', name: 'Thư nháp', sortOrder: 20 },
  { role: 'sent', name: 'Thư đã gửi', sortOrder: 30 },
  { role: 'archive', name: 'Lưu trữ', sortOrder: 40 },
  { role: 'junk', name: 'Thư rác', sortOrder: 50 },
  { role: 'trash', name: 'Thùng rác', sortOrder: 60 },
];

type Node = Pick<Mailbox, 'id' | 'parentId' | 'name'>;

export function mailboxName(name: string, parentId: MailboxId | null): string {
  const invalid = (reason: string) =>
    new DomainError('invalid', 'mail.mailbox_name_invalid', `mailbox name: ${reason}`, { reason });
  const tidy = clean(name);
  const octets = Buffer.byteLength(tidy);
  if (octets === 0 || tidy.trim() === '') throw invalid('empty');
  if (octets > MAX_NAME_OCTETS) throw invalid('too_long');
  // RFC 8621 §2 asks for Net-Unicode (RFC 5198): no control characters, line or paragraph separators.
  if (/[\p{Cc}\u2028\u2029]/u.test(tidy)) throw invalid('control_character');
  // IMAP shows the tree with "/" between the levels; a name that holds one would be two mailboxes there.
  if (tidy.includes('/')) throw invalid('separator');
  // RFC 9051 §5.1: INBOX, in any case, is one mailbox at the top: the one with the role inbox.
  if (parentId === null && tidy.toUpperCase() === 'INBOX') throw invalid('reserved');
  return tidy;
}

/** Checks the place of a new or moved mailbox among the others. */
export function checkPlace(
  all: readonly Node[],
  self: { id: MailboxId | null; parentId: MailboxId | null; name: string },
): void {
  const byId = new Map(all.map((m) => [m.id, m]));
  if (all.some((m) => m.id !== self.id && m.parentId === self.parentId && m.name === self.name)) {
    throw new DomainError('conflict', 'mail.mailbox_exists', 'a mailbox of this name exists there', {
      name: self.name,
    });
  }
  let depth = 1;
  for (let up = self.parentId; up !== null; depth++) {
    if (up === self.id) throw new DomainError('invalid', 'mail.mailbox_loop', 'a mailbox cannot lie below itself');
    const parent = byId.get(up);
    if (!parent) throw new DomainError('invalid', 'mail.mailbox_parent_missing', 'the parent mailbox does not exist');
    up = parent.parentId;
  }
  if (depth + heightBelow(all, self.id) > MAX_DEPTH) {
    throw new DomainError('overLimit', 'mail.mailbox_too_deep', `mailboxes nest at most ${MAX_DEPTH} levels`, {
      max: MAX_DEPTH,
    });
  }
}

function heightBelow(all: readonly Node[], id: MailboxId | null): number {
  if (id === null) return 0;
  let height = 0;
  for (let level = new Set([id]); ; height++) {
    level = new Set(all.filter((m) => m.parentId !== null && level.has(m.parentId)).map((m) => m.id));
    if (level.size === 0) return height;
  }
}
