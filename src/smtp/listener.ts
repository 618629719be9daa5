/**
 * What the MX and the submission servers share: a hardened smtp-server. Its traps: without key and certificate it takes a
 * publicly known key; DSN and enhanced codes are off until switched on; jokes (WIZ, SHELL, KILL) are on until switched off.
 */
import type { AddressInfo } from 'node:net';

import type {
  SMTPServerAddress,
  SMTPServerAuthentication,
  SMTPServerDataStream,
  SMTPServerOptions,
  SMTPServerSession,
} from 'smtp-server';

import type { Log } from '../base/log.ts';
import { Server } from './connection.ts';
import { createBudget, withData, type Budget } from './data.ts';
import type { AddressLimits } from './limits.ts';
import { offerOAuthBearer, type BearerAuth } from './oauth-bearer.ts';
import { expectKnown } from './parameters.ts';
import { replyFor, SmtpReply } from './reply.ts';

export interface SmtpTls {
  key: string | Buffer;
  cert: string | Buffer;
}

export interface SmtpListener {
  /** @returns the port that was taken. */
  listen(port: number, host?: string): Promise<number>;
  /** A renewed certificate, for new connections. */
  updateTls(tls: SmtpTls): void;
  /** Takes no new connection; those that are at work get `grace` ms. */
  close(grace?: number): Promise<void>;
}

/** Each may throw an SmtpReply or a DomainError: it becomes the reply. */
export interface SessionHandlers {
  connect?(session: SMTPServerSession): Promise<void>;
  auth?(auth: SMTPServerAuthentication, session: SMTPServerSession): Promise<unknown>;
  mailFrom(address: SMTPServerAddress, session: SMTPServerSession): Promise<void>;
  rcptTo(address: SMTPServerAddress, session: SMTPServerSession): Promise<void>;
  /** Somebody was told to send a message. @returns what says that all of it has come, or will not */
  coming?(): () => void;
  /** Resolves with the words after 250 when the message is durable. */
  data(bytes: Uint8Array, session: SMTPServerSession): Promise<string>;
}

export interface ListenerOptions {
  hostname: string;
  tls: SmtpTls;
  implicitTls?: boolean;
  limits: AddressLimits;
  settings: {
    maxClients: number;
    idleTimeout: number;
    dataTimeout: number;
    maxMessageBytes: number;
    maxRecipients: number;
    maxErrors: number;
    maxBytesInFlight: number;
  };
  handlers: SessionHandlers;
  /** Sign-in by access token; absent: not offered. */
  bearer?: BearerAuth | undefined;
  /** Further options of smtp-server: what AUTH and DSN need. */
  extra: Pick<
    SMTPServerOptions,
    'authMethods' | 'authOptional' | 'allowInsecureAuth' | 'hideDSN' | 'disabledCommands' | 'maxCommandLength'
  >;
  log: Log;
}

export function createListener(options: ListenerOptions): SmtpListener {
  const { settings, tls } = options;
  const server: Server = new Server({
    name: options.hostname,
    key: tls.key,
    cert: tls.cert,
    minVersion: 'TLSv1.2',
    secure: options.implicitTls ?? false,
    logger: false,
    heloResponse: '%s greets %s',
    disableReverseLookup: true,
    size: settings.maxMessageBytes,
    maxClients: settings.maxClients,
    maxRecipients: settings.maxRecipients,
    socketTimeout: settings.idleTimeout,
    // Turned on one by one: each was off.
    hideENHANCEDSTATUSCODES: false,
    hideREQUIRETLS: true,
    ...options.extra,
    disabledCommands: ['WIZ', 'SHELL', 'KILL', 'XCLIENT', 'XFORWARD', ...(options.extra.disabledCommands ?? [])],
    ...callbacks(options, () => server),
  });
  server.on('error', (error: Error) => options.log.debug({ err: error }, 'smtp: connection error'));
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        const socket = server.listen(port, host, () => {
          socket.removeListener('error', reject);
          resolve((socket.address() as AddressInfo).port);
        });
        socket.once('error', reject);
      }),
    updateTls: ({ key, cert }) => server.updateSecureContext({ key, cert }),
    close: (grace = 10_000) => close(server, grace),
  };
}

