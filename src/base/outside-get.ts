/**
 * Gets a few bytes from where a stranger said, or tells it something: the name is resolved once, addresses inside our own network are refused, and the
 * connection goes to an address that was checked (not to what a second look-up says: DNS rebinding). No cookies, no
 * referrer, no redirect that the caller did not look at, little time, few bytes.
 */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls, type RequestOptions } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export interface OutsideOptions {
  maxBytes: number;
  timeoutMs: number;
  accept: string;
  /** Addresses inside our own network that are meant. */
  allow?: (address: string) => boolean;
  /** Resolves a name; tests answer it themselves. */
  resolve?: (host: string) => Promise<LookupAddress[]>;
  /** Tests: their own authority, port and loopback. */
  ca?: string;
  port?: number;
  allowPrivate?: boolean;
}

export interface OutsideAnswer {
  status: number;
  /** Of a 200 only. */
  body: Uint8Array;
  /** Of a redirect; not followed. */
  location?: string;
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
  // Unspecified, loopback, and IPv4 in the old "compatible" clothes.
  ['::', 96],
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

/** The name leads into our own network. */
export class InsideAddress extends Error {
  override readonly name = 'InsideAddress';
}
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** Undefined: there is no such name. @throws InsideAddress */
export async function outsideAddresses(
  host: string,
  {
    resolve = systemResolve,
    allowPrivate = false,
    allow = () => allowPrivate,
  }: Pick<OutsideOptions, 'resolve' | 'allowPrivate' | 'allow'>,
): Promise<LookupAddress[] | undefined> {
  try {
    const addresses = await resolve(host);
    const outside = addresses.filter((a) => allow(a.address) || !isPrivateAddress(a.address));
    if (addresses.length > 0 && outside.length === 0) throw new InsideAddress(`${host} leads to a private address`);
    return outside.length > 0 ? outside : undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return undefined;
    throw error;
  }
}

/** @throws AnswerTooLarge, or whatever the network says */
export function getOutside(
  { protocol, host, path }: { protocol: 'http:' | 'https:'; host: string; path: string },
  addresses: readonly LookupAddress[],
  options: OutsideOptions,
): Promise<OutsideAnswer> {
  const { accept, ca, timeoutMs } = options;
  const asked: RequestOptions = {
    host,
    port: options.port ?? (protocol === 'https:' ? 443 : 80),
    path,
    lookup: checkedOnly(addresses),
    agent: false,
    headers: { accept },
    signal: AbortSignal.timeout(timeoutMs),
    ...(ca === undefined ? {} : { ca }),
  };
  return new Promise((resolve, reject) => {
    const call = (protocol === 'https:' ? requestTls : requestPlain)(asked, (response) => {
      read(response, options.maxBytes).then(resolve, reject);
    });
    call.on('error', reject);
    call.end();
  });
}

/** The connection goes to what was checked, whatever the name means by now. */
function checkedOnly(addresses: readonly LookupAddress[]): LookupFunction {
  return (_name, { all }, done) => {
    const [first] = addresses;
    if (all) done(null, [...addresses]);
    else if (first) done(null, first.address, first.family);
  };
}

/** The answer's body is not read, a redirect not followed. @returns the status */
export function postOutside(
  url: URL,
  { headers, body }: { headers: Record<string, string>; body: string },
  addresses: readonly LookupAddress[],
  { timeoutMs, ca }: Pick<OutsideOptions, 'timeoutMs' | 'ca'>,
): Promise<number> {
  const asked: RequestOptions = {
    method: 'POST',
    host: hostOf(url),
    port: url.port,
    path: url.pathname + url.search,
    lookup: checkedOnly(addresses),
    agent: false,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    signal: AbortSignal.timeout(timeoutMs),
    ...(ca === undefined ? {} : { ca }),
  };
  return new Promise((resolve, reject) => {
    const call = (url.protocol === 'https:' ? requestTls : requestPlain)(asked, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** Without the brackets of an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

function read(response: IncomingMessage, maxBytes: number): Promise<OutsideAnswer> {
  const { statusCode: status = 0, headers } = response;
  if (status !== 200) {
    response.destroy();
    const { location } = headers;
    return Promise.resolve({ status, body: new Uint8Array(), ...(location === undefined ? {} : { location }) });
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) response.destroy(new AnswerTooLarge(`the answer is too large: more than ${maxBytes} bytes`));
      else chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('end', () => resolve({ status, body: Buffer.concat(chunks) }));
  });
}
