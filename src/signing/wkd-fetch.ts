/**
 * Asks a stranger's key directory (draft-koch-openpgp-webkey-service §3.1): the advanced method, then the direct one. The name of the
 * domain comes from a message, so the answer may come from anywhere: HTTPS with a good certificate only, no redirect, no
 * address inside our own network, little time, few bytes.
 */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { request, type RequestOptions } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

import type { FetchKey } from './context.ts';
import { splitAddress, wkdHash } from './wkd-name.ts';

export interface WkdFetchOptions {
  maxBytes: number;
  timeoutMs: number;
  /** Resolves a name; tests answer it themselves. */
  resolve?: (host: string) => Promise<LookupAddress[]>;
  /** Tests: their own authority, port and loopback. */
  ca?: string;
  port?: number;
  allowPrivate?: boolean;
}

const inside = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inside.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  inside.addSubnet(net, bits, 'ipv6');
}

/** Loopback, private, link-local, reserved, multicast, and IPv4 in IPv6 clothes. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::(?:ffff:(?:0:)?)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain);
  if (family === 0) return true;
  // The block list sees through ::ffff:0:0/96 by itself, written in whatever way.
  return inside.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}

const systemResolve = (host: string): Promise<LookupAddress[]> =>
  new Promise((resolve, reject) =>
    dnsLookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  );

export function createFetchKey(options: WkdFetchOptions): FetchKey {
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
    const advanced = await addressesOf(`openpgpkey.${domain}`, options);
    if (advanced) return get(`openpgpkey.${domain}`, `/.well-known/openpgpkey/${domain}/hu/${name}`, advanced, options);
    const direct = await addressesOf(domain, options);
    return direct ? get(domain, `/.well-known/openpgpkey/hu/${name}`, direct, options) : undefined;
  };
}

/** Undefined: there is no such name. @throws when the name leads inside. */
async function addressesOf(
  host: string,
  { resolve = systemResolve, allowPrivate = false }: WkdFetchOptions,
): Promise<LookupAddress[] | undefined> {
  try {
    const addresses = await resolve(host);
    const outside = allowPrivate ? addresses : addresses.filter((a) => !isPrivateAddress(a.address));
    if (addresses.length > 0 && outside.length === 0) throw new Error(`${host} leads to a private address`);
    return outside.length > 0 ? outside : undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return undefined;
    throw error;
  }
}

/** Connects to the addresses that were checked, not to what a second look-up says (DNS rebinding). */
function get(
  host: string,
  path: string,
  addresses: LookupAddress[],
  { maxBytes, timeoutMs, ca, port = 443 }: WkdFetchOptions,
): Promise<Uint8Array | undefined> {
  const lookup: LookupFunction = (_name, { all }, done) => {
    const [first] = addresses;
    if (all) done(null, addresses);
    else if (first) done(null, first.address, first.family);
  };
  const options: RequestOptions = {
    host,
    port,
    path,
    lookup,
    agent: false,
    headers: { accept: 'application/octet-stream' },
    signal: AbortSignal.timeout(timeoutMs),
    ...(ca === undefined ? {} : { ca }),
  };
  return new Promise((resolve, reject) => {
    const call = request(options, (response) => {
      const { statusCode = 0 } = response;
      if (statusCode === 404 || statusCode === 410) {
        response.destroy();
        return resolve(undefined);
      }
      if (statusCode !== 200) {
        response.destroy();
        // §3.1 allows redirects; from a name that a stranger chose we follow none.
        return reject(new Error(`${host} answered ${statusCode}`));
      }
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) response.destroy(new Error(`the key at ${host} is too large`));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => resolve(Buffer.concat(chunks)));
    });
    call.on('error', reject);
    call.end();
  });
}
