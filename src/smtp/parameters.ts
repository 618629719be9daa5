/** The parameters of MAIL and RCPT. */
import type { SMTPServerAddress } from 'smtp-server';

import { SmtpReply } from './reply.ts';

/** SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531). */
const MAIL = ['SIZE', 'BODY', 'SMTPUTF8'];
/** AUTH (RFC 4954 §5), RET and ENVID (RFC 3461 §4.3, §4.4): where these are offered. */
const MAIL_OF_OUR_PEOPLE = [...MAIL, 'AUTH', 'RET', 'ENVID'];
/** RFC 3461 §4.1, §4.2. */
const RCPT_OF_OUR_PEOPLE = ['NOTIFY', 'ORCPT'];

/**
 * RFC 5321 §4.1.1.11: what we do not know is refused, not passed over, since its sender relies on it.
 * @param dsn whether DSN is offered, and so mail comes from our own people
 * @throws SmtpReply 555
 */
export function expectKnown(command: 'MAIL' | 'RCPT', { args }: SMTPServerAddress, dsn: boolean): void {
  const known = command === 'RCPT' ? (dsn ? RCPT_OF_OUR_PEOPLE : []) : dsn ? MAIL_OF_OUR_PEOPLE : MAIL;
  if (Object.keys(args || {}).some((name) => !known.includes(name.toUpperCase())))
    throw new SmtpReply(555, '5.5.4', `A parameter of ${command} is not known here`);
}
