import type { Authentication } from '../../base/api-types.ts';
import type { AccountId } from '../../base/ids.ts';
import type { Filing } from '../../mailstore/promised.ts';
import type { MailboxPlace, UidPlace, UidPromise } from '../../mailstore/uid-promises.ts';
import type { Envelope } from '../types.ts';

/** A message from outside that may be taken: its recipients are ours, its trace is in front. */
export interface IncomingMail {
  bytes: Uint8Array;
  envelope: Envelope;
  origin: {
    /** Of the SMTP session, as in its Received field. */
    session: string;
    remote: string;
    authentication: Authentication;
    /** What the domain in From asks for (DMARC) when it did not vouch. */
    policy: 'none' | 'quarantine' | 'reject';
  };
}

/** A message that a client put into a mailbox by itself, and was told the UID of. */
export interface FiledMail {
  bytes: Uint8Array;
  place: UidPlace;
  filing: Filing;
  /** It was given up once, lies aside, and has been promised this one since. */
  again?: Pick<UidPlace, 'uid' | 'uidValidity'>;
  /** Absent: it was given up, and gets another UID now. */
  promise?: UidPromise;
}

/** What lies in the journal. */
export type Taken = IncomingMail | FiledMail;

export const isFiled = (mail: Taken): mail is FiledMail => 'place' in mail;

/**
 * Delivers one. In two steps, so that many can be prepared and then stored in one transaction: the first computes, the second is the
 * unit of work. Whoever offers it hears why it cannot be delivered; once it is taken nobody waits for an answer any more.
 */
export type DeliverMail = (mail: IncomingMail, when: 'offered' | 'taken') => Promise<() => Promise<void>>;
/** The same for what was filed. */
export type FileMail = (mail: FiledMail) => Promise<() => Promise<void>>;

export interface Incoming {
  /** A sender was told to send its message. @returns what says that it has come, or will not */
  announce(): () => void;
  /**
   * Resolves when the message is durable: it is delivered, or it will be whatever happens.
   * @param accounts whose it will be, as its recipients were told at RCPT; unknown: it counts for everybody
   * @throws why it was not taken
   */
  accept(mail: IncomingMail, accounts?: readonly AccountId[]): Promise<void>;
  /**
   * Undefined: everything that was taken is delivered. Otherwise resolves when it is, or after two seconds.
   * @param accounts only what may be for one of these; absent: all
   */
  settled(accounts?: readonly AccountId[]): Promise<void> | undefined;
  /**
   * The same for what a client files. Undefined: nothing can be taken now, or not this one; whoever stores it at once hears why.
   * @throws as `Promised.uid`
   */
  file(place: MailboxPlace, bytes: Uint8Array, filing: Filing): Promise<UidPlace | undefined>;
  /** Called before anybody can sign in: units that take UIDs wait for `start`, which knows what is promised. */
  expect(): void;
  /** Delivers first what an earlier process took; until then, who hands mail over or asks for it waits. */
  start(deliver: DeliverMail): Promise<void>;
  /** What is taken by now is delivered, or stays for the next start. */
  stop(): Promise<void>;
}
