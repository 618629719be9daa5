/** Stands between a client and our plain IMAP port and keeps what the client said: the proof of which commands it uses. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Recorder {
  port: number;
  /** What all clients said since the last call, as long as it was clear text. */
  said(): string;
  stop(): Promise<void>;
}

export async function recorder(target: number): Promise<Recorder> {
  let heard: Buffer[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const ours = connect(target, '127.0.0.1');
    for (const socket of [client, ours]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    client.on('data', (chunk: Buffer) => heard.push(chunk));
    client.pipe(ours).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    said() {
      const text = Buffer.concat(heard).toString('latin1');
      heard = [];
      return text;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
