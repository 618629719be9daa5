/**
 * What the MX and the submission servers share: a hardened smtp-server. Its traps: without key and certificate it takes a
 * publicly known key; DSN and enhanced codes are off until switched on; jokes (WIZ, SHELL, KILL) are on until switched off.
 */
import type { AddressInfo } from 'node:net';

import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerAuthentication,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';

import type { Log } from '../base/log.ts';
import { createBudget, withData, type Budget } from './data.ts';
import type { AddressLimits } from './limits.ts';
import { offerOAuthBearer, type BearerAuth } from './oauth-bearer.ts';
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

const quiet = {
  level: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
};

export function createListener(options: ListenerOptions): SmtpListener {
  const { settings, tls } = options;
  const server: SMTPServer = new SMTPServer({
    name: options.hostname,
    key: tls.key,
    cert: tls.cert,
    minVersion: 'TLSv1.2',
    secure: options.implicitTls ?? false,
    logger: quiet,
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
  server.connections = new Connections((connection) => {
    correctReplies(connection, options.extra.allowInsecureAuth ?? false);
    greetAtOnce(connection);
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

function close(server: SMTPServer, grace: number): Promise<void> {
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

function callbacks(options: ListenerOptions, server: () => SMTPServer): Callbacks {
  const { handlers, limits, settings, log } = options;
  const errors = new Map<string, number>();
  const budget = createBudget(settings.maxBytesInFlight);
  const refuse = (session: SMTPServerSession, error: unknown): SmtpReply => {
    const count = (errors.get(session.id) ?? 0) + 1;
    errors.set(session.id, count);
    const reply = replyFor(error, log.child({ remote: session.remoteAddress, session: session.id }));
    return count >= settings.maxErrors ? new SmtpReply(421, '4.7.0', 'Too many errors') : reply;
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
      errors.set(session.id, 0);
      const connection = options.bearer && connectionOf(server(), session.id);
      if (connection && options.bearer)
        offerOAuthBearer(connection, options.bearer, (error) => refuse(connection.session, error));
      const admitted = limits.connect(session.remoteAddress).then(() => handlers.connect?.(session));
      admitted.then(
        () => callback(),
        (error: unknown) => callback(replyFor(error, log)),
      );
    },
    onClose(session, done) {
      if (errors.delete(session.id)) limits.disconnect(session.remoteAddress);
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
    onMailFrom: (address, session, callback) => answer(session, handlers.mailFrom(address, session), callback),
    onRcptTo: (address, session, callback) => answer(session, handlers.rcptTo(address, session), callback),
    onData(stream, session, callback) {
      takeData(options, budget, server(), stream, session).then(
        (words) => callback(null, words),
        (error: unknown) =>
          callback(wasLost(stream) ? new SmtpReply(451, '4.4.2', 'Connection lost') : refuse(session, error)),
      );
    },
  };
}

const wasLost = (stream: SMTPServerDataStream): boolean => stream.destroyed && !stream.readableEnded;

async function takeData(
  { settings, handlers }: ListenerOptions,
  budget: Budget,
  server: SMTPServer,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<string> {
  const tooSlow = setTimeout(() => {
    connectionOf(server, session.id)?.send(421, '4.4.2 The message takes too long');
  }, settings.dataTimeout);
  try {
    return await withData(stream, { maxBytes: settings.maxMessageBytes, budget }, (bytes) => {
      clearTimeout(tooSlow);
      return handlers.data(bytes, session);
    });
  } finally {
    clearTimeout(tooSlow);
  }
}

function connectionOf(server: SMTPServer, id: string) {
  for (const connection of server.connections) if (connection.id === id) return connection;
  return undefined;
}

type Connection = SMTPServer['connections'] extends Set<infer C> ? C : never;

/** smtp-server tells of a connection only once it has waited; it is put here before. */
class Connections extends Set<Connection> {
  readonly #onAdd: (connection: Connection) => void;
  constructor(onAdd: (connection: Connection) => void) {
    super();
    this.#onAdd = onAdd;
  }
  override add(connection: Connection): this {
    if (!this.has(connection)) this.#onAdd(connection);
    return super.add(connection);
  }
}

/**
 * smtp-server lets every connection wait 100 ms, to catch those that talk before its greeting. How long a stranger waits is for
 * `connect` to say (bannerDelay); who then talks too soon is ended just the same.
 */
function greetAtOnce(connection: Connection): void {
  const init = connection.init.bind(connection);
  const ready = connection.connectionReady.bind(connection);
  connection.init = () => {
    init();
    // What comes after the 100 ms finds it done.
    connection.connectionReady = () => undefined;
    if (!connection._closing) ready();
  };
}

/**
 * Our replies bring their own enhanced code (RFC 2034); smtp-server would put its guess in front of it. It also offers AUTH before
 * TLS: a client that takes the offer has told its password to the network before we can refuse (RFC 8314 §3.3).
 */
function correctReplies(connection: Connection, authInClear: boolean): void {
  const send = connection.send.bind(connection);
  connection.send = (code, data, context) => {
    if (Array.isArray(data)) {
      send(code, connection.secure || authInClear ? data : data.filter((line) => !line.startsWith('AUTH ')), context);
    } else {
      send(code, data, typeof data === 'string' && /^[245]\.\d{1,3}\.\d{1,3} /.test(data) ? false : context);
    }
  };
}
