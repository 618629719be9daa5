/** Clients that follow the store by its changes alone: one as JMAP does it, one as IMAP with CONDSTORE and QRESYNC. */
import type { EmailId, MailboxId, ModSeq, ThreadId } from '../../base/ids.ts';
import { isDomainError } from '../../base/errors.ts';
import type { ChangeType } from '../../db/tables/mail.ts';
import type { AccountReader, Email, Mailbox } from '../types.ts';
import type { Random } from './model.ts';

type Followed = Extract<ChangeType, 'Mailbox' | 'Email' | 'Thread'>;

export class JmapReplica {
  states: Record<Followed, ModSeq> = { Mailbox: 0 as ModSeq, Email: 0 as ModSeq, Thread: 0 as ModSeq };
  mailboxes = new Map<MailboxId, Mailbox>();
  emails = new Map<EmailId, Email>();
  threads = new Map<ThreadId, EmailId[]>();
  restarts = 0;
  /** What a beginning anew took in may be younger than the state that it was given: up to here it may be told again. */
  private ahead: Record<Followed, ModSeq> = { ...this.states };

  async sync(reader: AccountReader, random: Random): Promise<void> {
    for (const type of ['Mailbox', 'Email', 'Thread'] as const) await this.follow(reader, type, random);
  }

  private async follow(reader: AccountReader, type: Followed, random: Random): Promise<void> {
    for (let more = true; more;) {
      const max = random.chance(0.5) ? undefined : 5 + random.below(60);
      const changes = await reader.changes(type, this.states[type], max).catch((error: unknown) => {
        if (isDomainError(error, 'mail.cannot_calculate_changes')) return undefined;
        throw error;
      });
      if (!changes) return this.restart(reader, type);
      const { created, updated, destroyed } = changes;
      if (max !== undefined && created.length + updated.length + destroyed.length > max)
        throw new Error('more than maxChanges');
      const isAhead = this.states[type] < this.ahead[type];
      for (const id of created)
        if (!isAhead && this.objects(type).has(id)) throw new Error(`${type} ${id} is created twice`);
      const put = await this.fetch(reader, type, [...created, ...updated], new Set(changes.onlyCounts ? updated : []));
      put();
      for (const id of destroyed) this.objects(type).delete(id);
      this.states[type] = changes.newState;
      more = changes.hasMoreChanges;
    }
  }

  private async restart(reader: AccountReader, type: Followed): Promise<void> {
    this.restarts++;
    const state = await reader.state(type);
    const emails = await reader.emails(await reader.query({}));
    const ids = {
      Mailbox: (await reader.mailboxes()).map((m) => m.id),
      Email: emails.map((e) => e.id),
      Thread: emails.map((e) => e.threadId),
    };
    const put = await this.fetch(reader, type, ids[type], new Set());
    this.ahead[type] = (await reader.info()).modseq;
    this.objects(type).clear();
    put();
    this.states[type] = state;
  }

  private objects(type: Followed): Map<number, unknown> {
    return { Mailbox: this.mailboxes, Email: this.emails, Thread: this.threads }[type];
  }

  /** @returns what takes it in: all or, when the store does not answer in the middle, nothing */
  private async fetch(
    reader: AccountReader,
    type: Followed,
    ids: number[],
    countsOnly: Set<number>,
  ): Promise<() => void> {
    if (type === 'Email') {
      const emails = await reader.emails(ids as EmailId[]);
      return () => emails.forEach((email) => this.emails.set(email.id, email));
    }
    if (type === 'Thread') {
      const threads = await reader.threads(ids as ThreadId[]);
      return () => threads.forEach((emails, id) => this.threads.set(id, emails));
    }
    const mailboxes: Mailbox[] = [];
    for (const id of ids as MailboxId[]) mailboxes.push(...[(await reader.mailbox(id)) ?? []].flat());
    return () => {
      for (const mailbox of mailboxes) {
        const known = this.mailboxes.get(mailbox.id);
        const { id, totalEmails, unreadEmails } = mailbox;
        this.mailboxes.set(id, countsOnly.has(id) && known ? { ...known, totalEmails, unreadEmails } : mailbox);
      }
    };
  }
}

/** RFC 7162: flags since a mod-sequence, and what vanished. */
export class ImapReplica {
  seen = new Map<
    MailboxId,
    { modseq: ModSeq; places: Map<number, { emailId: EmailId; keywords: string[]; deleted: boolean }> }
  >();

  async sync(reader: AccountReader): Promise<void> {
    const mailboxes = await reader.mailboxes();
    for (const id of this.seen.keys()) if (!mailboxes.some((m) => m.id === id)) this.seen.delete(id);
    for (const { id, highestModseq } of mailboxes) {
      const known = this.seen.get(id) ?? { modseq: 0 as ModSeq, places: new Map() };
      this.seen.set(id, known);
      if (highestModseq === known.modseq) continue;
      await this.vanish(reader, id, known.modseq);
      for (const { uid, emailId, keywords, deleted } of await reader.placed(id, { changedSince: known.modseq })) {
        known.places.set(uid, { emailId, keywords, deleted });
      }
      known.modseq = highestModseq;
    }
  }

  private async vanish(reader: AccountReader, id: MailboxId, since: ModSeq): Promise<void> {
    const known = this.seen.get(id);
    try {
      for (const { uid } of await reader.expungedSince(id, since)) known?.places.delete(uid);
    } catch (error) {
      if (!isDomainError(error, 'mail.cannot_calculate_changes')) throw error;
      const there = new Set((await reader.placed(id)).map((p) => p.uid));
      for (const uid of known?.places.keys() ?? []) if (!there.has(uid)) known?.places.delete(uid);
    }
  }
}
