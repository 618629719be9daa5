import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

import type { Context } from 'hono';

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { OutsideOptions } from '../../base/outside-get.ts';
import type { Database } from '../../db/database.ts';
import type { DirectoryImport } from '../../directory/import.usecases.ts';
import type { Credentials, Directory, Principal } from '../../directory/types.ts';
import type { Signing } from '../../signing/types.ts';
import type { WebSettings } from './settings.ts';

export interface WebDeps {
  db: Database;
  directory: Directory;
  credentials: Credentials;
  imports: DirectoryImport;
  signing: Pick<Signing, 'enrol' | 'ownKey' | 'revoke' | 'keysOf' | 'retireKeysOf' | 'wkd'>;
  clock: Clock;
  log: Log;
  settings: WebSettings;
  /** The server's name as mail programs reach it. */
  hostname: string;
  /** Tests: where pictures of messages come from. */
  outside?: Pick<OutsideOptions, 'resolve' | 'ca' | 'port' | 'allowPrivate'>;
}

/** A session as the cookie names it. */
export interface OpenSession {
  token: string;
  tokenHash: string;
  mustChange: boolean;
  /** When the password was given for it. */
  signedInAt: number;
}

export interface WebEnv {
  /** Absent when the app is called in memory. */
  Bindings: { incoming?: IncomingMessage };
  Variables: { principal?: Principal; session?: OpenSession };
}
export type WebContext = Context<WebEnv>;

export interface Connection {
  remote: string;
  secure: boolean;
}

/** Who is at the other end, behind the proxies that we trust. */
export function connectionOf(c: WebContext, { trustedProxies }: WebSettings): Connection {
  // hono leaves `env` undefined when the app is called in memory.
  const socket = (c.env as WebEnv['Bindings'] | undefined)?.incoming?.socket;
  const peer = plain(socket?.remoteAddress ?? '127.0.0.1');
  const encrypted = (socket as Partial<TLSSocket> | undefined)?.encrypted === true;
  if (!trustedProxies.includes(peer)) return { remote: peer, secure: encrypted };
  // The last one that a trusted proxy added; what stands before it anybody may have written.
  const hops = (c.req.header('x-forwarded-for') ?? '')
    .split(',')
    .map((hop) => plain(hop.trim()))
    .filter((hop) => hop !== '');
  const remote = hops.reverse().find((hop) => !trustedProxies.includes(hop)) ?? peer;
  return { remote: remote.slice(0, 64), secure: encrypted || c.req.header('x-forwarded-proto') === 'https' };
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');
