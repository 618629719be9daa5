/** A mail server of others that behaves as the test says, step by step. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

export type Step = 'connect' | 'ehlo' | 'starttls' | 'mail' | 'rcpt' | 'data' | 'dot' | 'quit';
/** A reply; "drop" hangs up, "stall" says nothing more, "drip" never comes to an end, undefined is the friendly answer. */
export type Answer = string | undefined;

export interface PeerOptions {
  /** Attempt counts connections from 1. */
  answer?: (step: Step, context: { attempt: number; line: string }) => Answer;
  /** Offered after EHLO. */
  offers?: string[];
  tls?: { key: string; cert: string } | 'broken' | 'dropped' | 'silent';
  host?: string;
  port?: number;
}

export interface Peer {
  port: number;
  connections: number;
  /** Those that still stand. */
  open(): number;
  /** Commands of all connections, in order. */
  heard: string[];
  /** What it answered 250 for. */
  taken: { mailFrom: string; rcptTo: string[]; data: string; secure: boolean }[];
  stop(): Promise<void>;
}

export async function mailPeer(options: PeerOptions = {}): Promise<Peer> {
  const sockets = new Set<Socket>();
  const open = () => sockets.size;
  const peer: Peer = { port: 0, connections: 0, open, heard: [], taken: [], stop: async () => undefined };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    peer.connections++;
    converse(socket, peer, options, peer.connections);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  peer.port = (server.address() as AddressInfo).port;
  peer.stop = () =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return peer;
}

function converse(raw: Socket, peer: Peer, options: PeerOptions, attempt: number): void {
  let socket: Socket = raw;
  let secure = false;
  let buffer = '';
  let message: string | undefined;
  let mailFrom = '';
  let rcptTo: string[] = [];
  const reply = (step: Step, line: string, friendly: string): boolean => {
    const said = options.answer?.(step, { attempt, line }) ?? friendly;
    if (said === 'drop') socket.destroy();
    else if (said === 'drip') {
      const drops = setInterval(() => socket.write('250-and\r\n'), 50);
      socket.once('close', () => clearInterval(drops));
    } else if (said !== 'stall') socket.write(`${said}\r\n`);
    return said.startsWith('2') || said.startsWith('3');
  };
  const command = (line: string): void => {
    peer.heard.push(line);
    const word = line.slice(0, 4).toUpperCase();
    if (word === 'EHLO') {
      const offers = [...(options.offers ?? []), ...(options.tls && !secure ? ['STARTTLS'] : [])];
      reply(
        'ehlo',
        line,
        ['peer.example', ...offers].map((offer, i, all) => `250${i < all.length - 1 ? '-' : ' '}${offer}`).join('\r\n'),
      );
    } else if (word === 'STAR') {
      if (reply('starttls', line, '220 go')) upgrade();
    } else if (word === 'MAIL') {
      mailFrom = line;
      rcptTo = [];
      reply('mail', line, '250 2.1.0 ok');
    } else if (word === 'RCPT') {
      if (reply('rcpt', line, '250 2.1.5 ok')) rcptTo.push(line);
    } else if (word === 'DATA') {
      if (rcptTo.length === 0) socket.write('503 5.5.1 no recipients\r\n');
      else if (reply('data', line, '354 go')) message = '';
    } else if (word === 'QUIT') {
      if (reply('quit', line, '221 bye')) socket.end();
    } else socket.write('250 ok\r\n');
  };
  const upgrade = (): void => {
    if (options.tls === 'dropped') socket.destroy();
    if (options.tls === 'broken') socket.write('this is no TLS\r\n');
    if (!options.tls || typeof options.tls === 'string') return;
    raw.removeAllListeners('data');
    socket = new TLSSocket(raw, { isServer: true, secureContext: createSecureContext(options.tls) });
    secure = true;
    buffer = '';
    listen();
  };
  const listen = (): void => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      buffer += chunk.toString('latin1');
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (message === undefined) command(line);
        else if (line !== '.') message += `${line.replace(/^\./, '')}\r\n`;
        else {
          const data = message;
          message = undefined;
          if (reply('dot', line, '250 2.0.0 taken')) peer.taken.push({ mailFrom, rcptTo, data, secure });
        }
      }
    });
  };
  listen();
  reply('connect', '', '220 peer.example ESMTP');
}
