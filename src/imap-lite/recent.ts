/**
 * \Recent (RFC 3501 §2.3.2): the messages of which a session is the first to hear. A message is claimed once, by the session that
 * opened the mailbox for writing and is told of it; EXAMINE claims nothing. Claims count at once in this process and reach the
 * database when the mailbox is left, so that neither opening it nor news in IDLE waits for a write; after a crash, and where
 * several processes serve one mailbox, a message may be recent twice, which the RFC allows.
 */
import type { Log } from '../base/log.ts';
import type { Mailbox, Mailstore } from '../mailstore/types.ts';
import type { MailboxRef } from './store.ts';
import { firstAtLeast, type Uids } from './uids.ts';

type At = Pick<Mailbox, 'recentUid' | 'uidValidity'>;

/** One for all connections of a server. */
export class Recents {
  /** The first UID of which nobody was told, where it is more than the database says. */
  private readonly claimed = new Map<string, number>();
  private readonly mailstore: Mailstore;
  private readonly log: Log;

  constructor({ mailstore, log }: { mailstore: Mailstore; log: Log }) {
    this.mailstore = mailstore;
    this.log = log;
  }

  first(ref: MailboxRef, at: At): number {
    return Math.max(this.claimed.get(key(ref, at)) ?? 1, at.recentUid);
  }

  /** @returns the first UID of the claim; what lies between it and `below` is the caller's. */
  claim(ref: MailboxRef, at: At, below: number): number {
    const first = this.first(ref, at);
    if (below > first) this.claimed.set(key(ref, at), below);
    return first;
  }

  /** Makes the claims of a mailbox last. */
  keep(ref: MailboxRef, at: At): void {
    const name = key(ref, at);
    const below = this.claimed.get(name);
    if (below === undefined) return;
    this.mailstore
      .write(ref.accountId, (writer) => writer.tellRecent(ref.mailboxId, below))
      .then(() => {
        if (this.claimed.get(name) === below) this.claimed.delete(name);
      })
      .catch((error: unknown) => this.log.debug({ err: error }, 'imap: what is recent was not kept'));
  }
}

const key = ({ accountId, mailboxId }: MailboxRef, { uidValidity }: At): string =>
  `${accountId} ${mailboxId} ${uidValidity}`;

/** What is recent in one session. */
export class RecentHere {
  private readonly spans: { from: number; below: number }[] = [];

  /** Who only looks claims nothing, and is given again what it was given before. */
  add(first: number, below: number): void {
    const from = Math.max(first, this.spans.at(-1)?.below ?? 0);
    if (below > from) this.spans.push({ from, below });
  }
  has(uid: number): boolean {
    return this.spans.some(({ from, below }) => uid >= from && uid < below);
  }
  count(uids: Uids): number {
    return this.spans.reduce((n, { from, below }) => n + firstAtLeast(uids, below) - firstAtLeast(uids, from), 0);
  }
}
