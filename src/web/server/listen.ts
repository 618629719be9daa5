import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';

import type { WebEnv } from './env.ts';

export interface ListenOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  tls?: { key: string | Buffer; cert: string | Buffer };
}
export interface Listening {
  port: number;
  /** A renewed certificate, for new connections. */
  updateTls(tls: NonNullable<ListenOptions['tls']>): void;
  /** New requests are refused, running ones get `grace` ms. */
  close(grace?: number): Promise<void>;
}

/** A slow peer holds a socket, not more: heads within 20 s, a body within 10 minutes (100 MB at 1.6 Mbit/s). */
const limits = { headersTimeout: 20_000, requestTimeout: 600_000, keepAliveTimeout: 75_000, maxHeaderSize: 16_384 };

const minVersion = 'TLSv1.2';

export async function listen(app: Hono<WebEnv>, { host, port, tls }: ListenOptions): Promise<Listening> {
  const answer = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false });
  // The listener never rejects: it answers 500 itself.
  const listener: Parameters<typeof createServer>[1] = (request, response) => void answer(request, response);
  const server: Server = tls
    ? createTlsServer({ ...limits, ...tls, minVersion }, listener)
    : createServer(limits, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    updateTls: (pair) => (server instanceof TlsServer ? server.setSecureContext({ ...pair, minVersion }) : undefined),
    close: (grace = 5000) => close(server, grace),
  };
}

function close(server: Server, grace: number): Promise<void> {
  return new Promise((resolve) => {
    // Event streams never end by themselves.
    const force = setTimeout(() => server.closeAllConnections(), grace);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
