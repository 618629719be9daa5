/**
 * smtp-server as we need it: a connection is greeted when `onConnect` says so, its replies bring their own enhanced codes, AUTH is not
 * offered in clear text. What else it checks and refuses is smtp-server's own.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { SMTPStream } from 'smtp-server/lib/smtp-stream.js';

import { DataParser } from './data-parser.ts';

const OWN_ENHANCED_CODE = /^[245]\.\d{1,3}\.\d{1,3} /;

export class Connection extends SMTPConnection {
  /** Commands that were refused so far. */
  refusals = 0;
  /** Among the connections of its address. */
  counted = false;

  /**
   * smtp-server lets every connection wait 100 ms, to catch those that talk before its greeting. How long a stranger waits is for
   * `onConnect` to say; who then talks too soon is ended just the same.
   */
  override init(): void {
    this._setListeners(() => {
      const { maxClients } = this._server.options;
      if (maxClients && this._server.connections.size > maxClients)
        this.send(421, `${this.name} Too many connected clients, try again in a moment`, false);
      else if (!this._closing) this.connectionReady();
    });
  }

  /**
   * Our replies bring their own enhanced code (RFC 2034); smtp-server would put its guess in front of it. It also offers AUTH before
   * TLS: a client that takes the offer has told its password to the network before we can refuse (RFC 8314 §3.3).
   */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (Array.isArray(data)) {
      const inClear = !this.secure && !this._server.options.allowInsecureAuth;
      super.send(code, inClear ? data.filter((line) => !line.startsWith('AUTH ')) : data, context);
    } else {
      super.send(code, data, typeof data === 'string' && OWN_ENHANCED_CODE.test(data) ? false : context);
    }
  }

  override _createParser(): SMTPStream {
    const parser = new DataParser({ maxCommandLength: this._server.options.maxCommandLength });
    parser.oncommand = (command, callback) => this._onCommand(command, callback);
    parser.on('error', (error) => this.send(421, `Error: ${error.message}`));
    return parser;
  }
}

export class Server extends SMTPServer {
  readonly #ofSession = new WeakMap<SMTPServerSession, Connection>();

  connectionOf(session: SMTPServerSession): Connection | undefined {
    return this.#ofSession.get(session);
  }

  override connect(socket: Socket | TLSSocket, options?: SMTPConnectionOptions | null): void {
    const connection = new Connection(this, socket, options);
    this.#ofSession.set(connection.session, connection);
    this.connections.add(connection);
    connection.on('error', (error: Error) => this._onError(error));
    connection.init();
  }

  /** No proxy in front of us tells the address of a client, so there is nothing to wait for. */
  override _handleProxy(_socket: Socket, callback: (error: Error | null, options?: { id: string }) => void): void {
    callback(null, { id: randomUUID().slice(-17) });
  }
}
