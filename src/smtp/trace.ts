/** RFC 5321 §4.4: what we write in front of a message that we take. */
import type { SMTPServerSession } from 'smtp-server';

import type { Millis } from '../base/ids.ts';
import { fieldValue, withoutFields } from '../delivery/header-block.ts';

/** RFC 5322 §3.3, in UTC. */
export function mailDate(at: Millis): string {
  return new Date(at).toUTCString().replace(/GMT$/, '+0000');
}

export function receivedField(
  session: SMTPServerSession,
  hostname: string,
  at: Millis,
  options: { client: boolean },
): string {
  const helo = atomText(String(session.hostNameAppearsAs || 'unknown'));
  const from = options.client ? `from ${helo} ([${addressLiteral(session.remoteAddress)}])\r\n\t` : '';
  const tls = session.tlsOptions
    ? `\r\n\t(${commentText(`${session.tlsOptions.version} ${session.tlsOptions.name}`)})`
    : '';
  const [only, more] = session.envelope.rcptTo;
  // RFC 5321 §7.2: naming one of several recipients would tell the others about a blind copy.
  const recipient = only && !more ? `\r\n\tfor <${only.address.replace(/[^\x21-\x7e\u0080-\uffff]/g, '')}>` : '';
  return `Received: ${from}by ${hostname} with ${session.transmissionType} id ${atomText(transactionId(session))}${tls}${recipient};\r\n\t${mailDate(at)}\r\n`;
}

/** A session may bring several messages. */
export const transactionId = ({ id, transaction }: SMTPServerSession): string => `${id}.${transaction}`;

export function returnPathField(mailFrom: string): string {
  return `Return-Path: <${mailFrom.replace(/[\u0000-\u0020\u007f<>]/g, '')}>\r\n`;
}

/** RFC 5321 §4.1.3 */
function addressLiteral(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return plain.includes(':') ? `IPv6:${plain}` : plain;
}

function atomText(text: string): string {
  return text.replace(/[^\w.:[\]-]/g, '').slice(0, 255) || 'unknown';
}

function commentText(text: string): string {
  return text.replace(/[^\w.: =/-]/g, '');
}

/**
 * RFC 8601 §5: results that bear our own name but are not ours go. So does a Return-Path, which only the last server writes
 * (RFC 5321 §4.4).
 */
export function withoutForgedTrace(bytes: Uint8Array, authservId: string): Uint8Array {
  return withoutFields(bytes, (field) => {
    if (field.name === 'return-path') return true;
    return field.name === 'authentication-results' && bearsName(fieldValue(bytes, field), authservId);
  });
}

function bearsName(value: string, authservId: string): boolean {
  let plain = value;
  // RFC 5322 §3.2.2: comments nest; from the inside out.
  for (let before = ''; before !== plain;) {
    before = plain;
    plain = plain.replace(/\([^()]*\)/g, ' ');
  }
  const id = plain.trim().split(/[\s;]/, 1)[0] ?? '';
  // An encoded word has no place here, and a lenient reader would see our name in it.
  return id.includes('=?') || id.replaceAll('"', '').toLowerCase() === authservId.toLowerCase();
}
