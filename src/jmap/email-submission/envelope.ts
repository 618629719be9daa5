/** The envelope of a submission (RFC 8621 §7): as given, or from the message's header. */
import * as v from 'valibot';

import type { Envelope as SmtpEnvelope } from '../../delivery/types.ts';
import type { SubmissionAddress } from '../../mailstore/types.ts';
import type { Summary } from '../../message/types.ts';
import { invalidProperties, SetError } from '../core/errors.ts';

const parameters = v.optional(v.nullable(v.record(v.string(), v.nullable(v.pipe(v.string(), v.maxLength(500))))), null);
const address = v.strictObject({ email: v.string(), parameters });
const schema = v.strictObject({ mailFrom: address, rcptTo: v.array(address) });

export interface SubmissionEnvelope {
  mailFrom: SubmissionAddress;
  rcptTo: SubmissionAddress[];
}

/** @throws SetError invalidProperties, noRecipients, invalidRecipients, tooManyRecipients */
export function readEnvelope(
  given: unknown,
  summary: Summary,
  identityEmail: string,
  maxRecipients: number,
): SubmissionEnvelope {
  const envelope = given === undefined || given === null ? fromHeader(summary, identityEmail) : parse(given);
  const rcptTo = unique(envelope.rcptTo);
  if (rcptTo.length === 0) throw new SetError('noRecipients');
  if (rcptTo.length > maxRecipients) throw new SetError('tooManyRecipients', undefined, { maxRecipients });
  const invalid = rcptTo.filter(({ email }) => !isAddress(email)).map(({ email }) => email);
  if (invalid.length > 0) throw new SetError('invalidRecipients', undefined, { invalidRecipients: invalid });
  if (envelope.mailFrom.email !== '' && !isAddress(envelope.mailFrom.email))
    throw invalidProperties(['envelope'], 'mailFrom is no address');
  return { mailFrom: envelope.mailFrom, rcptTo };
}

function parse(given: unknown): SubmissionEnvelope {
  const parsed = v.safeParse(schema, given);
  if (!parsed.success) throw invalidProperties(['envelope']);
  return parsed.output;
}

/** RFC 8621 §7.5: "mailFrom: the email from the Sender header, if present; otherwise From"; rcptTo: To, Cc, Bcc. */
function fromHeader({ sender, from, to, cc, bcc }: Summary, identityEmail: string): SubmissionEnvelope {
  const named = (email: string): SubmissionAddress => ({ email, parameters: null });
  return {
    mailFrom: named(sender[0]?.email ?? from[0]?.email ?? identityEmail),
    rcptTo: [...to, ...cc, ...bcc].map(({ email }) => named(email)),
  };
}

/** "deduplicated": the domain is the same in any case. */
function unique(list: readonly SubmissionAddress[]): SubmissionAddress[] {
  const seen = new Map<string, SubmissionAddress>();
  for (const item of list) {
    const key = item.email.replace(/@[^@]*$/, (domain) => domain.toLowerCase());
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()];
}

/** Enough to be one; what the address means is delivery's question. */
function isAddress(email: string): boolean {
  return email.length <= 320 && /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u.test(email);
}

/** RFC 3461 parameters in SMTP's terms. @throws SetError invalidProperties for a parameter that we do not offer */
export function smtpEnvelope({ mailFrom, rcptTo }: SubmissionEnvelope): SmtpEnvelope {
  const from = upper(mailFrom.parameters, ['ENVID', 'RET', 'SMTPUTF8', 'BODY', 'SIZE']);
  const ret = from.get('RET')?.toUpperCase();
  if (ret !== undefined && ret !== 'FULL' && ret !== 'HDRS')
    throw invalidProperties(['envelope'], 'RET is FULL or HDRS');
  const envId = from.get('ENVID');
  return {
    mailFrom: mailFrom.email,
    rcptTo: rcptTo.map(({ email, parameters: given }) => {
      const params = upper(given, ['NOTIFY', 'ORCPT']);
      const notify = params.get('NOTIFY')?.toUpperCase();
      if (notify !== undefined && !/^(NEVER|(SUCCESS|FAILURE|DELAY)(,(SUCCESS|FAILURE|DELAY))*)$/.test(notify))
        throw invalidProperties(['envelope'], 'NOTIFY is not as RFC 3461 has it');
      const orcpt = params.get('ORCPT');
      return { address: email, ...(notify ? { notify } : {}), ...(orcpt ? { orcpt } : {}) };
    }),
    ...(envId ? { envId } : {}),
    ...(ret ? { ret } : {}),
    ...(from.has('SMTPUTF8') ? { smtpUtf8: true } : {}),
  };
}

function upper(given: SubmissionAddress['parameters'], known: readonly string[]): Map<string, string> {
  const out = new Map<string, string>();
  for (const [name, value] of Object.entries(given ?? {})) {
    // RFC 8621 §7: "any parameters the server does not support must be rejected".
    if (!known.includes(name.toUpperCase()))
      throw invalidProperties(['envelope'], `no such parameter: ${name.slice(0, 40)}`);
    out.set(name.toUpperCase(), value ?? '');
  }
  return out;
}
