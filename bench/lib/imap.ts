/**
 * A raw IMAP client for measuring: it knows lines, literals and tags, nothing else, so that its own work stays small beside the
 * server's. Commands may be pipelined; untagged answers belong to the oldest command in flight.
 */
import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Octets of a line that are looked at; the rest, and literals, pass by unread unless the command keeps them. */
const HEAD = 200;

export interface ImapAnswer {
  /** Untagged answers with their literals, when the command keeps them. */
  lines: string[];
  /** How many untagged answers came. */
  count: number;
  status: string;
}

export interface Account {
  address: string;
  password: string;
}

interface Command extends ImapAnswer {
  tag: string;
  keep: boolean;
  resolve(answer: ImapAnswer): void;
  reject(error: Error): void;
}

export class Imap {
  /** Octets received. */
  bytes = 0;
  /** Sees the first octets of every untagged answer. */
  onUntagged: ((head: string) => void) | undefined;

  private readonly socket: Socket;
  private readonly inFlight: Command[] = [];
  private readonly continuations: (() => void)[] = [];
  private greeted: (() => void) | undefined;
  private pieces: Buffer[] = [];
  private literal = 0;
  private sent = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    const fail = (error: Error) => {
      for (const command of this.inFlight.splice(0)) command.reject(error);
    };
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('connection closed')));
  }

  /** Over TLS to `imaps`, or plain to `imap`, which both sides take from loopback. */
  static async open(at: { imap: number } | { imaps: number }, { address, password }: Account): Promise<Imap> {
    const host = '127.0.0.1';
    const secure = 'imaps' in at;
    // A server of the bench on loopback, with the certificate of its first start.
    const socket = secure
      ? connectTls({ host, port: at.imaps, rejectUnauthorized: false })
      : connectPlain({ host, port: at.imap });
    const imap = new Imap(socket);
    const greeting = new Promise<void>((resolve) => (imap.greeted = resolve));
    await once(socket, secure ? 'secureConnect' : 'connect');
    await greeting;
    await imap.run(`LOGIN "${address}" "${password}"`);
    return imap;
  }

  /** Buffers are sent as LITERAL+ (RFC 7888). */
  run(...parts: (string | Buffer)[]): Promise<ImapAnswer> {
    return this.send(parts, true);
  }

  /** The same; answers are counted and dropped. */
  skim(...parts: (string | Buffer)[]): Promise<ImapAnswer> {
    return this.send(parts, false);
  }

  async count(mailbox = 'INBOX'): Promise<number> {
    const { lines } = await this.run(`STATUS "${mailbox}" (MESSAGES)`);
    return Number(/MESSAGES (\d+)/.exec(lines.join(''))?.[1] ?? NaN);
  }

  /** RFC 2177. @returns what leaves it. */
  async idle(): Promise<() => Promise<void>> {
    const ready = new Promise<void>((resolve) => this.continuations.push(resolve));
    const ended = this.skim('IDLE');
    await Promise.race([ready, ended]);
    return async () => {
      this.socket.write('DONE\r\n');
      await ended;
    };
  }

  close(): void {
    this.socket.destroy();
  }

  private send(parts: readonly (string | Buffer)[], keep: boolean): Promise<ImapAnswer> {
    const tag = `a${++this.sent}`;
    const out: Buffer[] = [Buffer.from(`${tag} `)];
    for (const part of parts) {
      if (typeof part === 'string') out.push(Buffer.from(part));
      else out.push(Buffer.from(`{${part.length}+}\r\n`), part);
    }
    out.push(Buffer.from('\r\n'));
    return new Promise((resolve, reject) => {
      this.inFlight.push({ tag, keep, lines: [], count: 0, status: '', resolve, reject });
      this.socket.write(Buffer.concat(out));
    });
  }

  private take(chunk: Buffer): void {
    this.bytes += chunk.length;
    for (let at = 0; at < chunk.length;) {
      if (this.literal > 0) {
        const end = Math.min(chunk.length, at + this.literal);
        // What nobody keeps is not held until its line is complete: collecting it would be most of our work.
        if (this.inFlight[0]?.keep !== false) this.pieces.push(chunk.subarray(at, end));
        this.literal -= end - at;
        at = end;
        continue;
      }
      const end = chunk.indexOf(10, at);
      const part = chunk.subarray(at, end < 0 ? chunk.length : end + 1);
      this.pieces.push(part);
      at += part.length;
      if (end < 0) return;
      this.literal = this.literalAhead(part);
      if (this.literal === 0) this.answered();
    }
  }

  /** RFC 3501 §4.3: a line that ends in "{octets}" goes on after them. */
  private literalAhead(part: Buffer): number {
    if (part.length >= 3 && part[part.length - 3] !== 0x7d) return 0;
    const tail = part.length >= 24 ? part : Buffer.concat(this.pieces.slice(-3));
    const octets = /\{(\d+)\}\r\n$/.exec(tail.subarray(-24).toString('latin1'))?.[1];
    return octets === undefined ? 0 : Number(octets);
  }

  private answered(): void {
    const { pieces } = this;
    this.pieces = [];
    const first = pieces[0]?.length ?? 0;
    const start = first >= HEAD || pieces.length === 1 ? pieces[0] : Buffer.concat(pieces.slice(0, 3));
    const head = start?.subarray(0, HEAD).toString('latin1') ?? '';
    if (this.greeted) {
      this.greeted();
      this.greeted = undefined;
    } else if (head.startsWith('+')) this.continuations.shift()?.();
    else if (head.startsWith('* ')) this.untagged(head, pieces);
    else this.tagged(head);
  }

  private untagged(head: string, pieces: Buffer[]): void {
    const command = this.inFlight[0];
    if (command) {
      command.count++;
      if (command.keep) command.lines.push(Buffer.concat(pieces).toString('utf8'));
    }
    this.onUntagged?.(head);
  }

  private tagged(head: string): void {
    const tag = head.slice(0, head.indexOf(' '));
    const at = this.inFlight.findIndex((command) => command.tag === tag);
    const [command] = at < 0 ? [] : this.inFlight.splice(at, 1);
    if (!command) return;
    command.status = head.trim();
    if (head.startsWith(`${tag} OK`)) command.resolve(command);
    else command.reject(new Error(head.trim()));
  }
}
