import { domainToASCII } from 'node:url';

/** "local@domain" with the domain in lower case and ASCII; undefined when it is no address that can be sent to. */
export function splitAddress(address: string): { local: string; domain: string; address: string } | undefined {
  const at = address.lastIndexOf('@');
  // RFC 5321 §4.5.3.1.1–3: local part 64 octets, path 256.
  if (at < 1 || at > 64 || address.length > 254) return undefined;
  const local = address.slice(0, at);
  // No white space or controls outside a quoted string: it would end up in a protocol line.
  if (/[\u0000-\u0020\u007f<>]/.test(local) && !/^"[^\u0000-\u001f\u007f]*"$/.test(local)) return undefined;
  const domain = asciiDomain(address.slice(at + 1));
  return domain === undefined ? undefined : { local, domain, address: `${local}@${domain}` };
}

/** The few domains that most mail is for and from. */
const known = new Map<string, string | undefined>();
const KNOWN_DOMAINS = 500;

function asciiDomain(domain: string): string | undefined {
  if (known.has(domain)) return known.get(domain);
  const ascii = toAscii(domain);
  if (known.size >= KNOWN_DOMAINS) known.clear();
  known.set(domain, ascii);
  return ascii;
}

function toAscii(domain: string): string | undefined {
  if (/^\[[0-9a-f.:]+\]$|^\[ipv6:[0-9a-f.:]+\]$/i.test(domain)) return domain.toLowerCase();
  const ascii = domainToASCII(domain.normalize('NFC')).toLowerCase();
  const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
  return ascii.length <= 253 && ascii !== '' && ascii.split('.').every((part) => label.test(part)) ? ascii : undefined;
}

export const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);
