/**
 * One socket. Invariants: input waits in the kernel while nobody reads (`pause`), so a client cannot fill our memory by
 * sending ahead; output waits until it is taken, so a slow reader holds one buffer and is dropped after `stallMs`.
 */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TLSSocket, type SecureContext } from 'node:tls';

import { asItIs, compressed, takenApart } from './deflate.ts';
import { asError, Farewell, Gone, TimedOut } from './errors.ts';
import { handshake } from './handshake.ts';
import { Outgoing } from './outgoing.ts';
import { Pace } from './pace.ts';

export { Gone, TimedOut };

/** Collected answers go out together from this size on. */
const BATCH = 64 * 1024;
/** Milliseconds that one connection works before others get their turn: what it reads from the store does not wait for anything. */
const TURN = 5;

const NONE = new Uint8Array(0);

interface Waiter {
  /** It waits for so many octets: less is of no use to it. */
  readonly atLeast: number;
  readonly timer?: NodeJS.Timeout;
  resolve(chunk: Buffer | undefined): void;
  reject(error: Error): void;
}

export class Transport {
  private socket: Socket;
  /** Where the client's octets come from: the socket, or what takes them apart behind it. */
  private source: Readable;
  /** Under COMPRESS. */
  private pace: Pace | undefined;
  private readonly stallMs: number;
  private queue: Buffer[] = [];
  private queuedBytes = 0;
  private ended = false;
  /** Why nothing more can be understood. */
  private fault: Error | undefined;
  private waiter: Waiter | undefined;
  private pending: Uint8Array[] = [];
  /** Written after `pending`: many short strings become one buffer. */
  private text = '';
  private pendingBytes = 0;
  private turnBegan = 0;
  private readonly outgoing = new Outgoing();
  private detach: () => void = () => undefined;
  /** Runs once when the connection is over, whoever ended it. */
  onClose: () => void = () => undefined;

  constructor(socket: Socket, options: { stallMs: number }) {
    this.socket = this.source = socket;
    this.stallMs = options.stallMs;
    this.attach();
  }

