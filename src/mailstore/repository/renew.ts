/** After an older state came back: every number that a client may know from the time in between is passed over. */
import { sql } from 'drizzle-orm';

import type { Millis } from '../../base/ids.ts';
import { validityByClock } from '../uid-validity.ts';
import type { Store } from './scope.ts';

/** More than an account does in the time between two backups, and few enough for thousands of restores. */
const MODSEQ_LEAP = 2 ** 32;
const ID_LEAP = 1_000_000;
const MAILBOX_LEAP = 10_000;

export async function renewAccounts({ q }: Store, now: Millis): Promise<void> {
  const seconds = validityByClock(now);
  const above = sql`(case when last_uid_validity > ${seconds} then last_uid_validity else ${seconds} end)`;
  // RFC 9051 §2.3.1.1: UIDs that are given out again need a UIDVALIDITY that never was.
  await q.exec(
    sql`update mailboxes set uid_validity = (select ${above} from accounts a where a.id = mailboxes.account_id)
      + (select count(*) from mailboxes x where x.account_id = mailboxes.account_id and x.id <= mailboxes.id)`,
  );
  await q.exec(
    sql`update accounts set last_uid_validity = ${above} + (select count(*) from mailboxes x where x.account_id = accounts.id)`,
  );
  // RFC 8620 §1.2, §5.2: an id is never another object's, a state never another state; who asks for changes begins anew.
  await q.exec(
    sql`update accounts set modseq = modseq + ${MODSEQ_LEAP}, changes_floor = modseq + ${MODSEQ_LEAP},
      next_mailbox_id = next_mailbox_id + ${MAILBOX_LEAP}, next_email_id = next_email_id + ${ID_LEAP},
      next_thread_id = next_thread_id + ${ID_LEAP}, next_submission_id = next_submission_id + ${ID_LEAP}`,
  );
  await q.exec(sql`delete from changes`);
  await q.exec(sql`delete from expunged`);
}
