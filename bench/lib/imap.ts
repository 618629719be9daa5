/** A raw IMAP client for measuring: one command at a time, lines only. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export class Imap {
  private readonly socket: TLSSocket;
  private buffer = '';
  private tag = 0;
  private wanted = '';
  private lines: string[] = [];
  private waiting: { resolve(lines: string[]): void; reject(error: Error): void } | undefined;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.take(chunk.toString('latin1')));
    socket.on('error', (error: Error) => this.waiting?.reject(error));
    socket.on('close', () => this.waiting?.reject(new Error('connection closed')));
  }

  static async open(port: number, user: string, password: string): Promise<Imap> {
    // The bench's own server on loopback, with the certificate of its first start.
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const imap = new Imap(socket);
    await imap.run(`LOGIN "${user}" "${password}"`);
    return imap;
  }

  run(command: string): Promise<string[]> {
    this.wanted = `a${++this.tag} `;
    this.lines = [];
    this.socket.write(`${this.wanted}${command}\r\n`);
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  async count(mailbox = 'INBOX'): Promise<number> {
    const lines = await this.run(`STATUS "${mailbox}" (MESSAGES)`);
    return Number(/MESSAGES (\d+)/.exec(lines.join('\n'))?.[1] ?? NaN);
  }

  close(): void {
    this.socket.destroy();
  }

  private take(text: string): void {
    this.buffer += text;
    for (let end = this.buffer.indexOf('\r\n'); end >= 0; end = this.buffer.indexOf('\r\n')) {
      const line = this.buffer.slice(0, end);
      this.buffer = this.buffer.slice(end + 2);
      this.lines.push(line);
      if (!this.wanted || !line.startsWith(this.wanted)) continue;
      const { waiting, lines } = this;
      this.waiting = undefined;
      if (line.startsWith(`${this.wanted}OK`)) waiting?.resolve(lines);
      else waiting?.reject(new Error(line));
    }
  }
}
