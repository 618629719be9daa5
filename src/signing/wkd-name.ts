import { createHash } from 'node:crypto';

const alphabet = 'ybndrfg8ejkmcpqxot1uwisza345h769';

/** z-base-32 (RFC 6189 §5.1.6) without padding. */
export function zBase32(bytes: Uint8Array): string {
  let out = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += alphabet[(buffer >> bits) & 31] ?? '';
    }
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? out + (alphabet[(buffer << (5 - bits)) & 31] ?? '') : out;
}

/** draft-koch-openpgp-webkey-service §3.1: SHA-1 of the local part, its ASCII letters in lower case. SHA-1 only names here. */
export function wkdHash(localPart: string): string {
  const lower = localPart.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return zBase32(createHash('sha1').update(lower, 'utf8').digest());
}

export function splitAddress(address: string): { localPart: string; domain: string } | undefined {
  const at = address.lastIndexOf('@');
  if (at < 1 || at === address.length - 1) return undefined;
  return { localPart: address.slice(0, at), domain: address.slice(at + 1).toLowerCase() };
}
