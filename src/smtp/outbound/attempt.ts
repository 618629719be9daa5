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
  const { settings, ownName } = options;
  const all = (kind: 'failed' | 'deferred', reply: string) => ({
    reached: false,
    results: input.recipients.map((recipient) => ({ recipient, kind, reply })),
  });
  const route = await routeTo(input.domain, { resolve, relayHost: settings.relayHost, ownName });
  if (route.kind !== 'hosts') return all(route.kind, route.reply);
  if (!given.mayAsk(await askedFirst(route.hosts, options))) return undefined;
  const bytes = await input.read();
  const tried: string[] = [];
  let lastReply = '451 4.4.1 No host of the domain answers';
  for (let i = 0; i < settings.maxHosts; i++) {
    const next = await connect(options, input.domain, route.hosts, tried);
    // All tried: the last one's words say more than "nobody is left".
    if (next.kind === 'failed')
      return all(
        tried.length > 0 ? 'deferred' : next.permanent ? 'failed' : 'deferred',
        tried.length > 0 ? lastReply : next.reply,
      );
    const { socket, hostname, host } = next.connection;
    const session = { ...input, bytes, host: hostname, ownName, settings };
    let outcome = await runSession({ ...session, socket, startTls: true });
    if (outcome.kind === 'noSession' && outcome.tlsFailed && settings.clearTextAfterTlsFailure) {
      const again = await connect(options, input.domain, [{ exchange: host, priority: 0 }], []);
      if (again.kind === 'connected')
        outcome = await runSession({ ...session, socket: again.connection.socket, startTls: false });
    }
    if (outcome.kind === 'session') return { reached: true, results: outcome.results };
    lastReply = outcome.reply;
    tried.push(host);
  }
  return all('deferred', lastReply);
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

async function connect(
  { settings, resolve }: AttemptOptions,
  domain: string,
  hosts: mxConnect.MxOptions['mx'],
  tried: readonly string[],
): Promise<Connected> {
  try {
    const connection = await mxConnect({
      target: domain,
      port: settings.port,
      mx: hosts,
      maxConnectTime: settings.connectTimeout,
      ignoreMXHosts: [...tried],
      dnsOptions: {
        ignoreIPv6: !settings.ipv6,
        blockLocalAddresses: !settings.allowLocalAddresses,
        resolve: withCallback(resolve),
      },
    });
    return { kind: 'connected', connection };
  } catch (error) {
    const { category, temporary, message } = error as mxConnect.MxError;
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
