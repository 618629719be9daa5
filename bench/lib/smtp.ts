/** A raw SMTP client for measuring: pipelines nothing, parses only reply codes. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export class Smtp {
  private readonly socket: Socket;
  private buffer = '';
  private readonly replies: string[] = [];
  private waiting: { resolve(code: string): void; reject(error: Error): void } | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.take(chunk.toString('latin1')));
    const fail = (error?: Error) => this.waiting?.reject(error ?? new Error('connection closed'));
    socket.on('error', fail);
    socket.on('close', () => fail());
  }

  static async open(port: number, host = '127.0.0.1'): Promise<Smtp> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    const smtp = new Smtp(socket);
    await smtp.expect('2');
    await smtp.say('EHLO bench.test', '2');
    return smtp;
  }

  /** @param onDot when all is sent but the answer. */
  async send(from: string, to: readonly string[], dotStuffed: Buffer, onDot?: () => void): Promise<void> {
    await this.say(`MAIL FROM:<${from}>`, '2');
    for (const address of to) await this.say(`RCPT TO:<${address}>`, '2');
    await this.say('DATA', '3');
    this.socket.write(dotStuffed);
    onDot?.();
    await this.say('.', '2');
  }

  async say(line: string, ok: string): Promise<void> {
    this.socket.write(`${line}\r\n`);
    await this.expect(ok, line);
  }

  close(): void {
    this.socket.end('QUIT\r\n');
  }

  private async expect(ok: string, after = 'greeting'): Promise<void> {
    const reply =
      this.replies.shift() ?? (await new Promise<string>((resolve, reject) => (this.waiting = { resolve, reject })));
    this.waiting = undefined;
    if (!reply.startsWith(ok)) throw new Error(`${reply} after ${after.slice(0, 80)}`);
  }

  private take(text: string): void {
    this.buffer += text;
    for (let end = this.buffer.indexOf('\r\n'); end >= 0; end = this.buffer.indexOf('\r\n')) {
      const line = this.buffer.slice(0, end);
      this.buffer = this.buffer.slice(end + 2);
      if (line[3] === '-') continue;
      const { waiting } = this;
      this.waiting = undefined;
      if (waiting) waiting.resolve(line);
      else this.replies.push(line);
    }
  }
}