  get open(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  private attach(): void {
    const { socket, source } = this;
    const data = (chunk: Buffer): void => {
      if (this.ended) return; // nobody reads any more
      this.pace?.heard(performance.now());
      this.queue.push(chunk);
      this.queuedBytes += chunk.length;
      // In the middle of a literal it goes on: to stop and begin again at each piece costs more than taking it.
      if (this.isEnough) source.pause();
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
    source.on('data', data).on('end', end);
    socket.on('close', close).on('error', ignore);
    source.pause();
    this.detach = () => {
      source.off('data', data).off('end', end);
      socket.off('close', close);
    };
  }

  private get isEnough(): boolean {
    return this.queuedBytes >= (this.waiter?.atLeast ?? 0);
  }

  private take(): Buffer | undefined {
    const chunk = this.queue.shift();
    if (!chunk && this.fault) throw this.fault;
    this.queuedBytes -= chunk?.length ?? 0;
    return chunk;
  }

  private wake(): void {
    const { waiter } = this;
    if (!waiter) return;
    if (!this.isEnough && !this.ended) return void waiter.timer?.refresh();
    this.waiter = undefined;
    try {
      waiter.resolve(this.take());
    } catch (error) {
      waiter.reject(asError(error));
    }
  }

  /** The next octets, once `atLeast` have come; undefined when the client has ended. @throws TimedOut, Farewell */
  async read(timeoutMs: number, atLeast = 1): Promise<Buffer | undefined> {
    if (this.queuedBytes >= atLeast || this.ended) return this.take();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Buffer | undefined>((resolve, reject) => {
        timer = setTimeout(() => reject(new TimedOut('nothing heard')), timeoutMs);
        this.waiter = { atLeast, timer, resolve, reject };
        this.source.resume();
      });
    } finally {
      clearTimeout(timer);
      this.waiter = undefined;
      this.turnBegan = performance.now();
    }
  }

  /** The next octets, unless something else comes first; undefined also when the client has ended. */
  async readUnless(other: Promise<unknown>, atLeast: number): Promise<Buffer | undefined> {
    if (this.queuedBytes >= atLeast || this.ended) return this.take();
    return new Promise<Buffer | undefined>((resolve, reject) => {
      const waiter = { atLeast, resolve, reject };
      this.waiter = waiter;
      const give = (): void => {
        if (this.waiter !== waiter) return;
        this.waiter = undefined;
        this.source.pause();
        resolve(undefined);
      };
      other.then(give, give);
      this.source.resume();
    });
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
    this.pendingBytes += data.length;
    if (typeof data === 'string') {
      this.text += data;
      return;
    }
    this.closeText();
    this.pending.push(data);
  }

  private closeText(): void {
    if (this.text === '') return;
    this.pending.push(Buffer.from(this.text, 'utf8'));
    this.text = '';
  }

  get shouldFlush(): boolean {
    return this.pendingBytes >= BATCH;
  }

  /** Resolves when the kernel took the bytes or will take them at once. @throws Gone, TimedOut */
  flush(): Promise<void> {
    return this.send(() => this.socket.writableNeedDrain);
  }
  /** Resolves when nobody looks at the bytes any more: their memory may be used again. @throws Gone, TimedOut */
  settle(): Promise<void> {
    return this.send(() => true);
  }

  private async send(mustWait: () => boolean): Promise<void> {
    if (this.pendingBytes > 0) await this.giveWay();
    const making = performance.now();
    const parts = this.takePending();
    const { socket } = this;
    if (parts.length > 0 && !this.open) throw new Gone('the client is gone');
    const begun = performance.now();
    // One call for all: copying some 64 KiB costs less than writing them apart, and TLS would copy them as well.
    if (parts.length > 0) this.outgoing.write(socket, joined(parts));
    // Nothing left: the kernel took it within the call.
    if (socket.writableLength > 0 && mustWait()) await this.outgoing.taken(socket, this.stallMs);
    if (!this.pace || parts.length === 0) return;
    const now = performance.now();
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    this.pace.sent(bytes, { waited: now - begun, made: begun - making }, now);
  }

  private async giveWay(): Promise<void> {
    const now = performance.now();
    if (now - this.turnBegan < TURN) return;
    await nextTurn();
    this.turnBegan = performance.now();
  }

  private takePending(): Uint8Array[] {
    this.closeText();
    const parts = this.pending;
    this.pending = [];
    this.pendingBytes = 0;
    if (!this.pace || parts.length === 0) return parts;
    if (!this.pace.compresses) return asItIs(parts);
    return [compressed(joined(parts))];
  }

  /** STARTTLS. What was sent ahead in clear is dropped (RFC 9051 §11.1: no injection). */
  async startTls(secureContext: SecureContext, timeoutMs: number): Promise<void> {
    this.detach();
    this.queue.length = this.queuedBytes = 0;
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
    this.socket = this.source = secure;
    this.attach();
  }

  get compressing(): boolean {
    return this.pace !== undefined;
  }
  /** Octets came that nobody has read. */
  get readAhead(): boolean {
    return this.queue.length > 0;
  }

  /** RFC 4978: from now on both directions are compressed. What waits to be sent must be flushed before. */
  startDeflate(nearMs: number): void {
    this.detach();
    this.source = takenApart(this.socket, () => {
      this.fault = new Farewell('what came compressed is damaged');
      this.ended = true;
      this.wake();
    });
    this.pace = new Pace(nearMs, performance.now());
    this.attach();
  }

  /** Sends what waits, then closes; a client that does not take it is cut off. */
  end(): void {
    const parts = this.takePending();
    const { socket } = this;
    if (socket.destroyed) return;
    for (const part of parts) socket.write(part);
    socket.end();
    this.ended = true;
    // What is not taken apart costs nothing: one kilobyte may stand for a megabyte.
    if (this.source !== socket) {
      socket.unpipe();
      this.source.destroy();
    }
    socket.resume(); // an unread rest must not turn our last words into a reset
    const timer = setTimeout(() => socket.destroy(), 2000);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    this.socket.destroy();
  }
}

const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  parts.length > 1 ? Buffer.concat(parts) : (parts[0] ?? NONE);
