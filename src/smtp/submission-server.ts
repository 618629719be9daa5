/** Mail of our own people from their own clients (RFC 6409): signed in, from own addresses only, then the common way. */
import type { SMTPServerSession } from 'smtp-server';

import type { Clock } from '../base/clock.ts';
import { randomToken } from '../base/bytes.ts';
import type { Log } from '../base/log.ts';
import { completeHeader, fieldValue, headerFields } from '../delivery/header-block.ts';
import type { Delivery, Envelope } from '../delivery/types.ts';
import type { Credentials, Directory, Principal } from '../directory/types.ts';
import type { Mailstore } from '../mailstore/types.ts';
import { inFrontOf } from './data.ts';
import { createAddressLimits, createMessageLimit, type AddressLimits } from './limits.ts';
import { createListener, type SessionHandlers, type SmtpListener, type SmtpTls } from './listener.ts';
import { smtpHostname } from './mx-server.ts';
import type { BearerAuth } from './oauth-bearer.ts';
import { printable, SmtpReply } from './reply.ts';
import type { SmtpSettings } from './settings.ts';
import { mailDate, receivedField } from './trace.ts';

export interface SubmissionServerOptions {
  directory: Directory;
  credentials: Credentials;
  mailstore: Mailstore;
  delivery: Delivery;
  settings: SmtpSettings;
  tls: SmtpTls;
  /** The port with TLS from the first byte (RFC 8314 §3.3), instead of STARTTLS. */
  implicitTls: boolean;
  clock: Clock;
  log: Log;
}

export function createSubmissionServer(options: SubmissionServerOptions): SmtpListener {
  const { settings, tls, implicitTls } = options;
  const log = options.log.child({ part: 'submission' });
  const hostname = smtpHostname(settings, options.directory);
  const limits = createAddressLimits(settings.submission.perAddress);
  const signedIn: SignedIn = new WeakMap();
  const bearer = bearerAuth(options, signedIn);
  return createListener({
    hostname,
    tls,
    implicitTls,
    log,
    settings: settings.submission,
    limits,
    handlers: submissionHandlers({ ...options, log }, { hostname, limits, signedIn }),
    bearer,
    extra: {
      authMethods: ['PLAIN', 'LOGIN', ...(bearer ? ['OAUTHBEARER'] : [])],
      authOptional: false,
      allowInsecureAuth: settings.submission.allowPlainOnLoopback,
      hideDSN: false,
    },
  });
}

type Official = Extract<Principal, { kind: 'official' }>;
type SignedIn = WeakMap<SMTPServerSession, Official>;

/** RFC 7628, where an issuer of tokens is configured. */
function bearerAuth(options: SubmissionServerOptions, signedIn: SignedIn): BearerAuth | undefined {
  const { tokens } = options.credentials;
  if (!tokens) return undefined;
  return {
    hints: tokens.hints,
    async signIn(message, session) {
      expectSecure(options, session);
      const principal = await tokens.authenticate({ ...message, remote: session.remoteAddress });
      signedIn.set(session, principal);
      return principal.officialId;
    },
  };
}

