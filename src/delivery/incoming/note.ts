/** What the journal keeps beside a message. */
import * as v from 'valibot';

import type { AccountId, MailboxId } from '../../base/ids.ts';
import { isFiled, type FiledMail, type IncomingMail, type Taken } from './types.ts';

const result = v.picklist(['pass', 'fail', 'softfail', 'neutral', 'none', 'temperror', 'permerror', 'policy']);

const incomingSchema = v.object({
  envelope: v.object({
    mailFrom: v.string(),
    rcptTo: v.array(v.object({ address: v.string() })),
    smtpUtf8: v.optional(v.boolean(), false),
  }),
  origin: v.object({
    session: v.string(),
    remote: v.string(),
    authentication: v.object({
      spf: result,
      dkim: result,
      dmarc: result,
      arc: result,
      alignedDomain: v.exactOptional(v.string()),
    }),
    policy: v.picklist(['none', 'quarantine', 'reject']),
  }),
});

const number = v.pipe(v.number(), v.safeInteger());

const filedSchema = v.object({
  place: v.object({
    accountId: v.pipe(
      number,
      v.transform((id) => id as AccountId),
    ),
    mailboxId: v.pipe(
      number,
      v.transform((id) => id as MailboxId),
    ),
    uid: number,
    uidValidity: number,
  }),
  filing: v.object({ keywords: v.array(v.string()), deleted: v.boolean(), receivedAt: number }),
  again: v.exactOptional(v.object({ uid: number, uidValidity: number })),
});

/** Without what it was promised since: whoever keeps it with this note has given that up. */
export function noteOf(mail: Taken): object {
  if (!isFiled(mail)) return { envelope: mail.envelope, origin: mail.origin };
  const { accountId, mailboxId, uid, uidValidity } = mail.place;
  return { place: { accountId, mailboxId, uid, uidValidity }, filing: mail.filing };
}

/** @throws v.ValiError when another version wrote it */
export function mailOf(note: unknown, bytes: Uint8Array): IncomingMail | FiledMail {
  if (v.is(v.object({ place: v.unknown() }), note)) return { ...v.parse(filedSchema, note), bytes };
  return { ...v.parse(incomingSchema, note), bytes };
}
