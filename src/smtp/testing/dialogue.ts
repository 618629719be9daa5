/** An SMTP client that says what the script says and shows what it heard. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Dialogue {
  /** One command line, and the whole reply to it. */
  say(line: string): Promise<string>;
  /** Bytes as they are. */
  write(bytes: string | Buffer): void;
  /** The next reply. */
  hear(): Promise<string>;
  /** What is heard until the peer hangs up. */
  rest(): Promise<string>;
  startTls(): Promise<void>;
  close(): void;
}

export async function dialogue(port: number, options: { tls?: boolean } = {}): Promise<Dialogue> {
  let socket: Socket = options.tls
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let buffer = '';
  let ended = false;
  let wake = (): void => undefined;
  const listen = (): void => {
    socket.on('data', (chunk: Buffer) => {
      buffer += chunk.toString('utf8');
      wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      ended = true;
      wake();
    });
  };
  listen();
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const hear = async (): Promise<string> => {
    for (;;) {
      const reply = /^(?:\d{3}-[^\n]*\r\n)*\d{3}(?: [^\n]*)?\r\n/.exec(buffer)?.[0];
      if (reply !== undefined) {
        buffer = buffer.slice(reply.length);
        return reply.trimEnd();
      }
      if (ended) return '(closed)';
      await more();
    }
  };
  return {
    write: (bytes) => void socket.write(bytes),
    hear,
    say(line) {
      socket.write(`${line}\r\n`);
      return hear();
    },
    async rest() {
      while (!ended) await more();
      return buffer;
    },
    async startTls() {
      const plain = socket;
      plain.removeAllListeners('data');
      plain.removeAllListeners('close');
      socket = connectTls({ socket: plain, rejectUnauthorized: false });
      listen();
      await new Promise((resolve, reject) => {
        socket.once('secureConnect', resolve);
        socket.once('error', reject);
      });
    },
    close: () => socket.destroy(),
  };
}
