/**
 * DKIM (RFC 6376, 8463): two keys per domain, RSA-2048 for everybody and Ed25519 beside it; relaxed/relaxed. Fields that a
 * stranger could add a second of are signed once more than they occur (§8.15), so that an added one breaks the signature.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import type { Clock } from '../base/clock.ts';
import type { SecretStore } from '../db/secrets.ts';
import type { Tx } from '../db/database.ts';
import { headerFields, type RawField } from '../delivery/header-block.ts';

export interface DkimPublicKey {
  selector: string;
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  /** The p= of the DNS record. */
  publicKey: string;
}

const SELECTORS = { 'rsa-sha256': 'cv1-rsa', 'ed25519-sha256': 'cv1-ed25519' } as const;
const ALGORITHMS = ['rsa-sha256', 'ed25519-sha256'] as const;
const secretName = (domain: string, selector: string): string => `dkim:${domain}:${selector}`;

/** At `init`. Keys that are there already would be replaced: ask `dkimPublicKeys` first. */
export async function createDkimKeys(
  tx: Tx,
  secrets: Pick<SecretStore, 'put'>,
  domain: string,
): Promise<DkimPublicKey[]> {
  const made: DkimPublicKey[] = [];
  for (const algorithm of ALGORITHMS) {
    const { privateKey } =
      algorithm === 'rsa-sha256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
    const selector = SELECTORS[algorithm];
    await secrets.put(tx, secretName(domain, selector), privateKey.export({ type: 'pkcs8', format: 'der' }));
    made.push({ selector, algorithm, publicKey: publicPart(privateKey) });
  }
  return made;
}

/** RFC 6376 §3.6.1: RSA as SubjectPublicKeyInfo; RFC 8463 §4: Ed25519 as the bare 32 octets. */
function publicPart(privateKey: KeyObject): string {
  const info = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return (privateKey.asymmetricKeyType === 'ed25519' ? info.subarray(-32) : info).toString('base64');
}

interface DkimKey extends DkimPublicKey {
  privateKey: KeyObject;
}

async function loadKeys(secrets: Pick<SecretStore, 'get'>, domain: string): Promise<DkimKey[]> {
  const keys: DkimKey[] = [];
  for (const algorithm of ALGORITHMS) {
    const selector = SELECTORS[algorithm];
    const der = await secrets.get(secretName(domain, selector));
    if (!der) continue;
    const privateKey = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
    keys.push({ selector, algorithm, privateKey, publicKey: publicPart(privateKey) });
  }
  return keys;
}

export async function dkimPublicKeys(secrets: Pick<SecretStore, 'get'>, domain: string): Promise<DkimPublicKey[]> {
  return (await loadKeys(secrets, domain)).map(({ selector, algorithm, publicKey }) => ({
    selector,
    algorithm,
    publicKey,
  }));
}

export interface DkimSigner {
  /** The signature fields to put in front of bytes whose lines end with CRLF; empty when the domain has no key. */
  sign(bytes: Uint8Array, domain: string): Promise<string>;
}

export function createDkimSigner(secrets: Pick<SecretStore, 'get'>, clock: Clock): DkimSigner {
  const cache = new Map<string, DkimKey[]>();
  return {
    async sign(bytes, domain) {
      let keys = cache.get(domain);
      if (!keys) {
        keys = await loadKeys(secrets, domain);
        if (keys.length > 0) cache.set(domain, keys);
      }
      if (keys.length === 0) return '';
      const fields = headerFields(bytes);
      const bodyHash = createHash('sha256')
        .update(relaxedBody(bodyOf(bytes, fields)), 'latin1')
        .digest('base64');
      return keys.map((key) => signature(bytes, fields, key, { domain, bodyHash, at: clock.now() })).join('');
    },
  };
}

/** Signed as often as they occur and once more. */
const OVERSIGNED = ['from', 'to', 'cc', 'subject', 'date', 'reply-to', 'message-id', 'mime-version', 'content-type'];
const SIGNED = [
  'sender',
  'in-reply-to',
  'references',
  'content-transfer-encoding',
  'autocrypt',
  'list-id',
  'list-unsubscribe',
  'auto-submitted',
];

function signature(
  bytes: Uint8Array,
  fields: readonly RawField[],
  key: DkimKey,
  { domain, bodyHash, at }: { domain: string; bodyHash: string; at: number },
): string {
  const names: string[] = [];
  let text = '';
  for (const name of [...OVERSIGNED, ...SIGNED]) {
    // RFC 6376 §5.4.2: of several the last one first.
    const own = fields.filter((field) => field.name === name).reverse();
    for (const field of own) {
      names.push(name);
      text += `${relaxedField(bytes, field)}\r\n`;
    }
    if (OVERSIGNED.includes(name)) names.push(name);
  }
  const tags = `v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${domain}; s=${key.selector}; t=${Math.floor(at / 1000)};\r\n\th=${fold(names)};\r\n\tbh=${bodyHash};\r\n\tb=`;
  const input = Buffer.from(`${text}dkim-signature:${relaxedValue(tags)}`, 'latin1');
  // RFC 8463 §3: Ed25519 signs the SHA-256 hash of the input.
  const value =
    key.algorithm === 'rsa-sha256'
      ? sign('sha256', input, key.privateKey)
      : sign(null, createHash('sha256').update(input).digest(), key.privateKey);
  return `DKIM-Signature: ${tags}${(value.toString('base64').match(/.{1,70}/g) ?? []).join('\r\n\t ')}\r\n`;
}

function fold(names: readonly string[]): string {
  const lines: string[] = [];
  for (let i = 0; i < names.length; i += 6) lines.push(names.slice(i, i + 6).join(':'));
  return lines.join(':\r\n\t ');
}

/** RFC 6376 §3.4.2 */
function relaxedField(bytes: Uint8Array, field: RawField): string {
  const raw = Buffer.from(bytes.subarray(field.start, field.end)).toString('latin1');
  return `${field.name}:${relaxedValue(raw.slice(raw.indexOf(':') + 1))}`;
}

function relaxedValue(value: string): string {
  return value
    .replace(/\r?\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
}

/** RFC 6376 §3.4.4; each step linear in the length, whatever the sender wrote. */
export function relaxedBody(body: Uint8Array): string {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    .toString('latin1')
    .replace(/[ \t]+/g, ' ')
    .replaceAll(' \r\n', '\r\n');
  let end = text.endsWith(' ') ? text.length - 1 : text.length;
  while (end >= 2 && text.startsWith('\r\n', end - 2)) end -= 2;
  return end === 0 ? '' : `${text.slice(0, end)}\r\n`;
}

function bodyOf(bytes: Uint8Array, fields: readonly RawField[]): Uint8Array {
  const end = fields.at(-1)?.end ?? 0;
  return bytes.subarray(bytes[end] === 0x0d ? end + 2 : end);
}
