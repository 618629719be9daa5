/** One attempt for one domain: its hosts in order until one opens a session; clear text when TLS is broken and allowed. */
import { isIP } from 'node:net';

import mxConnect from 'mx-connect';

import type { Clock } from '../../base/clock.ts';
import type { AttemptResult } from '../../delivery/outbound-queue.ts';
import type { OutboundMessage, OutboundRecipient } from '../../delivery/queue.repository.ts';
import { printable } from '../reply.ts';
import { rememberAnswers, type DnsResolve } from '../resolver.ts';
import type { OutboundSettings } from '../settings.ts';
import { routeTo, type MailHost } from './route.ts';
import { runSession } from './session.ts';

export interface AttemptInput {
  domain: string;
  message: OutboundMessage;
  recipients: readonly OutboundRecipient[];
  /** Asked for when somebody is about to be spoken to. */
  read: () => Promise<Uint8Array>;
}
export interface AttemptOptions {
  settings: OutboundSettings;
  resolve: DnsResolve;
  ownName: string;
  clock: Clock;
  /** @param hosts names and addresses that will be asked first. @returns false: not now */
  mayAsk(hosts: readonly string[]): boolean;
}

/** `reached`: a session stood; otherwise no other recipient of the domain need be tried now. Undefined: its hosts have enough connections. */
export async function attempt(
  given: AttemptOptions,
  input: AttemptInput,
): Promise<{ reached: boolean; results: AttemptResult[] } | undefined> {
  // One answer for each name within an attempt: what is connected to is what was counted.
  const resolve = rememberAnswers(given.resolve, { clock: given.clock, maxAge: Infinity });
  const options = { ...given, resolve };
  const { settings } = options;
  const all = (kind: 'failed' | 'deferred', reply: string) => ({
    reached: false,
    results: input.recipients.map((recipient) => ({ recipient, kind, reply })),
  });
  const route = await routeTo(input.domain, { resolve, relayHost: settings.relayHost, ownName: options.ownName });
  if (route.kind !== 'hosts') return all(route.kind, route.reply);
  if (!given.mayAsk(await askedFirst(route.hosts, options))) return undefined;
  const bytes = await input.read();
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(), settings.attemptTimeout);
  try {
    const outcome = await ask(options, { ...input, bytes }, route.hosts, time.signal);
    return 'results' in outcome ? { reached: true, results: outcome.results } : all(outcome.kind, outcome.reply);
  } finally {
    clearTimeout(timer);
  }
}

type Asked = { results: AttemptResult[] } | { kind: 'failed' | 'deferred'; reply: string };

/** One host after the other until a session stands, all of it within the attempt's time. */
async function ask(
  options: AttemptOptions,
  input: Omit<AttemptInput, 'read'> & { bytes: Uint8Array },
  hosts: MailHost[],
  limit: AbortSignal,
): Promise<Asked> {
  const { settings, ownName } = options;
  const tried = new Set<string>();
  let lastReply: string | undefined;
  while (!limit.aborted) {
    const next = await connect(options, input.domain, hosts, { tried, limit });
    // All tried: the last one's words say more than "nobody is left".
    if (next.kind === 'failed') {
      const kind = lastReply === undefined && next.permanent ? 'failed' : 'deferred';
      return { kind, reply: lastReply ?? next.reply };
    }
    const { socket, hostname, host } = next.connection;
    const session = { ...input, host: hostname, ownName, settings, limit };
    let outcome = await runSession({ ...session, socket, startTls: true });
    if (outcome.kind === 'noSession' && outcome.tlsFailed && settings.clearTextAfterTlsFailure) {
      const only = [{ exchange: host, priority: 0 }];
      const again = await connect(options, input.domain, only, { tried: new Set(), limit });
      if (again.kind === 'connected')
        outcome = await runSession({ ...session, socket: again.connection.socket, startTls: false });
    }
    if (outcome.kind === 'session') return outcome;
    lastReply = outcome.reply;
  }
  return { kind: 'deferred', reply: lastReply ?? '451 4.4.1 No host of the domain answers' };
}

/** The hosts that are preferred, by their names and addresses: what many domains share is one or the other. */
async function askedFirst(
  hosts: readonly MailHost[],
  { settings, resolve }: Pick<AttemptOptions, 'settings' | 'resolve'>,
): Promise<string[]> {
  // The relay is one destination, and has its share as such.
  if (settings.relayHost !== '') return [];
  const first = hosts.filter(({ priority }) => priority === hosts[0]?.priority).slice(0, settings.maxHosts);
  const names = first.map(({ exchange }) => exchange.toLowerCase().replace(/\.$/, ''));
  const lookUp = (name: string, type: string): Promise<unknown> => resolve(name, type).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => isIP(name) === 0)
      .flatMap((name) => [lookUp(name, 'A'), ...(settings.ipv6 ? [lookUp(name, 'AAAA')] : [])]),
  );
  return [...names, ...found.flat().filter((address) => typeof address === 'string')];
}

type Connected =
  { kind: 'connected'; connection: mxConnect.MxConnection } | { kind: 'failed'; permanent: boolean; reply: string };

/** @param tried addresses that were asked, in whatever way it ended: `maxHosts` of them, each once */
async function connect(
  { settings, resolve }: AttemptOptions,
  domain: string,
  hosts: mxConnect.MxOptions['mx'],
  { tried, limit }: { tried: Set<string>; limit: AbortSignal },
): Promise<Connected> {
  let unreached: mxConnect.MxError | undefined;
  try {
    const connection = await mxConnect({
      target: domain,
      port: settings.port,
      mx: hosts,
      maxConnectTime: settings.connectTimeout,
      ignoreMXHosts: [...tried],
      connectHook(_delivery, { host }, proceed) {
        if (limit.aborted || tried.size >= settings.maxHosts) return proceed(new Error('enough hosts were asked'));
        tried.add(host);
        proceed();
      },
      connectError: (error) => void (unreached ??= error),
      dnsOptions: {
        ignoreIPv6: !settings.ipv6,
        blockLocalAddresses: !settings.allowLocalAddresses,
        resolve: withCallback(resolve),
      },
    });
    if (!limit.aborted) return { kind: 'connected', connection };
    connection.socket.destroy();
    return { kind: 'failed', permanent: false, reply: '451 4.4.1 The attempt took too long' };
  } catch (error) {
    const { category, temporary, message } = unreached ?? (error as mxConnect.MxError);
    // The names exist nowhere, or point where no mail server can be: asking again tomorrow helps nobody.
    const permanent = category === 'dns' && temporary !== true;
    return { kind: 'failed', permanent, reply: printable(`${permanent ? '550 5.4.4' : '451 4.4.1'} ${message}`) };
  }
}

function withCallback(resolve: DnsResolve): mxConnect.MxOptions['dnsOptions']['resolve'] {
  return (name, ...rest) => {
    const [type, callback] = rest.length === 2 ? rest : (['A', rest[0]] as const);
    resolve(name, type ?? 'A').then(
      (answer) => callback(null, answer),
      (error: unknown) => callback(error),
    );
  };
}
