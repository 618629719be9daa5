/** The mailbox as a whole: UIDs only, read once for all who have it open, then kept up by what the log says. */
import { isDomainError } from '../../base/errors.ts';
import type { Mailbox, Mailstore, PlacePick } from '../../mailstore/types.ts';
import type { ImapStore, MailboxRef } from '../store.ts';
import { grown, last, without, type KnownUids, type Uids } from '../uids.ts';

/** UNSEEN of SELECT is looked for so far and no further: RFC 3501 §7.1 lets it be absent, and a mailbox may be all read. */
const UNSEEN_WITHIN = 2000;

type Pictures = Pick<ImapStore, 'picture' | 'remember' | 'uids' | 'firstUnseen' | 'keywords'>;

/** The mailbox as a whole: UIDs only, shared by all who have it open. */
export function pictures({ mailstore, known }: { mailstore: Mailstore; known: KnownUids }): Pictures {
  const key = ({ accountId, mailboxId }: MailboxRef, { uidValidity }: Mailbox): string =>
    `${accountId} ${mailboxId} ${uidValidity}`;
  const all = (ref: MailboxRef, pick?: PlacePick): Promise<Uids> =>
    mailstore.read(ref.accountId).uids(ref.mailboxId, pick);
  const caughtUp = async (ref: MailboxRef, mailbox: Mailbox): Promise<Uids> => {
    const before = known.newest(key(ref, mailbox));
    if (!before || before.mark > mailbox.highestModseq) return all(ref);
    if (before.mark === mailbox.highestModseq) return before.uids;
    const gone = await expungedSince(mailstore, ref, before.mark);
    if (!gone) return all(ref);
    return grown(without(before.uids, Uint32Array.from(gone)), await all(ref, { from: last(before.uids) + 1 }));
  };
  return {
    picture: async (ref, mailbox) => known.keep(key(ref, mailbox), mailbox.highestModseq, await caughtUp(ref, mailbox)),
    remember: (ref, mailbox, uids) => known.keep(key(ref, mailbox), mailbox.highestModseq, uids),
    uids: all,
    firstUnseen: ({ accountId, mailboxId }) => mailstore.read(accountId).firstUnseen(mailboxId, UNSEEN_WITHIN),
    keywords: (accountId) => mailstore.read(accountId).keywords(),
  };
}

/** Undefined when the log does not reach back so far. */
export async function expungedSince(
  mailstore: Mailstore,
  { accountId, mailboxId }: MailboxRef,
  since: Parameters<ImapStore['expungedSince']>[1],
): Promise<number[] | undefined> {
  try {
    return (await mailstore.read(accountId).expungedSince(mailboxId, since)).map((g) => g.uid);
  } catch (error) {
    if (isDomainError(error, 'mail.cannot_calculate_changes')) return undefined;
    throw error;
  }
}
