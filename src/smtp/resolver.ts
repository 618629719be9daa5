import { Resolver } from 'node:dns/promises';

import type { Clock } from '../base/clock.ts';

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

const KEPT_BYTES = 4096;

/**
 * Remembers answers, "no such name" too, for a short while: a busy peer's SPF and DMARC are asked with every message. Failures are
 * asked again. Bounded in entries and in the size of each, since strangers choose the names and write the answers.
 */
export function rememberAnswers(
  resolve: DnsResolve,
  { clock, maxAge, entries = 2000 }: { clock: Clock; maxAge: number; entries?: number },
): DnsResolve {
  const kept = new Map<string, { answer: Promise<unknown>; until: number }>();
  const keep = (key: string, answer: Promise<unknown>): void => {
    kept.delete(key);
    kept.set(key, { answer, until: clock.now() + maxAge });
    const oldest = kept.size > entries ? kept.keys().next() : undefined;
    if (oldest && !oldest.done) kept.delete(oldest.value);
  };
  return (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const known = kept.get(key);
    if (known && clock.now() < known.until) return known.answer;
    const answer = resolve(name, type);
    answer.then(
      (value) => {
        if (JSON.stringify(value).length <= KEPT_BYTES) keep(key, answer);
      },
      (error: unknown) => {
        if (isNotFound(error)) keep(key, answer);
      },
    );
    return answer;
  };
}

/** No such name, or no such record: an answer, not a failure. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA');
}
