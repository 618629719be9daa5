/**
 * smtp-server as we need it: a connection is greeted when `onConnect` says so, its replies bring their own enhanced codes, AUTH is not
 * offered in clear text and takes base64 only, BDAT ends the connection. What else it checks and refuses is smtp-server's own.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { SMTPStream } from 'smtp-server/lib/smtp-stream.js';

import { isBase64 } from '../base/bytes.ts';
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

  /** smtp-server decodes what is base64 of it and passes over the rest. */
  override handler_AUTH(command: Buffer, callback: () => void): void {
    const [, , initial] = command.toString().trim().split(/\s+/);
    if (initial !== undefined && !this.isAnswer(initial)) return callback();
    super.handler_AUTH(command, () => {
      this.#expectAnswer();
      callback();
    });
  }

  #expectAnswer(): void {
    const take = this._nextHandler;
    if (!take) return;
    this._nextHandler = (answer, done) => {
      const text = answer.toString().trim();
      if (text !== '*' && !this.isAnswer(text)) return done();
      take.call(this, answer, () => {
        this.#expectAnswer();
        done();
      });
    };
  }

  /** RFC 4954 §4: what cannot be decoded is 501 at once; "=" is an empty initial response. */
  isAnswer(text: string): boolean {
    const is = text === '=' || isBase64(text);
    if (!is) this.send(501, '5.5.2 That is no base64');
    return is;
  }

  /**
   * RFC 3030 §2: its octets follow at once, without asking, and would be read as commands: whoever writes a message that somebody else
   * sends by BDAT must not command us.
   */
  handler_BDAT(): void {
    this.send(502, '5.5.1 CHUNKING is not offered');
    this.close();
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
