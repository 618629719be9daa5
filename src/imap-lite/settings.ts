/** [imap] of the configuration file; the ports stand in [listen]. Every limit stands here with its reason; connection tests hold each of them. */
import * as v from 'valibot';

import { waitMs, waitSeconds } from '../base/setting-kinds.ts';

const count = (standard: number, least = 1) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(least)), standard);
export const imapSettings = v.strictObject({
  /** Lets a password pass without TLS from this very machine, for a webmail or a test beside us. */
  allowPlainOnLoopback: v.optional(v.boolean(), false),
  /** Octets of one command without its literals: a UID list of a large selection needs tens of thousands. */
  lineBytes: count(65_536, 1000),
  /** Octets of literals in a command that is no APPEND: names, search words. */
  literalBytes: count(65_536, 100),
  /** Octets of a message that APPEND takes; told as APPENDLIMIT (RFC 7889). */
  appendBytes: count(52_428_800, 1000),
  /** Messages in one APPEND (RFC 3502); together they may have `appendBytes`, since all are held until all are stored. */
  appendMessages: count(1000),
  /** Octets of literals before sign-in: an address and a password. */
  preLoginLiteralBytes: count(1024, 64),
  /** Octets of a line before sign-in; a SASL answer is the longest. */
  preLoginLineBytes: count(8192, 256),
  /** From the first octet to the end of sign-in, seconds. A person typing a password does it in the client before. */
  preLoginSeconds: waitSeconds(60),
  /** Commands before sign-in: capability, TLS, id and a few attempts take ten. */
  preLoginCommands: count(50),
  /** Nothing heard for so many seconds ends the connection; RFC 9051 §5.4 asks for at least 30 minutes. */
  idleSeconds: waitSeconds(1800),
  /** A client that takes nothing of what we send for so many seconds is dropped. */
  stallSeconds: waitSeconds(120),
  /**
   * Under COMPRESS a client that answers within so many milliseconds is near, and what it is sent is not made smaller as long as
   * it leaves fast; 0: always made smaller.
   */
  compressFromMs: count(5, 0),
  /** Connections from one address: an office may sit behind one. */
  connectionsPerAddress: count(500),
  /** Connections of one official, all programs together. */
  connectionsPerUser: count(40),
  /** Connections of all together. */
  connections: count(10_000),
  /** Commands answered BAD in a row: that is no IMAP client. */
  badCommands: count(10),
  /** Sign-in attempts on one connection. */
  wrongPasswords: count(3),
  /** Waited before a wrong password is answered, ms. */
  wrongPasswordDelayMs: waitMs(2000, 0),
  /** Words and phrases that one SEARCH looks for: each is a look-up in the index, of a large mailbox some ten milliseconds. */
  searchTexts: count(200),
  /** Messages in one SORT or THREAD: some hundred octets of memory each while it is answered. */
  sortMessages: count(200_000),
  /** Messages in one COPY or MOVE from one account into another: they are stored anew, in one unit. */
  acrossAccounts: count(1000),
  /** How long a right to a unit mailbox, once seen, is believed, seconds. */
  accessSeconds: count(10, 0),
});
export type ImapSettings = v.InferOutput<typeof imapSettings>;
