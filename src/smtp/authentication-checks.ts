/**
 * SPF, DKIM, ARC and DMARC by mailauth, whose parts are put together here: with the whole come logos (BIMI) and an HTTP client for
 * them, half of its memory. It is loaded with the first message that has to be judged; behind a relay of one's own that may be never.
 */
import { isIP } from 'node:net';

import type { ARCData, AuthenticateResult, DMARCOptions, DNSResolver } from 'mailauth';

export interface CheckOptions {
  sender: string;
  ip: string;
  helo: string;
  mta: string;
  resolver: DNSResolver;
}

export type Checked = Pick<AuthenticateResult, 'dkim' | 'spf' | 'dmarc' | 'arc'>;

const load = async () => {
  const [{ dkimVerify }, { spf }, { arc }, { dmarc }] = await Promise.all([
    import('mailauth/lib/dkim/verify.js'),
    import('mailauth/lib/spf/index.js'),
    import('mailauth/lib/arc/index.js'),
    import('mailauth/lib/dmarc/index.js'),
  ]);
  return { dkimVerify, spf, arc, dmarc };
};
let loaded: ReturnType<typeof load> | undefined;

export async function runChecks(bytes: Buffer, options: CheckOptions): Promise<Checked> {
  const { dkimVerify, spf, arc, dmarc } = await (loaded ??= load());
  const { resolver, sender, helo } = options;
  const dkim = await dkimVerify(bytes, { resolver, sender });
  // RFC 5321 §4.1.3: an address is a literal, in brackets.
  const bySender = await spf({ ...options, helo: isIP(helo) ? `[${helo}]` : helo });
  // What one part gives is what the other takes, but for their types.
  const chain = dkim.arc ? await arc(dkim.arc as ARCData, { resolver }) : false;
  const passed = dkim.results.filter(({ status }) => status.result === 'pass');
  const dkimDomains = passed.map(({ id, signingDomain, status: { aligned, underSized } }) => ({
    ...{ id, domain: signingDomain },
    ...{ aligned, underSized },
  })) as NonNullable<DMARCOptions['dkimDomains']>;
  const policy =
    dkim.headerFrom &&
    (await dmarc({
      headerFrom: dkim.headerFrom,
      spfDomains: bySender.status.result === 'pass' && bySender.domain ? [bySender.domain] : [],
      dkimDomains,
      ...(chain ? { arcResult: chain } : {}),
      resolver,
    }));
  return { dkim, spf: bySender, dmarc: policy || false, arc: chain };
}
