/** Listeners, TLS, and who may connect how often. */
import { createServer, type Server, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from 'node:tls';

import type { Clock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Incoming } from '../delivery/incoming/types.ts';
import type { Credentials, Directory } from '../directory/types.ts';
import type { Mailstore, PreparedMessage } from '../mailstore/types.ts';
import { Admission } from './admission.ts';
import { serveClient, type Client } from './client.ts';
import { Recents } from './recent.ts';
import type { ImapSettings } from './settings.ts';
import { KeptColumns } from './sort/columns.ts';
import { KnownUids } from './uids.ts';

export interface ImapServerParts {
  mailstore: Mailstore;
  directory: Directory;
  credentials: Credentials;
  blobs: BlobStore;
  settings: ImapSettings;
  /** Undefined: no STARTTLS, no implicit TLS port. */
  tls: SecureContextOptions | undefined;
  clock: Clock;
  log: Log;
  /** Session resource of the JMAP face over the same store and credentials (RFC 9698); absent: none is told of. */
  jmapUrl?: string;
  /** Undefined: all mail that was taken for these accounts is in its mailboxes; otherwise it is when this resolves. */
  settled?: (accounts: readonly AccountId[]) => Promise<void> | undefined;
  /** Makes durable what a client appends; it is stored a moment later. Undefined: it has to be stored at once. Absent: all is. */
  file?: Incoming['file'];
  /** The verdict of a message that a client appends; absent: none is asked for. */
  verdictOf?: (message: PreparedMessage, bytes: Uint8Array) => Promise<unknown>;
}

export interface ImapServer {
  /** Plain port with STARTTLS, port with implicit TLS (RFC 8314); null: none. Resolves with the real ones (0 asks the system for one). */
  listen(at: {
    host: string;
    port: number | null;
    tlsPort: number | null;
  }): Promise<{ port: number | null; tlsPort: number | null }>;
  /** A renewed certificate; open connections keep theirs. */
  updateTls(options: SecureContextOptions): void;
  /** Says BYE to everyone and ends. */
  close(): Promise<void>;
  connectionCount(): number;
}

export function createImapServer(parts: ImapServerParts): ImapServer {
  const { settings, log } = parts;
  const admission = new Admission(settings);
  const known = new KnownUids();
  const recents = new Recents(parts);
  const columns = new KeptColumns();
  const live = new Set<Client>();
  let context = parts.tls && createSecureContext(parts.tls);
  const shared = { ...parts, admission, known, recents, columns, secureContext: () => context };
  /** Counted from the first octet of TCP on, TLS handshake included. */
  const admit = (socket: Socket): boolean => {
    const leave = admission.enter(plainAddress(socket.remoteAddress ?? ''));
    if (leave) socket.once('close', leave);
    return leave !== undefined;
  };
  const accept = (socket: Socket, secure: boolean): void => {
    const remote = plainAddress(socket.remoteAddress ?? '');
    socket.setNoDelay(true);
    const client = serveClient(shared, socket, { remote, secure });
    live.add(client);
    client.done
      .catch((error: unknown) => log.error({ err: error, remote }, 'imap: a connection broke'))
      .finally(() => live.delete(client));
  };
  const plain = createServer((socket) => (admit(socket) ? accept(socket, false) : sendAway(socket)));
  const overTls =
    parts.tls &&
    createTlsServer({ ...parts.tls, handshakeTimeout: settings.preLoginSeconds * 1000 }, (socket) =>
      accept(socket, true),
    );
  overTls?.on('connection', (socket: Socket) => {
    if (!admit(socket)) socket.destroy();
  });
  // A handshake that fails concerns the client only.
  overTls?.on('tlsClientError', (_error, socket) => socket.destroy());
  return {
    listen: async ({ host, port, tlsPort }) => ({
      port: port === null ? null : await open(plain, port, host),
      tlsPort: overTls && tlsPort !== null ? await open(overTls, tlsPort, host) : null,
    }),
    updateTls(options) {
      context = createSecureContext(options);
      overTls?.setSecureContext(options);
    },
    async close() {
      const closed = [plain, overTls].map((server) => server && shut(server));
      for (const client of live) client.stop();
      await Promise.all([...closed, ...[...live].map((c) => c.done.catch(() => undefined))]);
    },
    connectionCount: () => live.size,
  };
}

function sendAway(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.end('* BYE [LIMIT] too many connections\r\n');
  socket.resume();
}

function open(server: Server | TlsServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

const shut = (server: Server | TlsServer): Promise<void> => new Promise((resolve) => server.close(() => resolve())); // also when it never listened

/** "::ffff:192.0.2.1" is 192.0.2.1. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');
