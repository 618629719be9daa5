/**
 * One connection: reads a command, does it, answers, then reads the next. Commands never overlap; input waits in the
 * kernel meanwhile. Every error becomes its reply here and nowhere else.
 */
import { randomBytes } from 'node:crypto';

import { DomainError } from '../base/errors.ts';
import { isPassing, storageFault } from '../base/storage-faults.ts';
import type { Log } from '../base/log.ts';
import type { Bound, Done, Group, LooksForMail } from './commands/command.ts';
import { capabilities } from './commands/capability.ts';
import { commands } from './commands/registry.ts';
import { bad, endsAll, Farewell, fromDomain, ImapError, Torn } from './errors.ts';
import type { Session } from './session.ts';
import type { ImapSettings } from './settings.ts';
import { Gone, TimedOut, type Transport } from './transport.ts';
import { Cursor, expectEnd, expectSpace, SyntaxProblem, type RawCommand } from './wire/cursor.ts';
import type { CommandReader, ReaderEvent, ReaderLimits } from './wire/command-reader.ts';
import { humanText } from './wire/print.ts';
import { atom, tag as readTag } from './wire/strings.ts';

/** Commands done together: what fits into some chunks of input anyway. */
const GROUP = 1000;

interface Member {
  tag: string;
  bound: Bound;
}

export interface ConnectionParts {
  session: Session;
  transport: Transport;
  reader: CommandReader;
  settings: ImapSettings;
  log: Log;
  /** A client that asks sees the mail that was taken before. */
  settled: (where: LooksForMail) => Promise<void>;
}

export class Connection {
  private readonly session: Session;
  private readonly transport: Transport;
  private readonly reader: CommandReader;
  private readonly settings: ImapSettings;
  private readonly log: Log;
  private readonly settled: ConnectionParts['settled'];
  /** Read already, to see whether it belongs to the group before it. */
  private held: ReaderEvent | undefined;
  private badInRow = 0;
  private commandsBefore = 0;

  constructor(parts: ConnectionParts) {
    this.session = parts.session;
    this.transport = parts.transport;
    this.reader = parts.reader;
    this.settings = parts.settings;
    this.log = parts.log;
    this.settled = parts.settled;
  }

  async run(): Promise<void> {
    const { session, transport } = this;
    try {
      session.out.line(`* OK [CAPABILITY ${capabilities(session)}] CongVu`);
      await session.out.flush();
      while (!session.loggedOut) await this.turn();
    } catch (error) {
      this.sayFarewell(error);
    } finally {
      session.leave();
      transport.end();
    }
  }

  private sayFarewell(error: unknown): void {
    if (error instanceof Gone) return;
    if (error instanceof Torn) {
      this.logFault(error);
      this.transport.destroy();
      return;
    }
    const { out } = this.session;
    if (error instanceof Farewell)
      out.line(`* BYE ${error.responseCode ? `[${error.responseCode}] ` : ''}${humanText(error.message)}`);
    else if (error instanceof TimedOut) out.line(`* BYE ${humanText(error.message)} for too long`);
    else out.line(`* BYE [SERVERBUG] our fault; log id ${this.logFault(error)}`);
  }

  private logFault(error: unknown): string {
    const logId = randomBytes(6).toString('hex');
    this.log.error({ err: error, logId, remote: this.session.wire.remote }, 'imap: a fault of ours');
    return logId;
  }

  /** One command or a group of them, or one step towards it. What is answered goes out when nothing more waits to be done. */
  private async turn(): Promise<void> {
    const event = this.held ?? this.reader.next(this.limits());
    this.held = undefined;
    const { out } = this.session;
    if (!event) {
      await out.flush();
      return this.readMore();
    }
    switch (event.kind) {
      case 'continue':
        out.raw('+ go ahead\r\n');
        break;
      case 'fatal':
        throw new Farewell(`a ${event.reason} is too long`, 'TOOBIG');
      case 'refused':
        this.refuse(event);
        break;
      case 'command':
        await this.command(event.command);
    }
    if (out.shouldFlush) await out.flush();
  }

  private async readMore(): Promise<void> {
    const chunk = await this.transport.read(this.settings.idleSeconds * 1000, this.reader.wanted);
    if (!chunk) throw new Gone('the client has ended');
    // A TLS greeting on the plain port; nothing that we could say would be understood.
    if (
      this.session.state === 'notAuthenticated' &&
      this.commandsBefore === 0 &&
      chunk[0] === 0x16 &&
      this.reader.waiting === 0
    ) {
      throw new Farewell('TLS begins with STARTTLS here');
    }
    this.reader.push(chunk);
  }

  private limits(): ReaderLimits {
    const { settings, session } = this;
    if (session.state === 'notAuthenticated')
      return { line: settings.preLoginLineBytes, literalLimit: () => settings.preLoginLiteralBytes };
    return {
      line: settings.lineBytes,
      literalLimit: (text) => (isAppend(text) ? settings.appendBytes : settings.literalBytes),
    };
  }

  /** RFC 9051 §7.5, RFC 7889 §4: too large for us, said before it is sent. */
  private refuse({ text, size }: Extract<ReaderEvent, { kind: 'refused' }>): void {
    const tag = readTag(new Cursor({ text, literals: [] })) ?? '*';
    this.countBad();
    this.session.out.line(`${tag} NO [TOOBIG] ${size} octets are too many`);
  }

