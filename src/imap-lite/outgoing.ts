/** What was written to a socket and not taken yet: `drain` tells only of much, and here little counts as well. */
import type { Socket } from 'node:net';

import { Gone, TimedOut } from './errors.ts';

export class Outgoing {
  private readonly waiting = new Set<() => void>();

  write(socket: Socket, bytes: Uint8Array): void {
    socket.write(bytes, () => {
      if (socket.writableLength === 0) for (const done of this.waiting) done();
    });
  }

  /** Resolves when all is taken. @throws Gone, TimedOut */
  async taken(socket: Socket, stallMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error): void => {
        clearTimeout(timer);
        this.waiting.delete(all);
        socket.off('close', closed);
        if (error) reject(error);
        else resolve();
      };
      const all = (): void => done();
      const closed = (): void => done(new Gone('the client is gone'));
      const timer = setTimeout(() => {
        socket.destroy();
        done(new TimedOut('the client takes nothing'));
      }, stallMs);
      this.waiting.add(all);
      socket.on('close', closed);
    });
  }
}
