/**
 * The account as a configuration profile for iPhone, iPad and Mac (Apple, "Configuration Profile Reference", payload
 * com.apple.mail.managed). It holds no password: the device asks for it when the profile is installed.
 */
import { createHash } from 'node:crypto';

import type { MailServiceView } from '../../base/api-types.ts';
import { escapeXml } from './mail-services.ts';

export interface AppleAccount {
  address: string;
  fullName: string;
  domain: string;
  hostname: string;
  services: readonly MailServiceView[];
}

/** Undefined where mail cannot both come and go by it. */
export function appleProfile({ address, fullName, domain, hostname, services }: AppleAccount): string | undefined {
  const incoming = services.find(({ protocol }) => protocol === 'imap');
  const outgoing = services.find(({ protocol }) => protocol === 'smtp');
  if (!incoming || !outgoing) return undefined;
  // The same names at every download: what is installed again takes the place of what was there.
  const identifier = [...domain.split('.').reverse(), 'congvu', address.split('@')[0] ?? ''].join('.');
  const server = (way: 'Incoming' | 'Outgoing', { port }: MailServiceView) => ({
    [`${way}MailServerAuthentication`]: 'EmailAuthPassword',
    [`${way}MailServerHostName`]: hostname,
    [`${way}MailServerPortNumber`]: port,
    // TLS from the first octet or STARTTLS: the device finds out which.
    [`${way}MailServerUseSSL`]: true,
    [`${way}MailServerUsername`]: address,
  });
  const account = {
    PayloadType: 'com.apple.mail.managed',
    PayloadVersion: 1,
    PayloadIdentifier: `${identifier}.mail`,
    PayloadUUID: uuidOf(`mail ${hostname} ${address}`),
    PayloadDisplayName: `Thư ${address}`,
    EmailAccountDescription: `Công Vụ ${domain}`,
    EmailAccountName: fullName,
    EmailAccountType: 'EmailTypeIMAP',
    EmailAddress: address,
    ...server('Incoming', incoming),
    ...server('Outgoing', outgoing),
    OutgoingPasswordSameAsIncomingPassword: true,
  };
  const profile = {
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: uuidOf(`profile ${hostname} ${address}`),
    PayloadDisplayName: `Thư công vụ ${address}`,
    PayloadDescription: `Đặt tài khoản ${address} trên máy chủ ${hostname}. Không chứa mật khẩu.`,
    PayloadOrganization: domain,
    PayloadContent: [account],
  };
  return plist(profile);
}

type Plist = string | number | boolean | readonly Plist[] | { readonly [key: string]: Plist };

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">';
const plist = (value: Plist): string => `${HEAD}\n<plist version="1.0">${element(value)}</plist>\n`;

function element(value: Plist): string {
  if (typeof value === 'string') return `<string>${escapeXml(value)}</string>`;
  if (typeof value === 'number') return `<integer>${value}</integer>`;
  if (typeof value === 'boolean') return value ? '<true/>' : '<false/>';
  if (isList(value)) return `<array>${value.map(element).join('')}</array>`;
  const entries = Object.entries(value).map(([key, of]) => `<key>${escapeXml(key)}</key>${element(of)}`);
  return `<dict>${entries.join('')}</dict>`;
}
const isList = (value: object): value is readonly Plist[] => Array.isArray(value);

/** RFC 9562 §5.8: a UUID of our own making, from what it is the name of. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
