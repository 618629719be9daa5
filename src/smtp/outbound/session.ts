/**
 * One SMTP session with one host: greeting, EHLO, STARTTLS when offered, then a transaction for each group of recipients.
 * Nothing is taken for delivered before the reply to the final dot was read.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import SMTPConnection, { type SMTPConnectionSendInfo, type SMTPEnvelope } from 'nodemailer/lib/smtp-connection';

import { isAscii } from '../../delivery/addresses.ts';
import type { AttemptResult } from '../../delivery/outbound-queue.ts';
import type { OutboundMessage, OutboundRecipient } from '../../delivery/queue.repository.ts';
import { printable } from '../reply.ts';
import type { OutboundSettings } from '../settings.ts';

export interface SessionInput {
  socket: Socket;
  /** The peer's name. */
  host: string;
  ownName: string;
  startTls: boolean;
  settings: OutboundSettings;
  /** The attempt's time is over, whatever the peer does. */
  limit: AbortSignal;
  message: OutboundMessage;
  recipients: readonly OutboundRecipient[];
  bytes: Uint8Array;
}

/** No session: the next host, or clear text, may still do. */
export type SessionOutcome =
  { kind: 'noSession'; reply: string; tlsFailed: boolean } | { kind: 'session'; results: AttemptResult[] };

export interface PeerError extends Error {
  code?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
  rejectedErrors?: PeerError[] | undefined;
  recipient?: string | undefined;
  originalCode?: string | undefined;
  timeoutType?: string | undefined;
}

export async function runSession(input: SessionInput): Promise<SessionOutcome> {
  const connection = open(input);
  const end = (): void => connection.close();
  input.limit.addEventListener('abort', end);
  try {
    const failed = await connected(connection);
    if (failed) return { kind: 'noSession', reply: replyOf(failed.error), tlsFailed: failed.tlsFailed };
    const results: AttemptResult[] = [];
    const lost = { is: false };
    connection.once('end', () => {
      lost.is = true;
    });
    for (const group of groups(input.recipients)) {
      if (lost.is)
        results.push(...group.map((recipient) => deferred(recipient, '451 4.4.2 Connection lost', input.host)));
      else results.push(...(await transact(connection, input, group)));
    }
    connection.quit();
    return { kind: 'session', results };
  } finally {
    input.limit.removeEventListener('abort', end);
    // QUIT gets a moment; a peer that stays is dropped.
    setTimeout(() => connection.close(), 1000).unref();
  }
}

function open({ socket, host, ownName, startTls, settings }: SessionInput): SMTPConnection {
  return new SMTPConnection({
    connection: socket,
    host,
    name: ownName,
    ignoreTLS: !startTls,
    opportunisticTLS: true,
    // RFC 7435: encryption against listeners; without DANE or MTA-STS nobody says which certificate would be right.
    tls: { rejectUnauthorized: false, minVersion: 'TLSv1.2' },
    connectionTimeout: settings.greetingTimeout,
    greetingTimeout: settings.greetingTimeout,
    socketTimeout: settings.replyTimeout,
    socketCloseTimeout: 1000,
    logger: false,
  });
}

/** The handshake after STARTTLS came to nothing: by its own error, the socket's, or silence. */
function isTlsFailure({ code, originalCode, timeoutType }: PeerError): boolean {
  return (
    code === 'ETLS' ||
    timeoutType === 'UPGRADE_TIMEOUT' ||
    originalCode === 'EPROTO' ||
    (originalCode ?? '').startsWith('ERR_SSL')
  );
}

/** Offered, and nothing but it lies between the answer to EHLO and the session: a peer, or what stands before it, that never answers it. */
const atStartTls = (connection: SMTPConnection): boolean =>
  connection.upgrading === true || (connection.secure !== true && offers(connection, 'STARTTLS'));

const offers = (connection: SMTPConnection, word: string): boolean =>
  new RegExp(`[ -]${word}\\b`, 'im').test(String(connection.lastServerResponse ?? ''));

interface ConnectFailure {
  error: PeerError;
  tlsFailed: boolean;
}

function connected(connection: SMTPConnection): Promise<ConnectFailure | undefined> {
  return new Promise((resolve) => {
    const failed = (error: PeerError): void =>
      resolve({ error, tlsFailed: atStartTls(connection) || isTlsFailure(error) });
    // Errors come here until the session stands, and later to whoever sends.
    connection.on('error', failed);
    connection.once('end', () => failed(new Error('Connection closed')));
    connection.connect((error) => {
      if (error) failed(error);
      else resolve(undefined);
    });
  });
}

