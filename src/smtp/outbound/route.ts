/** Where mail for a domain goes (RFC 5321 §5.1, RFC 7505). */
import * as v from 'valibot';

import { isNotFound, type DnsResolve } from '../resolver.ts';

export interface MailHost {
  exchange: string;
  priority: number;
}

export type Route = { kind: 'hosts'; hosts: MailHost[] } | { kind: 'failed' | 'deferred'; reply: string };

const mxAnswer = v.array(v.object({ exchange: v.string(), priority: v.number() }));

export async function routeTo(
  domain: string,
  options: { resolve: DnsResolve; relayHost: string; ownName: string; random?: () => number },
): Promise<Route> {
  const { resolve, relayHost, ownName, random = Math.random } = options;
  if (relayHost !== '') return { kind: 'hosts', hosts: [{ exchange: relayHost, priority: 0 }] };
  const literal = /^\[(?:ipv6:)?([0-9a-f.:]+)\]$/i.exec(domain)?.[1];
  if (literal !== undefined) return { kind: 'hosts', hosts: [{ exchange: literal, priority: 0 }] };
  let records: MailHost[];
  try {
    records = v.parse(mxAnswer, await resolve(domain, 'MX'));
  } catch (error) {
    if (!isNotFound(error)) return { kind: 'deferred', reply: `451 4.4.3 DNS of ${domain} does not answer` };
    if (codeOf(error) === 'ENOTFOUND') return { kind: 'failed', reply: `550 5.1.2 There is no domain ${domain}` };
    records = [];
  }
  // RFC 7505 §3: a single MX that names nobody says that the domain takes no mail.
  if (records.length === 1 && ['', '.'].includes(records[0]?.exchange ?? ''))
    return { kind: 'failed', reply: `556 5.1.10 ${domain} accepts no mail (null MX)` };
  // RFC 5321 §5.1: no MX at all means the domain's own address.
  if (records.length === 0) return { kind: 'hosts', hosts: [{ exchange: domain, priority: 0 }] };
  const own = records.filter(({ exchange }) => sameHost(exchange, ownName)).map(({ priority }) => priority);
  // RFC 5321 §5.1: if we are one of them, only those before us are asked, or mail would go in circles.
  const before = own.length > 0 ? records.filter(({ priority }) => priority < Math.min(...own)) : records;
  if (before.length === 0) return { kind: 'failed', reply: `554 5.4.6 Mail for ${domain} would come back to us` };
  return { kind: 'hosts', hosts: inOrder(before, random) };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

const sameHost = (a: string, b: string): boolean => a.toLowerCase().replace(/\.$/, '') === b.toLowerCase();

/** RFC 5321 §5.1: by preference; equals in random order, to share the load. */
function inOrder(records: readonly MailHost[], random: () => number): MailHost[] {
  const lots = records.map((record) => ({ record, lot: random() }));
  return lots.sort((a, b) => a.record.priority - b.record.priority || a.lot - b.lot).map(({ record }) => record);
}
