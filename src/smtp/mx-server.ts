/** Mail from outside: only for our recipients, authenticated, and durable before the 250. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Clock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Incoming, IncomingMail } from '../delivery/incoming/types.ts';
import type { Delivery } from '../delivery/types.ts';
import type { Directory } from '../directory/types.ts';
import { createAuthenticate } from './authentication.ts';
import { inFrontOf } from './data.ts';
import { createAddressLimits, exempting, type AddressLimits } from './limits.ts';
import { createListener, type SessionHandlers, type SmtpListener, type SmtpTls } from './listener.ts';
import { inNetworks } from '../base/networks.ts';
import { SmtpReply } from './reply.ts';
import { createDnsResolve, rememberAnswers, type DnsResolve } from './resolver.ts';
import type { SmtpSettings } from './settings.ts';
import { receivedField, returnPathField, transactionId, withoutForgedTrace } from './trace.ts';

export interface MxServerOptions {
  directory: Directory;
  delivery: Delivery;
  incoming: Pick<Incoming, 'accept' | 'announce'>;
  settings: SmtpSettings;
  tls: SmtpTls;
  clock: Clock;
  log: Log;
  /** DNS; from the settings when absent. */
  resolve?: DnsResolve;
}

export const smtpHostname = (settings: Pick<SmtpSettings, 'hostname'>, directory: Pick<Directory, 'domain'>): string =>
  settings.hostname || `mail.${directory.domain}`;

export function createMxServer(options: MxServerOptions): SmtpListener {
  const { settings, tls } = options;
  const log = options.log.child({ part: 'mx' });
  const hostname = smtpHostname(settings, options.directory);
  const isTrusted = inNetworks(settings.mx.trustedNetworks);
  const limits = exempting(createAddressLimits(settings.mx.perAddress), isTrusted);
  return createListener({
    hostname,
    tls,
    log,
    settings: settings.mx,
    limits,
    handlers: mxHandlers({ ...options, log }, { hostname, limits, isTrusted }),
    // We do not announce DSN: the sender's own server then reports that it handed the message over (RFC 3461 §6.2.1).
    extra: { authOptional: true, hideDSN: true, disabledCommands: ['AUTH'], maxCommandLength: 4096 },
  });
}

interface Own {
  hostname: string;
  limits: AddressLimits;
  isTrusted: (address: string) => boolean;
}

function mxHandlers(options: MxServerOptions, { hostname, limits, isTrusted }: Own): SessionHandlers {
  const { directory, delivery, incoming, settings, clock, log } = options;
  const resolve = rememberAnswers(options.resolve ?? createDnsResolve(settings), { clock, maxAge: settings.dnsKeep });
  const authenticate = createAuthenticate({ resolve, hostname, timeout: settings.mx.authenticationTimeout, log });
  const owners = ownersBySession();
  return {
    // RFC 5321 §3.1: a client waits for the greeting. smtp-server ends those that do not.
    async connect({ remoteAddress }) {
      if (settings.mx.bannerDelay === 0 || isTrusted(remoteAddress)) return;
      await sleep(settings.mx.bannerDelay, undefined, { ref: false });
    },
    mailFrom(_address, session) {
      owners.begin(session);
      return limits.message(session.remoteAddress);
    },
    async rcptTo({ address }, session) {
      const recipient = await delivery.checkRecipient(withDomain(address, directory));
      if (recipient.kind === 'outside')
        throw new SmtpReply(550, '5.7.1', 'Relaying denied, this server takes mail for its own people only');
      owners.note(session, address, recipient.accountId);
    },
    coming: incoming.announce,
    async data(bytes, session) {
      const { mailFrom, rcptTo, smtpUtf8 } = session.envelope;
      const sender = mailFrom ? mailFrom.address : '';
      const authenticated = await authenticate({
        bytes,
        mailFrom: sender,
        remote: session.remoteAddress,
        helo: String(session.hostNameAppearsAs || ''),
        relayed: isTrusted(session.remoteAddress),
      });
      if (authenticated.policy === 'reject' && settings.mx.dmarcReject) throw dmarcRefusal();
      const trace =
        returnPathField(sender) + authenticated.field + receivedField(session, hostname, clock.now(), { client: true });
      const mail: IncomingMail = {
        bytes: inFrontOf(withoutForgedTrace(bytes, hostname), Buffer.from(trace, 'utf8')),
        envelope: {
          mailFrom: sender,
          rcptTo: rcptTo.map(({ address }) => ({ address: withDomain(address, directory) })),
          smtpUtf8: smtpUtf8 === true,
        },
        origin: {
          session: transactionId(session),
          remote: session.remoteAddress,
          authentication: authenticated.summary,
          policy: authenticated.policy,
        },
      };
      delivery.checkHops(mail.bytes);
      await incoming.accept(mail, owners.of(session, rcptTo));
      return `2.0.0 Taken as ${mail.origin.session}`;
    },
  };
}

/** Whose the recipients of the message are that a session hands over. */
function ownersBySession() {
  const known = new WeakMap<object, Map<string, AccountId>>();
  return {
    begin: (session: object) => void known.set(session, new Map()),
    note: (session: object, address: string, accountId: AccountId) => void known.get(session)?.set(address, accountId),
    of(session: object, rcptTo: readonly { address: string }[]): AccountId[] | undefined {
      const accounts = rcptTo.flatMap(({ address }) => known.get(session)?.get(address) ?? []);
      return accounts.length === rcptTo.length ? accounts : undefined;
    },
  };
}

const dmarcRefusal = (): SmtpReply =>
  new SmtpReply(550, '5.7.1', "Refused as the sender's domain asks (DMARC): the message is not from where it says");

/** RFC 5321 §4.1.1.3: "postmaster" needs no domain. */
function withDomain(address: string, directory: Directory): string {
  return address.includes('@') ? address : `${address}@${directory.domain}`;
}