function submissionHandlers(
  options: SubmissionServerOptions,
  { hostname, limits, signedIn }: { hostname: string; limits: AddressLimits; signedIn: SignedIn },
): SessionHandlers {
  const { directory, delivery, mailstore, settings, clock, log } = options;
  const officials = createMessageLimit(settings.submission.messagesPerOfficialPerHour);
  const official = (session: SMTPServerSession): Official => whoIs(session, signedIn);
  return {
    async auth({ username, password, authzid }, session) {
      // RFC 4616 §2: nobody acts for another; some clients write their own name twice, or there only.
      if (authzid && authzid !== username) throw new SmtpReply(535, '5.7.8', 'Nobody may sign in as another');
      const principal = await signIn(options, session, username ?? '', password ?? '');
      signedIn.set(session, principal);
      return principal.officialId;
    },
    async mailFrom({ address }, session) {
      const { officialId } = official(session);
      // The null reverse-path is for disposition notifications; delivery looks whether it is one.
      if (address !== '' && !(await directory.maySendAs(officialId, address))) throw mayNotSendAs(address);
      await limits.message(session.remoteAddress);
      await officials(`official:${officialId}`);
    },
    async rcptTo({ address }) {
      await delivery.checkRecipient(address.includes('@') ? address : `${address}@${directory.domain}`);
    },
    async data(given, session) {
      const { officialId, accountId } = official(session);
      const at = clock.now();
      const trace = receivedField(session, hostname, at, { client: settings.submission.traceClientAddress });
      const completed = isSigned(given)
        ? given
        : completeHeader(given, {
            date: () => mailDate(at),
            messageId: () => `<${randomToken(18)}@${directory.domain}>`,
          });
      const message = await mailstore.prepare(inFrontOf(completed, Buffer.from(trace, 'utf8')));
      const from = message.derived.summary.from[0]?.email;
      const sender = from === undefined ? undefined : await directory.maySendAs(officialId, from);
      // A client keeps its copy in the person's own Sent: the unit's other delegates would not see it.
      const keep = settings.submission.keepSentCopy || (sender !== undefined && sender.kind !== 'person');
      const outcome = await delivery.send(message, envelopeOf(session, directory), {
        officialId,
        accountId: sender?.accountId ?? accountId,
        sentCopy: keep ? 'make' : 'exists',
      });
      log.info(
        {
          session: session.id,
          officialId,
          message: outcome.blobHash,
          local: outcome.delivered.length,
          outboundId: outcome.outboundId,
        },
        'submission: sent',
      );
      return `2.0.0 Taken as ${outcome.blobHash.slice(0, 16)}`;
    },
  };
}

function whoIs(session: SMTPServerSession, signedIn: SignedIn): Official {
  const who = signedIn.get(session);
  // STARTTLS takes a sign-in back (RFC 3207 §4.2): smtp-server then forgets its user.
  if (!who || !session.user) throw new SmtpReply(530, '5.7.0', 'Sign in first');
  return who;
}

/** RFC 4954 §4: no password or token in clear text over a network. */
function expectSecure({ settings }: SubmissionServerOptions, session: SMTPServerSession): void {
  const loopback = /^(::ffff:)?127\.|^::1$/.test(session.remoteAddress);
  if (!session.secure && !(settings.submission.allowPlainOnLoopback && loopback))
    throw new SmtpReply(538, '5.7.11', 'Encryption required: STARTTLS first');
}

async function signIn(
  options: SubmissionServerOptions,
  session: SMTPServerSession,
  username: string,
  password: string,
): Promise<Official> {
  const { credentials, directory } = options;
  expectSecure(options, session);
  const address = username.includes('@') ? username : `${username}@${directory.domain}`;
  const principal = await credentials.authenticate({
    address,
    password,
    remote: session.remoteAddress,
    allowAppPassword: true,
  });
  if (principal.mustChange) throw new SmtpReply(535, '5.7.8', 'Change your first password in the web client first');
  return principal;
}

function mayNotSendAs(address: string): SmtpReply {
  return new SmtpReply(
    550,
    '5.7.1',
    printable(`You may not send as ${address}, only from your own addresses and the unit mailboxes given to you`),
  );
}

/** Nothing is added to what its author signed (RFC 9788). */
function isSigned(bytes: Uint8Array): boolean {
  return headerFields(bytes).some(
    (field) =>
      field.name === 'content-type' &&
      /^(multipart\/signed|application\/(x-)?pkcs7-mime)\b/i.test(fieldValue(bytes, field)),
  );
}

function envelopeOf(
  { envelope: { mailFrom, rcptTo, dsn, smtpUtf8 } }: SMTPServerSession,
  directory: Directory,
): Envelope {
  const ret = dsn?.ret === 'FULL' || dsn?.ret === 'HDRS' ? dsn.ret : undefined;
  return {
    mailFrom: mailFrom ? mailFrom.address : '',
    rcptTo: rcptTo.map(({ address, dsn: wish }) => ({
      address: address.includes('@') ? address : `${address}@${directory.domain}`,
      ...(wish?.notify ? { notify: wish.notify.join(',') } : {}),
      ...(wish?.orcpt ? { orcpt: wish.orcpt } : {}),
    })),
    ...(dsn?.envid ? { envId: dsn.envid } : {}),
    ...(ret ? { ret } : {}),
    smtpUtf8: smtpUtf8 === true,
  };
}
