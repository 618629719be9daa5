/** A scripted IMAP client over a real socket: sends what it is told, gives back whole responses, literals included. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw } from 'node:zlib';

export interface Answer {
  /** Untagged responses and continuation requests before the tagged one. */
  lines: string[];
  /** "OK", "NO", "BAD"; "BYE" when the server closed instead. */
  status: string;
  /** The tagged line after the tag. */
  text: string;
}

export class Dialogue {
  private socket: Socket;
  private buffer: Buffer = Buffer.alloc(0);
  private readonly waiters: (() => void)[] = [];
  private count = 0;
  private deflater: DeflateRaw | undefined;
  ended = false;
  /** Tells what the server says of \\Recent too: who came first decides it, and most tests ask something else. */
  recent = false;
  /** Lines are one char per octet, not UTF-8: content that is no text stays what it is. */
  octets = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.attach();
  }

  static async connect(port: number, options: { tls?: boolean } = {}): Promise<Dialogue> {
    const socket = options.tls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connectPlain({ port, host: '127.0.0.1' });
    // Nagle's algorithm would have each small write wait 40 ms for the acknowledgement of the one before.
    socket.setNoDelay(true);
    return new Dialogue(socket);
  }

  static over(socket: Socket): Dialogue {
    return new Dialogue(socket);
  }

  private attach(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.buffer = Buffer.concat([this.buffer, chunk]);
      this.wake();
    });
    const over = (): void => {
      this.ended = true;
      this.wake();
    };
    this.socket.on('end', over).on('close', over).on('error', over);
  }
  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  /** UTF-8 text or octets, as they are. */
  raw(data: string | Uint8Array): void {
    if (!this.deflater) {
      this.socket.write(data);
      return;
    }
    this.deflater.write(data);
    this.deflater.flush(constants.Z_SYNC_FLUSH);
  }
  get underlying(): Socket {
    return this.socket;
  }

  /** The next whole response, literals in place, as latin1-free UTF-8 text; undefined at the end. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const text = await this.whole();
      if (text === undefined || this.recent) return text;
      if (!/^\* \d+ RECENT$/.test(text)) return text.replace(/^(\* \d+ FETCH \([^{]*?) ?\\Recent(?=\))/, '$1');
    }
  }

  private async whole(): Promise<string | undefined> {
    for (;;) {
      const end = wholeResponse(this.buffer);
      if (end > 0) {
        const text = this.buffer.toString(this.octets ? 'latin1' : 'utf8', 0, end - 2);
        this.buffer = this.buffer.subarray(end);
        return text;
      }
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** Sends one command and reads to its tagged answer; literals in `parts` after the first are sent non-synchronizing. */
  async run(command: string, ...literals: (string | Uint8Array)[]): Promise<Answer> {
    const tag = `t${++this.count}`;
    this.raw(`${tag} ${command}`);
    for (const literal of literals) {
      const bytes = Buffer.from(literal as string);
      this.raw(`{${bytes.length}+}\r\n`);
      this.raw(bytes);
    }
    this.raw('\r\n');
    return this.until(tag);
  }

  async until(tag: string): Promise<Answer> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === undefined) return { lines, status: 'BYE', text: lines.at(-1) ?? '' };
      if (line.startsWith(`${tag} `)) {
        const text = line.slice(tag.length + 1);
        return { lines, status: text.split(' ')[0] ?? '', text };
      }
      lines.push(line);
    }
  }

  /** Like `run`, but anything but OK is an error. */
  async ok(command: string, ...literals: (string | Uint8Array)[]): Promise<string[]> {
    const answer = await this.run(command, ...literals);
    if (answer.status !== 'OK') throw new Error(`${command}: ${answer.status} ${answer.text}`);
    return answer.lines;
  }

  async startTls(): Promise<void> {
    const { status } = await this.run('STARTTLS');
    if (status !== 'OK') throw new Error('no STARTTLS');
    await this.secure();
  }

  /** The handshake, after the answer to STARTTLS. */
  async secure(): Promise<void> {
    this.socket.removeAllListeners();
    const plain = this.socket;
    const secure = await new Promise<TLSSocket>((resolve, reject) => {
      const made: TLSSocket = connectTls({ socket: plain, rejectUnauthorized: false }, () => resolve(made));
      made.once('error', reject);
    });
    this.socket = secure;
    this.attach();
  }

  async compress(): Promise<void> {
    await this.ok('COMPRESS DEFLATE');
    const inflater = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
    const deflater = createDeflateRaw();
    // The end counts once everything before it was taken apart.
    this.socket.removeAllListeners();
    this.socket.on('data', (chunk: Buffer) => inflater.write(chunk));
    this.socket.on('error', () => inflater.end()).on('close', () => inflater.end());
    this.socket.on('end', () => inflater.end());
    const over = (): void => {
      this.ended = true;
      this.wake();
    };
    inflater.on('end', over).on('error', over);
    inflater.on('data', (chunk: Buffer) => {
      this.buffer = Buffer.concat([this.buffer, chunk]);
      this.wake();
    });
    deflater.on('data', (chunk: Buffer) => this.socket.write(chunk));
    this.deflater = deflater;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Where the first whole response ends; 0: not yet. */
function wholeResponse(buffer: Buffer): number {
  for (let from = 0; ;) {
    const end = buffer.indexOf('\r\n', from);
    if (end < 0) return 0;
    const literal = /\{(\d+)\}$/.exec(buffer.toString('latin1', Math.max(from, end - 20), end));
    if (!literal) return end + 2;
    from = end + 2 + Number(literal[1]);
    if (from > buffer.length) return 0;
  }
}