function close(server: Server, grace: number): Promise<void> {
  return new Promise((resolve) => {
    server.options.closeTimeout = Math.max(grace, 1);
    // Idle connections have nothing to finish.
    for (const connection of server.connections)
      if (!connection._handlerPending && !connection._dataStream) connection.send(421, '4.3.2 Service shutting down');
    server.close(() => resolve());
  });
}

type Callbacks = Required<
  Pick<SMTPServerOptions, 'onConnect' | 'onMailFrom' | 'onRcptTo' | 'onData' | 'onClose' | 'onAuth'>
>;

function callbacks(options: ListenerOptions, server: () => Server): Callbacks {
  const { handlers, limits, settings, log } = options;
  const budget = createBudget(settings.maxBytesInFlight);
  const refuse = (session: SMTPServerSession, error: unknown): SmtpReply => {
    const connection = server().connectionOf(session);
    const reply = replyFor(error, log.child({ remote: session.remoteAddress, session: session.id }));
    if (!connection || ++connection.refusals < settings.maxErrors) return reply;
    return new SmtpReply(421, '4.7.0', 'Too many errors');
  };
  const answer = (
    session: SMTPServerSession,
    work: Promise<unknown>,
    callback: (error?: Error | null) => void,
  ): void => {
    work.then(
      () => callback(),
      (error: unknown) => callback(refuse(session, error)),
    );
  };
  return {
    onConnect(session, callback) {
      const connection = server().connectionOf(session);
      if (connection) connection.counted = true;
      if (connection && options.bearer)
        offerOAuthBearer(connection, options.bearer, (error) => refuse(connection.session, error));
      const admitted = limits.connect(session.remoteAddress).then(() => handlers.connect?.(session));
      admitted.then(
        () => callback(),
        (error: unknown) => callback(replyFor(error, log)),
      );
    },
    onClose(session, done) {
      if (server().connectionOf(session)?.counted) limits.disconnect(session.remoteAddress);
      done();
    },
    onAuth(auth, session, callback) {
      const work = handlers.auth
        ? handlers.auth(auth, session)
        : Promise.reject(new SmtpReply(502, '5.5.1', 'No AUTH here'));
      work.then(
        (user) => callback(null, { user }),
        (error: unknown) => callback(refuse(session, error)),
      );
    },
    onMailFrom: (address, session, callback) => answer(session, whenKnown(options, 'MAIL', address, session), callback),
    onRcptTo: (address, session, callback) => answer(session, whenKnown(options, 'RCPT', address, session), callback),
    onData(stream, session, callback) {
      takeData(options, budget, server(), stream, session).then(
        (words) => callback(null, words),
        (error: unknown) => callback(refuse(session, error)),
      );
    },
  };
}

async function whenKnown(
  { handlers, extra }: ListenerOptions,
  command: 'MAIL' | 'RCPT',
  address: SMTPServerAddress,
  session: SMTPServerSession,
): Promise<unknown> {
  expectKnown(command, address, extra.hideDSN === false);
  return handlers[command === 'MAIL' ? 'mailFrom' : 'rcptTo'](address, session);
}

async function takeData(
  { settings, handlers }: ListenerOptions,
  budget: Budget,
  server: Server,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<string> {
  const tooSlow = setTimeout(() => {
    server.connectionOf(session)?.send(421, '4.4.2 The message takes too long');
  }, settings.dataTimeout);
  const came = handlers.coming?.();
  const ended = (): void => {
    clearTimeout(tooSlow);
    came?.();
  };
  try {
    return await withData(stream, { maxBytes: settings.maxMessageBytes, budget }, (bytes) => {
      ended();
      return handlers.data(bytes, session);
    });
  } finally {
    ended();
  }
}
