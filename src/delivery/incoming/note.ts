/** What the journal keeps beside a message. */
import * as v from 'valibot';

import type { IncomingMail } from './types.ts';

const result = v.picklist(['pass', 'fail', 'softfail', 'neutral', 'none', 'temperror', 'permerror', 'policy']);

const noteSchema = v.object({
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

export const noteOf = ({ envelope, origin }: IncomingMail): object => ({ envelope, origin });

/** @throws v.ValiError when another version wrote it */
export const mailOf = (note: unknown, bytes: Uint8Array): IncomingMail => ({ ...v.parse(noteSchema, note), bytes });
