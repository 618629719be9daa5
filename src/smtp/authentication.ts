/** SPF, DKIM, DMARC and ARC of a message from outside (RFC 7208, 6376, 7489, 8617), and what follows from them. */
import type { DNSResolver } from 'mailauth';

import type { Authentication, AuthResult } from '../base/api-types.ts';
import type { Log } from '../base/log.ts';
import { headerFields } from '../delivery/header-block.ts';
import { runChecks, type Checked } from './authentication-checks.ts';
import type { DnsResolve } from './resolver.ts';

export interface AuthenticationInput {
  bytes: Uint8Array;
  mailFrom: string;
  remote: string;
  helo: string;
  /** Handed over by a relay of our own: the address is not the sender's. */
  relayed?: boolean;
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
  return async ({ bytes, mailFrom, remote, helo, relayed = false }) => {
    const signed = isSigned(bytes);
    if (relayed && !signed) return nothingToJudge(hostname);
    const deadline = createDeadline(timeout);
    const resolver = ((name, type) => deadline.before(resolve(name, type))) as DNSResolver;
    try {
      const options = {
        sender: mailFrom,
        ip: remote.replace(/^::ffff:(?=\d+\.)/i, ''),
        helo,
        mta: hostname,
        resolver,
      };
      const result = await deadline.before(runChecks(neededOf(bytes, signed), options));
      return judged(relayed ? withoutAddress(result) : result, hostname);
    } catch (error) {
      log.warn({ err: error, remote }, 'smtp: sender could not be authenticated');
      const summary: Authentication = { spf: 'temperror', dkim: 'temperror', dmarc: 'temperror', arc: 'temperror' };
      return {
        summary,
        field: `Authentication-Results: ${hostname};\r\n\tspf=temperror;\r\n\tdkim=temperror;\r\n\tdmarc=temperror\r\n`,
        policy: 'none',
      };
    } finally {
      deadline.end();
    }
  };
}

/** RFC 8601 §2.2: "none" says that nothing was authenticated. */
const nothingToJudge = (hostname: string): Authenticated => ({
  summary: { spf: 'none', dkim: 'none', dmarc: 'none', arc: 'none' },
  field: `Authentication-Results: ${hostname}; none\r\n`,
  policy: 'none',
});

/** A signature that vouches for the domain in From counts, whoever handed it over; that nothing does is no one's fault here. */
function withoutAddress(result: Checked): Checked {
  const { dmarc } = result;
  const vouched = dmarc && dmarc.status.result === 'pass' && Boolean(dmarc.alignment?.dkim?.result);
  return { ...result, spf: false, dmarc: vouched ? dmarc : false };
}

const isSigned = (bytes: Uint8Array): boolean =>
  headerFields(bytes).some(({ name }) => name === 'dkim-signature' || name.startsWith('arc-'));

/** Only a signature (RFC 6376, RFC 8617) speaks of the body; without one the header is all that the checks read. */
function neededOf(bytes: Uint8Array, signed: boolean): Buffer {
  if (signed) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = headerFields(bytes).at(-1)?.end ?? 0;
  return Buffer.concat([bytes.subarray(0, length), Buffer.from('\r\n')]);
}

/** One end for all the questions of a message. */
function createDeadline(timeout: number) {
  let stop = (_: Error): void => undefined;
  const ended = new Promise<never>((_, reject) => (stop = reject));
  ended.catch(() => undefined);
  const timer = setTimeout(() => stop(Object.assign(new Error('DNS took too long'), { code: 'ETIMEOUT' })), timeout);
  timer.unref();
  return {
    before<T>(work: Promise<T>): Promise<T> {
      work.catch(() => undefined);
      return Promise.race([work, ended]);
    },
    end: () => clearTimeout(timer),
  };
}

function judged({ spf, dkim, dmarc, arc }: Checked, hostname: string): Authenticated {
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
