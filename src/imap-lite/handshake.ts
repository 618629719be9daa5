/** STARTTLS: the handshake of the server's side, with an end. */
import type { TLSSocket } from 'node:tls';

import { Gone, TimedOut } from './errors.ts';

export function handshake(secure: TLSSocket, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      secure.off('close', closed).off('secure', ready);
      // A later error must find a listener: `attach` adds one of its own before this one goes.
      setImmediate(() => secure.off('error', failed));
      if (error) reject(error);
      else resolve();
    };
    const failed = (): void => settle(new Gone('the TLS handshake failed'));
    const closed = (): void => settle(new Gone('the client is gone'));
    const ready = (): void => settle();
    const timer = setTimeout(() => settle(new TimedOut('no TLS handshake')), timeoutMs);
    secure.once('close', closed).once('secure', ready).on('error', failed);
  });
}
