import type { DkimPublicKey } from './dkim.ts';

export interface DnsRecord {
  name: string;
  type: 'MX' | 'TXT' | 'CNAME' | 'SRV';
  value: string;
  /** Why. */
  purpose: 'mx' | 'spf' | 'dkim' | 'dmarc' | 'tlsRpt' | 'autoconfig' | 'wkd' | 'service';
}

/** What the province publishes so that others can send to it and believe its mail; printed by `congvu init`, checked by `congvu doctor`. */
export function dnsRecords({
  domain,
  host,
  dkim,
  reportsTo = `postmaster@${domain}`,
}: {
  domain: string;
  host: string;
  dkim: readonly DkimPublicKey[];
  reportsTo?: string;
}): DnsRecord[] {
  return [
    { name: domain, type: 'MX', value: `10 ${host}.`, purpose: 'mx' },
    // RFC 7208: only our mail server sends for the domain.
    { name: domain, type: 'TXT', value: 'v=spf1 mx -all', purpose: 'spf' },
    ...dkim.map(({ selector, algorithm, publicKey }) => ({
      name: `${selector}._domainkey.${domain}`,
      type: 'TXT' as const,
      value: `v=DKIM1; k=${algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; p=${publicKey}`,
      purpose: 'dkim' as const,
    })),
    // RFC 7489 §6.3
    {
      name: `_dmarc.${domain}`,
      type: 'TXT',
      value: `v=DMARC1; p=reject; adkim=r; aspf=r; rua=mailto:${reportsTo}`,
      purpose: 'dmarc',
    },
    // RFC 8460 §3
    { name: `_smtp._tls.${domain}`, type: 'TXT', value: `v=TLSRPTv1; rua=mailto:${reportsTo}`, purpose: 'tlsRpt' },
    { name: `autoconfig.${domain}`, type: 'CNAME', value: `${host}.`, purpose: 'autoconfig' },
    // draft-koch-openpgp-webkey-service: the advanced method asks this name.
    { name: `openpgpkey.${domain}`, type: 'CNAME', value: `${host}.`, purpose: 'wkd' },
    // RFC 6186, RFC 8314 §5.1
    { name: `_submissions._tcp.${domain}`, type: 'SRV', value: `0 1 465 ${host}.`, purpose: 'service' },
    { name: `_submission._tcp.${domain}`, type: 'SRV', value: `10 1 587 ${host}.`, purpose: 'service' },
    { name: `_imaps._tcp.${domain}`, type: 'SRV', value: `0 1 993 ${host}.`, purpose: 'service' },
  ];
}

/** RFC 1035 §3.3.14: one string of a TXT record holds 255 octets; longer values are several strings. */
export function txtStrings(value: string): string[] {
  return value.match(/.{1,255}/gs) ?? [''];
}
