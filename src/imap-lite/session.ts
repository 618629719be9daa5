/** What a connection is in the middle of; commands work on this and know neither socket nor parser loop. */
import type { Clock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { BearerHints, BearerMessage } from '../directory/oauth-bearer.models.ts';
import type { LooksForMail } from './commands/command.ts';
import { bad, Farewell, no, noSuchNumber } from './errors.ts';
import type { Selected } from './selected.ts';
import type { ImapSettings } from './settings.ts';
import type { FoundMailbox, ImapStore, MailboxRef } from './store.ts';
import type { Uids } from './uids.ts';
import { decodeModifiedUtf7 } from './wire/modified-utf7.ts';
import { mailbox as printMailbox } from './wire/print.ts';
import type { SequenceSet } from './wire/sequence-set.ts';

export type State = 'notAuthenticated' | 'authenticated' | 'selected';

/** The way to the client. */
export interface Output {
  /** One untagged line, without its end. */
  line(text: string): void;
  raw(bytes: string | Uint8Array): void;
  /** To be awaited where much is written: waits for a slow reader. */
  flush(): Promise<void>;
  /** The same; what was given to `raw` may be changed when this resolves. */
  settle(): Promise<void>;
  readonly shouldFlush: boolean;
}

/** What only the connection can do. */
export interface Wire {
  readonly secure: boolean;
  readonly tlsReady: boolean;
  readonly remote: string;
  readonly loopback: boolean;
  /** The JMAP session resource of the same mail (RFC 9698). */
  readonly jmapUrl: string | undefined;
  startTls(): Promise<void>;
  readonly compressing: boolean;
  /** The client sent more than the command that is being done. */
  readonly readAhead: boolean;
  startDeflate(): void;
  /** A bare line from the client. */
  readLine(limit: number): Promise<string>;
  /** Waits before a wrong password is answered; ends early when the client goes. */
  pause(ms: number): Promise<void>;
  signIn(address: string, password: string): Promise<ImapStore>;
  /** Sign-in by access token (RFC 7628); undefined: not offered. */
  readonly tokens: { hints: BearerHints; signIn(message: BearerMessage): Promise<ImapStore> } | undefined;
  /** Makes the waiting `readLine` fail. */
  interrupt(error: Error): void;
  /** Told when the store says that the account of the selected mailbox changed. */
  onChange: () => void;
}

export class Session {
  readonly settings: ImapSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly out: Output;
  readonly wire: Wire;
  selected: Selected | undefined;
  loggedOut = false;
  /** Of the command that is being done. */
  tag = '';
  wrongPasswords = 0;
  /** Upper case. */
  readonly enabled = new Set<string>();
  private user: ImapStore | undefined;

  constructor(parts: { settings: ImapSettings; clock: Clock; log: Log; out: Output; wire: Wire }) {
    this.settings = parts.settings;
    this.clock = parts.clock;
    this.log = parts.log;
    this.out = parts.out;
    this.wire = parts.wire;
  }

  get state(): State {
    if (!this.user) return 'notAuthenticated';
    return this.selected ? 'selected' : 'authenticated';
  }

  get store(): ImapStore {
    if (!this.user) throw bad('sign in first');
    return this.user;
  }
  enter(store: ImapStore): void {
    this.user = store;
  }

  get view(): Selected {
    if (!this.selected) throw bad('select a mailbox first');
    return this.selected;
  }
  get writableView(): Selected {
    if (this.view.readOnly) throw no('the mailbox was opened for reading only', 'NOPERM');
    return this.view;
  }

  leave(): void {
    this.selected?.close();
    this.selected = undefined;
  }

  /** RFC 9051 §5.1, RFC 6855 §3: names come and go in UTF-8 once the client turned either on. */
  get utf8(): boolean {
    return this.rev2 || this.enabled.has('UTF8=ACCEPT');
  }
  get rev2(): boolean {
    return this.enabled.has('IMAP4REV2');
  }
  get condstore(): boolean {
    return this.enabled.has('CONDSTORE');
  }
  get qresync(): boolean {
    return this.enabled.has('QRESYNC');
  }
  /** RFC 7162 §3.1: by any command that speaks of mod-sequences; an open mailbox tells its own the first time. */
  turnOnCondstore(): void {
    if (this.condstore) return;
    this.enabled.add('CONDSTORE');
    if (this.selected) this.out.line(`* OK [${this.selected.mark}] changes up to here`);
  }

  /** The name as the client sent it -> ours. */
  mailboxName(sent: string): string {
    const name = this.readName(sent);
    if (name === undefined) throw bad('the mailbox name is no modified UTF-7');
    return name;
  }
  /** Undefined: it can be no name. */
  readName(sent: string): string | undefined {
    const decoded = this.utf8 ? sent : (decodeModifiedUtf7(sent) ?? rawUtf8(sent));
    return decoded?.normalize('NFC');
  }
  printName(name: string): string {
    return printMailbox(name, this.utf8);
  }

  async existing(
    sent: string,
    whenMissing: 'NONEXISTENT' | 'TRYCREATE' = 'NONEXISTENT',
  ): Promise<FoundMailbox & { ref: MailboxRef }> {
    const found = await this.store.find(this.mailboxName(sent));
    if (!found) throw no('there is no such mailbox', whenMissing);
    if (!found.ref) throw no('this name only holds others; it is no mailbox', 'CANNOT');
    return { ...found, ref: found.ref };
  }

  /** Whose mail that is. */
  async accountsOf(where: LooksForMail): Promise<readonly AccountId[]> {
    const { user: store, selected } = this;
    if (where === 'nowhere' || !store) return [];
    if (where === 'selected') return selected ? [selected.ref.accountId] : [];
    const isOwn = where !== 'anywhere' && !this.mailboxName(where.mailbox).startsWith(store.sharedPrefix);
    return isOwn ? [store.accountId] : store.accounts();
  }

  uidsOf(set: SequenceSet, byUid: boolean): Uids {
    const uids = this.view.resolve(set, byUid);
    if (!uids) throw noSuchNumber();
    return uids;
  }

  /** Rights may end while a mailbox stands open. */
  async checkAccess(): Promise<void> {
    const { user, selected } = this;
    if (!user || (await user.mayUse(selected?.ref.accountId ?? user.accountId))) return;
    throw new Farewell('access has ended', 'NOPERM');
  }

  /** Tells what others changed. */
  async tellNews(expunge: boolean): Promise<void> {
    const { selected } = this;
    if (!selected) return;
    await this.checkAccess();
    const how = { expunge, vanished: this.qresync, modseq: this.condstore };
    if (!(await selected.news(this.store, how, this.out))) throw new Farewell('the mailbox was deleted', 'UNAVAILABLE');
  }
}

/** Some clients send UTF-8 names unasked; with an octet above 127 it cannot have been meant as UTF-7. */
const rawUtf8 = (sent: string): string | undefined => (/[^\x00-\x7f]/.test(sent) ? sent : undefined);
