/** The store as a few maps: what must come out, said as simply as possible. */
import type { EmailId, MailboxId, ThreadId } from '../../base/ids.ts';
import { random as seeded } from '../../base/testing/random.ts';

export interface ModelEmail {
  id: EmailId;
  threadId: ThreadId;
  size: number;
  receivedAt: number;
  keywords: string[];
}
export interface ModelPlace {
  emailId: EmailId;
  deleted: boolean;
}
export interface ModelMailbox {
  id: MailboxId;
  parentId: MailboxId | null;
  name: string;
  role: string | null;
  uidNext: number;
  places: Map<number, ModelPlace>;
}

export class Model {
  mailboxes = new Map<MailboxId, ModelMailbox>();
  emails = new Map<EmailId, ModelEmail>();
  /** Message-ID and subject -> threads that know it. */
  refs = new Map<string, Set<ThreadId>>();
  nextEmail = 1;
  nextThread = 1;

  clone(): Model {
    return Object.assign(new Model(), structuredClone({ ...this }));
  }

  mailbox(id: MailboxId): ModelMailbox {
    const found = this.mailboxes.get(id);
    if (!found) throw new Error(`the model has no mailbox ${id}`);
    return found;
  }
  email(id: EmailId): ModelEmail {
    const found = this.emails.get(id);
    if (!found) throw new Error(`the model has no email ${id}`);
    return found;
  }

  place(mailboxId: MailboxId, emailId: EmailId): number {
    const mailbox = this.mailbox(mailboxId);
    const uid = mailbox.uidNext++;
    mailbox.places.set(uid, { emailId, deleted: false });
    return uid;
  }

  append(mailboxIds: MailboxId[], email: Omit<ModelEmail, 'id' | 'threadId'>, refs: string[]): ModelEmail {
    const known = refs.flatMap((ref) => [...(this.refs.get(ref) ?? [])]);
    const threadId = (known.length > 0 ? Math.min(...known) : this.nextThread++) as ThreadId;
    for (const ref of refs) this.refs.set(ref, new Set([...(this.refs.get(ref) ?? []), threadId]));
    return this.add(mailboxIds, { ...email, threadId });
  }

  add(mailboxIds: MailboxId[], email: Omit<ModelEmail, 'id'>): ModelEmail {
    const made = { ...email, id: this.nextEmail++ as EmailId };
    this.emails.set(made.id, made);
    for (const id of mailboxIds) this.place(id, made.id);
    return made;
  }

  placesOf(emailId: EmailId): { mailboxId: MailboxId; uid: number }[] {
    const found: { mailboxId: MailboxId; uid: number }[] = [];
    for (const mailbox of this.mailboxes.values()) {
      for (const [uid, place] of mailbox.places)
        if (place.emailId === emailId) found.push({ mailboxId: mailbox.id, uid });
    }
    return found;
  }

  /** Emails without a place are gone, threads without an email too. */
  settle(): void {
    for (const id of this.emails.keys()) if (this.placesOf(id).length === 0) this.emails.delete(id);
    const alive = new Set([...this.emails.values()].map((e) => e.threadId));
    for (const [ref, threads] of this.refs) {
      for (const threadId of threads) if (!alive.has(threadId)) threads.delete(threadId);
      if (threads.size === 0) this.refs.delete(ref);
    }
  }

  threads(): Map<ThreadId, EmailId[]> {
    const found = new Map<ThreadId, EmailId[]>();
    const inOrder = [...this.emails.values()].sort((a, b) => a.receivedAt - b.receivedAt || a.id - b.id);
    for (const { id, threadId } of inOrder) found.set(threadId, [...(found.get(threadId) ?? []), id]);
    return found;
  }

  counts(mailbox: ModelMailbox): { totalEmails: number; unreadEmails: number; totalBytes: number } {
    const emails = [...mailbox.places.values()].map((p) => this.email(p.emailId));
    const unread = emails.filter((e) => !e.keywords.includes('$seen') && !e.keywords.includes('$draft'));
    return {
      totalEmails: emails.length,
      unreadEmails: unread.length,
      totalBytes: emails.reduce((sum, e) => sum + e.size, 0),
    };
  }
}

/** Random numbers that a seed repeats, and choices from lists that may be empty. */
export function random(seed: number) {
  const { next, int, chance } = seeded(seed);
  return {
    below: int,
    chance,
    pick: <T>(list: readonly T[]): T | undefined => list[int(list.length)],
    some: <T>(list: readonly T[], p = 0.3): T[] => list.filter(() => next() < p),
  };
}
export type Random = ReturnType<typeof random>;
