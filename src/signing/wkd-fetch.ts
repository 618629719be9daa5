/**
 * Asks a stranger's key directory (draft-koch-openpgp-webkey-service §3.1): the advanced method, then the direct one. The name of the
 * domain comes from a message, so the answer may come from anywhere: HTTPS with a good certificate only, no redirect, and
 * what base/outside-get.ts refuses.
 */
import type { LookupAddress } from 'node:dns';

import { getOutside, outsideAddresses, type OutsideOptions } from '../base/outside-get.ts';
import type { FetchKey } from './context.ts';
import type { SigningSettings } from './settings.ts';
import { splitAddress, wkdHash } from './wkd-name.ts';

type Options = Omit<OutsideOptions, 'accept'>;
export type WkdFetchOptions = Pick<SigningSettings, 'wkdMaxBytes' | 'wkdTimeout'> &
  Omit<Options, 'maxBytes' | 'timeoutMs'>;

export function createFetchKey({ wkdMaxBytes, wkdTimeout, ...outside }: WkdFetchOptions): FetchKey {
  const options: Options = { ...outside, maxBytes: wkdMaxBytes, timeoutMs: wkdTimeout };
  return async (address) => {
    const parts = splitAddress(address);
    if (
      !parts ||
      !/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(parts.domain)
    )
      return undefined;
    const { domain, localPart } = parts;
    const name = `${wkdHash(localPart)}?l=${encodeURIComponent(localPart)}`;
    // §3.1: the direct method is for domains without the sub-domain only.
    const advanced = await outsideAddresses(`openpgpkey.${domain}`, options);
    if (advanced) return get(`openpgpkey.${domain}`, `/.well-known/openpgpkey/${domain}/hu/${name}`, advanced, options);
    const direct = await outsideAddresses(domain, options);
    return direct ? get(domain, `/.well-known/openpgpkey/hu/${name}`, direct, options) : undefined;
  };
}

async function get(
  host: string,
  path: string,
  addresses: LookupAddress[],
  options: Options,
): Promise<Uint8Array | undefined> {
  const asked = { protocol: 'https:' as const, host, path };
  const { status, body } = await getOutside(asked, addresses, { ...options, accept: 'application/octet-stream' });
  if (status === 404 || status === 410) return undefined;
  // §3.1 allows redirects; from a name that a stranger chose we follow none.
  if (status !== 200) throw new Error(`${host} answered ${status}`);
  return body;
}
