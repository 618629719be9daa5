import { Resolver } from 'node:dns/promises';

/** DNS as SPF, DKIM, DMARC and the outbound client ask it; with its own servers in tests. */
export type DnsResolve = (name: string, type: string) => Promise<unknown>;

export function createDnsResolve({
  dnsServers,
  dnsTimeout,
}: {
  dnsServers: readonly string[];
  dnsTimeout: number;
}): DnsResolve {
  const resolver = new Resolver({ timeout: dnsTimeout, tries: 2 });
  if (dnsServers.length > 0) resolver.setServers(dnsServers);
  return (name, type) => resolver.resolve(name, type);
}

/** No such name, or no such record: an answer, not a failure. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA');
}