/** RFC 3461 §4: NOTIFY and ORCPT belong to a recipient, but one transaction can carry only one of each. */
function groups(recipients: readonly OutboundRecipient[]): OutboundRecipient[][] {
  const by = new Map<string, OutboundRecipient[]>();
  for (const recipient of recipients) {
    const key = JSON.stringify([recipient.notify, recipient.orcpt]);
    by.set(key, [...(by.get(key) ?? []), recipient]);
  }
  return [...by.values()];
}

async function transact(
  connection: SMTPConnection,
  input: SessionInput,
  group: readonly OutboundRecipient[],
): Promise<AttemptResult[]> {
  const { message, host, bytes } = input;
  const known = capabilities.get(connection) ?? new Set(['DSN', 'SMTPUTF8'].filter((word) => offers(connection, word)));
  capabilities.set(connection, known);
  const needsUtf8 = [message.returnPath, ...group.map(({ address }) => address)].some((address) => !isAscii(address));
  // RFC 6531 §3.1
  if (needsUtf8 && !known.has('SMTPUTF8'))
    return group.map((recipient) => failed(recipient, '553 5.6.7 The peer takes no internationalized addresses', host));
  const common = { host, tls: tlsOf(connection), dsnPassed: known.has('DSN') };
  try {
    const info = await send(connection, envelopeOf(message, group, bytes), bytes);
    const refused = new Map((info.rejectedErrors ?? []).map((error: PeerError) => [error.recipient, error]));
    return group.map((recipient) => {
      const error = refused.get(recipient.address);
      return error
        ? refusal(recipient, error, host)
        : { recipient, kind: 'delivered', reply: info.response, ...common };
    });
  } catch (error) {
    const cause = error as PeerError;
    const each = new Map((cause.rejectedErrors ?? []).map((one) => [one.recipient, one]));
    await reset(connection);
    return group.map((recipient) => refusal(recipient, each.get(recipient.address) ?? cause, host));
  }
}

const capabilities = new WeakMap<SMTPConnection, Set<string>>();

function envelopeOf(message: OutboundMessage, group: readonly OutboundRecipient[], bytes: Uint8Array): SMTPEnvelope {
  const [first] = group;
  const dsn = message.envId !== null || message.ret !== null || first?.notify != null || first?.orcpt != null;
  return {
    from: message.returnPath,
    to: group.map(({ address }) => address),
    size: bytes.length,
    use8BitMime: bytes.some((octet) => octet > 0x7f),
    ...(dsn
      ? { dsn: { ret: message.ret, envid: message.envId, notify: first?.notify ?? null, orcpt: first?.orcpt ?? null } }
      : {}),
  };
}

function send(connection: SMTPConnection, envelope: SMTPEnvelope, bytes: Uint8Array): Promise<SMTPConnectionSendInfo> {
  return new Promise((resolve, reject) => {
    // A connection that ends without an error still answers: otherwise the job would wait for ever.
    const ended = (): void => reject(Object.assign(new Error('Connection closed'), { code: 'ECONNECTION' }));
    connection.once('end', ended);
    connection.send(envelope, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), (error, info) => {
      connection.removeListener('end', ended);
      if (error) reject(error);
      else resolve(info);
    });
  });
}

/** RFC 5321 §4.1.1.5: a refused transaction is taken back before the next. */
function reset(connection: SMTPConnection): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      connection.removeListener('end', done);
      resolve();
    };
    connection.once('end', done);
    connection.reset(done);
  });
}

function tlsOf(connection: SMTPConnection): string | undefined {
  return connection._socket instanceof TLSSocket ? (connection._socket.getProtocol() ?? undefined) : undefined;
}

function refusal(recipient: OutboundRecipient, error: PeerError, host: string): AttemptResult {
  // Our own client refused before it asked: larger than the peer's SIZE, or an address that cannot be written.
  if (error.responseCode === undefined && error.code === 'EMESSAGE' && error.command === 'MAIL FROM')
    return failed(recipient, '552 5.3.4 The message is larger than the peer takes', host);
  if (error.responseCode === undefined && error.code === 'EENVELOPE')
    return failed(recipient, `553 5.1.3 ${printable(error.message)}`, host);
  const permanent = error.responseCode !== undefined && error.responseCode >= 500;
  return permanent ? failed(recipient, replyOf(error), host) : deferred(recipient, replyOf(error), host);
}

const failed = (recipient: OutboundRecipient, reply: string, host: string): AttemptResult => ({
  recipient,
  kind: 'failed',
  reply,
  host,
});
const deferred = (recipient: OutboundRecipient, reply: string, host: string): AttemptResult => ({
  recipient,
  kind: 'deferred',
  reply,
  host,
});

/** The peer's words, or ours when it said nothing: then nobody knows whether it took the message, and we ask again. */
export function replyOf(error: PeerError): string {
  if (error.responseCode !== undefined && error.response) return printable(error.response.replace(/\r?\n/g, ' '));
  return `451 4.4.2 ${printable(error.message)}`;
}
