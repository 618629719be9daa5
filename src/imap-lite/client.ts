/** One accepted socket: its transport, session and connection joined; its time before sign-in and its place among the others. */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';

import type { Principal } from '../directory/types.ts';
import type { LooksForMail } from './commands/command.ts';
import { Connection } from './connection.ts';
import type { Admission } from './admission.ts';
import { Farewell, no } from './errors.ts';
import type { Recents } from './recent.ts';
import { Session, type Output, type Wire } from './session.ts';
import type { ImapServerParts } from './server.ts';
import { createUserStore } from './store/user-store.ts';
import type { ImapStore } from './store.ts';
import { Gone, TimedOut, Transport } from './transport.ts';
import type { KeptColumns } from './sort/columns.ts';
import type { KnownUids } from './uids.ts';
import { CommandReader } from './wire/command-reader.ts';

type Official = Extract<Principal, { kind: 'official' }>;

export interface ClientParts extends ImapServerParts {
  admission: Admission;
  known: KnownUids;
  recents: Recents;
  columns: KeptColumns;
  secureContext(): SecureContext | undefined;
}

export interface Client {
  /** Resolves when the conversation is over and its place is free. */
  readonly done: Promise<void>;
  stop(): void;
}

export function serveClient(
  parts: ClientParts,
  socket: Socket,
  { remote, secure }: { remote: string; secure: boolean },
): Client {
  const { settings, clock, log } = parts;
  const transport = new Transport(socket, { stallMs: settings.stallSeconds * 1000 });
  const reader = new CommandReader();
  const wire = new ClientWire(parts, { transport, reader, remote, secure });
  const session = new Session({ settings, clock, log, out: outputOf(transport), wire });
  const settled = async (where: LooksForMail): Promise<void> => {
    const accounts = await session.accountsOf(where);
    if (accounts.length > 0) await parts.settled?.(accounts);
  };
  const connection = new Connection({ session, transport, reader, settings, log, settled });
  const closed = new Promise<void>((resolve) => {
    transport.onClose = resolve;
  });
  const stopWith = (error: Error): void => {
    // Between two commands there is time for a last word; in the middle of one there is not.
    if (!transport.interrupt(error)) transport.destroy();
  };
  const late = setTimeout(() => {
    if (session.state === 'notAuthenticated') stopWith(new TimedOut('not signed in'));
  }, settings.preLoginSeconds * 1000);
  const done = connection
    .run()
    .then(() => closed)
    .finally(() => {
      clearTimeout(late);
      wire.end();
    });
  return { done, stop: () => stopWith(new Farewell('the server stops', 'UNAVAILABLE')) };
}

function outputOf(transport: Transport): Output {
  return {
    line: (text) => transport.write(`${text}\r\n`),
    raw: (bytes) => transport.write(bytes),
    flush: () => transport.flush(),
    settle: () => transport.settle(),
    get shouldFlush() {
      return transport.shouldFlush;
    },
  };
}

interface Ends {
  transport: Transport;
  reader: CommandReader;
  remote: string;
  secure: boolean;
}

class ClientWire implements Wire {
  readonly remote: string;
  readonly loopback: boolean;
  onChange: () => void = () => undefined;
  private readonly parts: ClientParts;
  private readonly transport: Transport;
  private readonly reader: CommandReader;
  private isSecure: boolean;
  private leaveUser: () => void = () => undefined;

  constructor(parts: ClientParts, { transport, reader, remote, secure }: Ends) {
    this.parts = parts;
    this.transport = transport;
    this.reader = reader;
    this.remote = remote;
    this.loopback = remote === '::1' || remote.startsWith('127.');
    this.isSecure = secure;
  }

  get secure(): boolean {
    return this.isSecure;
  }
  get jmapUrl(): string | undefined {
    return this.parts.jmapUrl;
  }
  get tlsReady(): boolean {
    return this.parts.secureContext() !== undefined;
  }

  async startTls(): Promise<void> {
    const context = this.parts.secureContext();
    if (!context) throw no('TLS is not set up here');
    this.reader.discard();
    await this.transport.startTls(context, this.parts.settings.preLoginSeconds * 1000);
    this.isSecure = true;
  }

  get compressing(): boolean {
    return this.transport.compressing;
  }
  get readAhead(): boolean {
    return this.reader.waiting > 0 || this.transport.readAhead;
  }
  startDeflate(): void {
    this.transport.startDeflate(this.parts.settings.compressFromMs);
  }

  async readLine(limit: number): Promise<string> {
    for (;;) {
      const line = this.reader.nextLine(limit);
      if (line === null) throw new Farewell('a line is too long', 'TOOBIG');
      if (line) return line.toString('utf8');
      const chunk = await this.transport.read(this.parts.settings.idleSeconds * 1000);
      if (!chunk) throw new Gone('the client has ended');
      this.reader.push(chunk);
    }
  }

  interrupt(error: Error): void {
    if (!this.transport.interrupt(error)) this.transport.destroy();
  }

  pause(ms: number): Promise<void> {
    return this.transport.pause(ms);
  }

  async signIn(address: string, password: string): Promise<ImapStore> {
    const { credentials } = this.parts;
    const who = await credentials.authenticate({ address, password, remote: this.remote, allowAppPassword: true });
    // A first password is known to whoever gave it; only the web client can change it.
    if (who.mustChange) throw no('sign in to the web client first and choose a password of your own', 'ALERT');
    return this.admit(who);
  }

  get tokens(): Wire['tokens'] {
    const { tokens } = this.parts.credentials;
    if (!tokens) return undefined;
    return {
      hints: tokens.hints,
      signIn: async (message) => this.admit(await tokens.authenticate({ ...message, remote: this.remote })),
    };
  }

  private admit({ officialId, accountId }: Pick<Official, 'officialId' | 'accountId'>): ImapStore {
    const leave = this.parts.admission.signIn(officialId);
    if (!leave) throw no('too many connections of this user', 'LIMIT');
    this.leaveUser = leave;
    return createUserStore(this.parts, { officialId, accountId });
  }

  end(): void {
    this.leaveUser();
  }
}
