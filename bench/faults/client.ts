/** IMAP and submission as a driver needs them that expects the other side to die at any moment: every wait ends with the connection. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** The server went away; anything else that goes wrong is a fault of its own. */
export class Gone extends Error {
  override readonly name = 'Gone';
}

class Lines {
  private buffer = '';
  private readonly lines: string[] = [];
  private waiting: { resolve(line: string): void; reject(error: Error): void } | undefined;
  private ended = false;
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.take(chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.waiting?.reject(new Gone('connection closed'));
    });
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  next(): Promise<string> {
    const line = this.lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.ended) return Promise.reject(new Gone('connection closed'));
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  close(): void {
    this.socket.destroy();
  }

  private take(text: string): void {
    this.buffer += text;
    for (let end = this.buffer.indexOf('\r\n'); end >= 0; end = this.buffer.indexOf('\r\n')) {
      const line = this.buffer.slice(0, end);
      this.buffer = this.buffer.slice(end + 2);
      const { waiting } = this;
      this.waiting = undefined;
      if (waiting) waiting.resolve(line);
      else this.lines.push(line);
    }
  }
}

function opened(socket: Socket, ready: 'connect' | 'secureConnect'): Promise<Lines> {
  const lines = new Lines(socket);
  return new Promise((resolve, reject) => {
    socket.once(ready, () => resolve(lines));
    socket.once('close', () => reject(new Gone('no connection')));
  });
}

export interface SmtpClient {
  /** Resolves when the server said 250 to the whole message. */
  send(from: string, to: readonly string[], message: string): Promise<void>;
  close(): void;
}

export async function openSmtp(port: number, login?: { user: string; password: string }): Promise<SmtpClient> {
  const lines = await opened(connectPlain(port, '127.0.0.1'), 'connect');
  const expect = async (code: string): Promise<void> => {
    for (;;) {
      const line = await lines.next();
      if (line[3] === '-') continue;
      // RFC 5321 §3.8: it says so before it goes.
      if (line.startsWith('421')) throw new Gone(line);
      if (!line.startsWith(code)) throw new Error(`SMTP: ${line} instead of ${code}`);
      return;
    }
  };
  const say = async (line: string, code: string): Promise<void> => {
    lines.write(`${line}\r\n`);
    await expect(code);
  };
  await expect('220');
  await say('EHLO driver.example.org', '250');
  if (login) await say(`AUTH PLAIN ${Buffer.from(`\0${login.user}\0${login.password}`).toString('base64')}`, '235');
  return {
    async send(from, to, message) {
      await say(`MAIL FROM:<${from}>`, '250');
      for (const address of to) await say(`RCPT TO:<${address}>`, '250');
      await say('DATA', '354');
      lines.write(`${message}\r\n.\r\n`);
      await expect('250');
    },
    close: () => lines.close(),
  };
}

export interface ImapClient {
  /** One character an octet. @returns the lines of the answer, the tagged one last. */
  run(command: string): Promise<string[]>;
  close(): void;
}

export async function openImap(port: number, user: string, password: string): Promise<ImapClient> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  const lines = await opened(socket, 'secureConnect');
  await lines.next();
  let count = 0;
  const run = async (command: string): Promise<string[]> => {
    const tag = `t${++count}`;
    lines.write(Buffer.from(`${tag} ${command}\r\n`, 'latin1'));
    const answer: string[] = [];
    for (;;) {
      const line = await lines.next();
      answer.push(line);
      if (!line.startsWith(`${tag} `)) continue;
      if (!line.startsWith(`${tag} OK`)) throw new Error(`IMAP: ${line} to ${command.slice(0, 60)}`);
      return answer;
    }
  };
  await run(`LOGIN "${user}" "${password}"`);
  return { run, close: () => lines.close() };
}
