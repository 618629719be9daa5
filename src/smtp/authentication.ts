/** SPF, DKIM, DMARC and ARC of a message from outside (RFC 7208, 6376, 7489, 8617), and what follows from them. */
import { authenticate as runChecks, type AuthenticateResult, type DNSResolver } from 'mailauth';

import type { Authentication, AuthResult } from '../base/api-types.ts';
import type { Log } from '../base/log.ts';
import { headerFields } from '../delivery/header-block.ts';
import type { DnsResolve } from './resolver.ts';

export interface AuthenticationInput {
  bytes: Uint8Array;
  mailFrom: string;
  remote: string;
  helo: string;
}
export interface Authenticated {
  summary: Authentication;
  /** "Authentication-Results: …", line end included. */
  field: string;
  /** What the domain in From asks for when DMARC fails. */
  policy: 'none' | 'quarantine' | 'reject';
}

export interface AuthenticationOptions {
  resolve: DnsResolve;
  hostname: string;
  timeout: number;
  log: Log;
}

export type Authenticate = (input: AuthenticationInput) => Promise<Authenticated>;

export function createAuthenticate({ resolve, hostname, timeout, log }: AuthenticationOptions): Authenticate {
  return async ({ bytes, mailFrom, remote, helo }) => {
    const started = AbortSignal.timeout(timeout);
    const resolver = ((name, type) => raceWith(started, resolve(name, type))) as DNSResolver;
    try {
      const options = {
        sender: mailFrom,
        ip: remote.replace(/^::ffff:(?=\d+\.)/i, ''),
        helo,
        mta: hostname,
        resolver,
        disableBimi: true,
      };
      return judged(await raceWith(started, runChecks(neededOf(bytes), options)), hostname);
    } catch (error) {
      log.warn({ err: error, remote }, 'smtp: sender could not be authenticated');
      const summary: Authentication = { spf: 'temperror', dkim: 'temperror', dmarc: 'temperror', arc: 'temperror' };
      return {
        summary,
        field: `Authentication-Results: ${hostname};\r\n\tspf=temperror;\r\n\tdkim=temperror;\r\n\tdmarc=temperror\r\n`,
        policy: 'none',
      };
    }
  };
}

/** Only a signature (RFC 6376, RFC 8617) speaks of the body; without one the header is all that the checks read. */
function neededOf(bytes: Uint8Array): Buffer {
  const fields = headerFields(bytes);
  const signed = fields.some(({ name }) => name === 'dkim-signature' || name.startsWith('arc-'));
  const length = signed ? bytes.byteLength : (fields.at(-1)?.end ?? 0);
  const needed = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  return signed ? needed : Buffer.concat([needed, Buffer.from('\r\n')]);
}

async function raceWith<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(Object.assign(new Error('DNS took too long'), { code: 'ETIMEOUT' }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}

function judged({ spf, dkim, dmarc, arc }: AuthenticateResult, hostname: string): Authenticated {
  const signatures = dkim.results.filter(({ status }) => status.result !== 'none');
  const results: string[] = [];
  for (const { status, signingDomain, selector } of signatures.slice(0, 10)) {
    results.push(
      `dkim=${resultWord(status.result)}${property('header.d', signingDomain)}${property('header.s', selector)}`,
    );
  }
  if (signatures.length === 0) results.push('dkim=none');
  const spfStatus = spf ? spf.status : undefined;
  results.push(
    `spf=${resultWord(spfStatus?.result)}${property('smtp.mailfrom', spfStatus?.smtp?.mailfrom)}${property('smtp.helo', spfStatus?.smtp?.helo)}`,
  );
  const dmarcWord = resultWord(dmarc ? dmarc.status.result : undefined);
  results.push(
    `dmarc=${dmarcWord}${property('header.from', dmarc ? dmarc.domain : undefined)}${dmarc && dmarc.policy ? property('policy.published-domain-policy', dmarc.policy) : ''}`,
  );
  const arcWord = resultWord(arc ? arc.status.result : undefined);
  if (arcWord !== 'none') results.push(`arc=${arcWord}`);
  const aligned = dmarc
    ? [dmarc.alignment?.dkim?.result, dmarc.alignment?.spf?.result].find(
        (domain) => typeof domain === 'string' && domain !== '',
      )
    : undefined;
  const best: AuthResult = signatures.some(({ status }) => status.result === 'pass')
    ? 'pass'
    : resultWord(signatures[0]?.status.result);
  return {
    summary: {
      spf: resultWord(spfStatus?.result),
      dkim: best,
      dmarc: dmarcWord,
      arc: arcWord,
      ...(typeof aligned === 'string' && dmarcWord === 'pass' ? { alignedDomain: aligned } : {}),
    },
    field: `Authentication-Results: ${hostname};\r\n\t${results.join(';\r\n\t')}\r\n`,
    policy: dmarc && dmarcWord === 'fail' ? policyOf(dmarc.policy, dmarc.pct) : 'none',
  };
}

/** RFC 7489 §6.6.4: of what a domain asks for only a part of its mail, the rest gets the next milder treatment. */
function policyOf(policy: string, percent = 100): Authenticated['policy'] {
  if (policy === 'reject') return percent < 100 ? 'quarantine' : 'reject';
  return policy === 'quarantine' && percent > 0 ? 'quarantine' : 'none';
}

const words = new Set<string>([
  'pass',
  'fail',
  'softfail',
  'neutral',
  'none',
  'temperror',
  'permerror',
  'policy',
] satisfies AuthResult[]);
function resultWord(word: string | undefined): AuthResult {
  if (word === 'temperr') return 'temperror';
  return word !== undefined && words.has(word) ? (word as AuthResult) : 'none';
}

/** RFC 8601 §2.2: pvalue. What a stranger's signature or DNS says is cut to harmless characters. */
function property(name: string, value: string | undefined): string {
  const plain = (value ?? '').replace(/[^\w.@+=/-]/g, '').slice(0, 200);
  return plain === '' ? '' : ` ${name}=${plain}`;
}