  private async command(raw: RawCommand): Promise<void> {
    const c = new Cursor(raw);
    // HTTP on our port: a browser page must not make us talk.
    if (this.session.state === 'notAuthenticated' && / HTTP\/\d/.test(raw.text.toString('latin1', 0, 4096)))
      throw new Farewell('this is IMAP');
    const tag = readTag(c);
    if (tag === undefined) {
      this.countBad();
      // Phones send a line end more than there should be; an answer to no command would only upset them.
      if (raw.text.length > 0) this.session.out.line('* BAD a command begins with its tag');
      return;
    }
    try {
      const bound = this.bind(c);
      this.badInRow = 0;
      await this.settled(bound.looksForMail);
      const group = bound.together?.(this.session);
      const more = group ? await this.gather(group) : [];
      if (group && (more.length > 0 || group.underway)) await this.performTogether(group, [{ tag, bound }, ...more]);
      else await this.perform({ tag, bound });
    } catch (error) {
      this.session.out.line(`${tag} ${this.replyTo(error)}`);
    }
    if (this.session.state === 'notAuthenticated' && ++this.commandsBefore >= this.settings.preLoginCommands)
      throw new Farewell('too many commands before sign-in');
  }

  /** Name, state, arguments. @throws SyntaxProblem, ImapError */
  private bind(c: Cursor): Bound {
    expectSpace(c);
    const first = atom(c)?.toUpperCase() ?? '';
    const byUid = first === 'UID';
    if (byUid) expectSpace(c);
    const name = byUid ? (atom(c)?.toUpperCase() ?? '') : first;
    const command = commands.get(name);
    if (!command || (byUid && !command.uid)) throw bad('no such command');
    if (!command.states.includes(this.session.state))
      throw bad(this.session.state === 'notAuthenticated' ? 'sign in first' : 'not in this state');
    const bound = command.bind(c, { byUid });
    expectEnd(c);
    return bound;
  }

  private async perform({ tag, bound }: Member): Promise<void> {
    const { session } = this;
    session.tag = tag;
    if (session.selected) await session.checkAccess();
    const done = (await bound.run(session)) ?? {};
    await session.tellNews(bound.expungeAllowed);
    if (done.text !== '') session.out.line(`${tag} OK ${printDone(done)}`);
  }

  /** Takes what came with the first command, or comes while it is being worked on, as far as it belongs to it. */
  private async gather(group: Group): Promise<Member[]> {
    const members: Member[] = [];
    while (members.length < GROUP) {
      const next = this.reader.next(this.limits());
      if (!next && group.underway) {
        const chunk = await this.transport.readUnless(group.underway(), this.reader.wanted);
        if (!chunk) break;
        this.reader.push(chunk);
        continue;
      }
      const member = next?.kind === 'command' ? this.look(next.command) : undefined;
      if (!member || !group.add(member.bound)) {
        this.held = next;
        break;
      }
      members.push(member);
    }
    return members;
  }

  /** Undefined: no command, which its own turn will say. */
  private look(raw: RawCommand): Member | undefined {
    const c = new Cursor(raw);
    const tag = readTag(c);
    if (tag === undefined) return undefined;
    try {
      return { tag, bound: this.bind(c) };
    } catch (error) {
      if (error instanceof SyntaxProblem || error instanceof ImapError) return undefined;
      throw error;
    }
  }

  /** One unit of work for all; each is answered by its own tag, in order, when the work is durable. */
  private async performTogether(group: Group, members: readonly Member[]): Promise<void> {
    const { session } = this;
    await session.checkAccess();
    let answered = 0;
    const answer = async (done: Done | Error): Promise<void> => {
      const member = members[answered++];
      if (!member) return;
      if (answered === members.length) await session.tellNews(member.bound.expungeAllowed);
      const text = done instanceof Error ? this.replyTo(done) : `OK ${printDone(done)}`;
      session.out.line(`${member.tag} ${text}`);
    };
    try {
      await group.run(session, answer);
    } catch (error) {
      if (endsAll(error)) throw error;
      // Unless the database went away, nothing answered is nothing done: each finds by itself whether it can be. Else it might be done twice.
      const tryAlone = answered === 0 && members.length > 1 && !isPassing(error);
      for (const member of members.slice(answered)) {
        const reply = tryAlone ? await this.alone(member) : this.replyTo(error);
        if (reply !== undefined) session.out.line(`${member.tag} ${reply}`);
      }
    }
  }

  private alone(member: Member): Promise<string | undefined> {
    return this.perform(member).then(
      () => undefined,
      (error: unknown) => this.replyTo(error),
    );
  }

  private replyTo(error: unknown): string {
    if (error instanceof SyntaxProblem) {
      this.countBad();
      return `BAD ${humanText(error.message)}`;
    }
    if (endsAll(error)) throw error;
    const known = error instanceof DomainError ? fromDomain(error) : error;
    // What is NO may be half done: flags that changed are told with the next news.
    if (!(known instanceof ImapError && known.status === 'BAD')) this.session.selected?.takeBack();
    if (!(known instanceof ImapError)) return this.failed(error);
    if (known.status === 'BAD') this.countBad();
    const code = known.responseCode ? `[${known.responseCode}] ` : '';
    return `${known.status} ${code}${humanText(known.message)}`;
  }

  private failed(error: unknown): string {
    const id = this.logFault(error);
    const fault = storageFault(error);
    // RFC 5530 §3: a temporary failure of something that we need; the client may try again.
    return fault ? `NO [UNAVAILABLE] ${fault.message}; log id ${id}` : `NO [SERVERBUG] our fault; log id ${id}`;
  }

  private countBad(): void {
    if (++this.badInRow >= this.settings.badCommands) throw new Farewell('too many bad commands');
  }
}

const isAppend = (text: Buffer): boolean => /^[^ ]+ APPEND /i.test(text.toString('latin1', 0, 200));

const printDone = ({ responseCode, text }: Done): string =>
  `${responseCode ? `[${responseCode}] ` : ''}${text ?? 'done'}`;
