/** Whether others find us in DNS as `congvu dns` says. */
import type { Parts } from '../parts.ts';
import { dkimPublicKeys } from '../smtp/dkim.ts';
import { dnsRecords, txtStrings, type DnsRecord } from '../smtp/dns-records.ts';
import { createDnsResolve, isNotFound } from '../smtp/resolver.ts';
import { words, type Finding } from './finding.ts';

export async function* dns(parts: Parts): AsyncIterable<Finding> {
  const { domain } = parts.directory;
  const resolve = createDnsResolve(parts.config.smtp);
  const wanted = dnsRecords({ domain, host: parts.config.hostname, dkim: await dkimPublicKeys(parts.secrets, domain) });
  for (const record of wanted.filter((r) => ['mx', 'spf', 'dkim', 'dmarc'].includes(r.purpose))) {
    yield await compare(record, resolve);
  }
  yield await address(parts.config.hostname, resolve);
}

async function compare(record: DnsRecord, resolve: ReturnType<typeof createDnsResolve>): Promise<Finding> {
  const name = `${record.type} of ${record.name}`;
  const remedy = `publish: ${record.name}. IN ${record.type} ${zoneText(record)}`;
  try {
    const answer = await resolve(record.name, record.type);
    const found =
      record.type === 'MX'
        ? (answer as { exchange: string }[]).map((a) => a.exchange.toLowerCase())
        : (answer as string[][]).map((a) => a.join(''));
    const wanted =
      record.type === 'MX' ? record.value.replace(/^\d+ /, '').replace(/\.$/, '').toLowerCase() : record.value;
    if (found.includes(wanted)) return { level: 'ok', area: 'dns', what: `${name} is published` };
    // SPF and DMARC may rightly be stricter or name more senders: only their absence fails.
    const kin = found.filter((f) => f.slice(0, 6) === wanted.slice(0, 6));
    if (kin.length > 0 && record.purpose !== 'dkim' && record.purpose !== 'mx')
      return { level: 'warn', area: 'dns', what: `${name} differs: ${kin.join(' | ')}`, remedy };
    return { level: 'fail', area: 'dns', what: `${name} is not as needed: ${found.join(' | ').slice(0, 200)}`, remedy };
  } catch (error) {
    if (isNotFound(error)) return { level: 'fail', area: 'dns', what: `${name} is missing`, remedy };
    return {
      level: 'warn',
      area: 'dns',
      what: `${name} could not be asked: ${words(error)}`,
      remedy: ASK,
    };
  }
}

/** RFC 5321 §5.1: the name in the MX record must lead to an address. */
async function address(hostname: string, resolve: ReturnType<typeof createDnsResolve>): Promise<Finding> {
  const asked = await Promise.allSettled(['A', 'AAAA'].map((type) => resolve(hostname, type)));
  if (asked.some((one) => one.status === 'fulfilled'))
    return { level: 'ok', area: 'dns', what: `${hostname} has an address` };
  const missing = asked.every((one) => one.status === 'rejected' && isNotFound(one.reason));
  return missing
    ? {
        level: 'fail',
        area: 'dns',
        what: `${hostname} has no address`,
        remedy: `publish: ${hostname}. IN A <address of this machine>`,
      }
    : { level: 'warn', area: 'dns', what: `the address of ${hostname} could not be asked`, remedy: ASK };
}

/** As `congvu dns` prints it. */
const zoneText = ({ type, value }: DnsRecord) =>
  type === 'TXT'
    ? txtStrings(value)
        .map((part) => `"${part}"`)
        .join(' ')
    : value;

const ASK = 'check the name servers of this machine (/etc/resolv.conf), or [smtp] dnsServers';
