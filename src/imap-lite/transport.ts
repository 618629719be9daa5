/**
 * One socket. Invariants: input waits in the kernel while nobody reads (`pause`), so a client cannot fill our memory by
 * sending ahead; output waits for `drain`, so a slow reader holds one buffer and is dropped after `stallMs`.
 */
import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';

/** Collected answers go out together from this size on. */
const BATCH = 16 * 1024;

export class Gone extends Error {
  override readonly name = 'Gone';
}
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

interface Waiter {
  resolve(chunk: Buffer | undefined): void;
  reject(error: Error): void;
}

export class Transport {
  private socket: Socket;
  private readonly stallMs: number;
  private queue: Buffer[] = [];
  private ended = false;
  private waiter: Waiter | undefined;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private detach: () => void = () => undefined;
  /** Runs once when the connection is over, whoever ended it. */
  onClose: () => void = () => undefined;

  constructor(socket: Socket, options: { stallMs: number }) {
    this.socket = socket;
    this.stallMs = options.stallMs;
    this.attach();
  }

  get open(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  private attach(): void {
    const { socket } = this;
    const data = (chunk: Buffer): void => {
      socket.pause();
      this.queue.push(chunk);
      this.wake();
    };
    const end = (): void => {
      this.ended = true;
      this.wake();
    };
    const close = (): void => {
      end();
      this.onClose();
    };
    const ignore = (): void => undefined; // 'close' follows every error
    socket.on('data', data).on('end', end).on('close', close).on('error', ignore);
    socket.pause();
    this.detach = () => socket.off('data', data).off('end', end).off('close', close);
  }

  private wake(): void {
    const { waiter } = this;
    if (!waiter) return;
    const chunk = this.queue.shift();
    if (chunk === undefined && !this.ended) return;
    this.waiter = undefined;
    waiter.resolve(chunk);
  }

  /** The next octets; undefined when the client has ended. @throws TimedOut */
  async read(timeoutMs: number): Promise<Buffer | undefined> {
    const ready = this.queue.shift();
    if (ready || this.ended) return ready;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Buffer | undefined>((resolve, reject) => {
        this.waiter = { resolve, reject };
        timer = setTimeout(() => reject(new TimedOut('nothing heard')), timeoutMs);
        this.socket.resume();
      });
    } finally {
      clearTimeout(timer);
      this.waiter = undefined;
    }
  }

  /** Makes a waiting `read` fail; false when none waits. */
  interrupt(error: Error): boolean {
    if (!this.waiter) return false;
    this.waiter.reject(error);
    return true;
  }

  /** Lets time pass, unless the client goes. */
  async pause(ms: number): Promise<void> {
    const { socket } = this;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        socket.off('close', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      socket.on('close', done);
    });
  }

  /** Collects; `flush` sends. Awaiting is needed only where much is written. */
  write(data: string | Uint8Array): void {
    const bytes =
      typeof data === 'string' ? Buffer.from(data, 'utf8') : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
  }

  get shouldFlush(): boolean {
    return this.pendingBytes >= BATCH;
  }

  /** Resolves when the kernel took the bytes or will take them at once. @throws Gone, TimedOut */
  async flush(): Promise<void> {
    if (this.pendingBytes === 0) return;
    const bytes = this.pending.length === 1 && this.pending[0] ? this.pending[0] : Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    if (!this.open) throw new Gone('the client is gone');
    if (this.socket.write(bytes)) return;
    await this.drained();
  }

  private async drained(): Promise<void> {
    const { socket } = this;
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error): void => {
        clearTimeout(timer);
        socket.off('drain', drain).off('close', closed);
        if (error) reject(error);
        else resolve();
      };
      const drain = (): void => done();
      const closed = (): void => done(new Gone('the client is gone'));
      const timer = setTimeout(() => {
        socket.destroy();
        done(new TimedOut('the client takes nothing'));
      }, this.stallMs);
      socket.on('drain', drain).on('close', closed);
    });
  }

  /** STARTTLS. What was sent ahead in clear is dropped (RFC 9051 §11.1: no injection). */
  async startTls(secureContext: SecureContext, timeoutMs: number): Promise<void> {
    this.detach();
    this.queue = [];
    const plain = this.socket;
    const secure = new TLSSocket(plain, { isServer: true, secureContext });
    try {
      await handshake(secure, timeoutMs);
    } catch (error) {
      plain.destroy();
      this.ended = true;
      this.onClose();
      throw error;
    }
    this.socket = secure;
    this.attach();
  }

  /** Sends what waits, then closes; a client that does not take it is cut off. */
  end(): void {
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    const { socket } = this;
    if (socket.destroyed) return;
    socket.end(bytes);
    socket.resume(); // an unread rest must not turn our last words into a reset
    const timer = setTimeout(() => socket.destroy(), 2000);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    this.socket.destroy();
  }
}

function handshake(secure: TLSSocket, timeoutMs: number): Promise<void> {
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
