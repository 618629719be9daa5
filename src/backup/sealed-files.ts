/** Small files sealed under a passphrase: scrypt, AES-256-GCM. What a thief of the disk must not have. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';

import * as v from 'valibot';

import { DomainError } from '../base/errors.ts';

const bytes = v.pipe(v.string(), v.base64());
const sealedSchema = v.strictObject({
  kdf: v.literal('scrypt'),
  cost: v.pipe(v.number(), v.integer(), v.minValue(2 ** 14), v.maxValue(2 ** 20)),
  salt: bytes,
  nonce: bytes,
  tag: bytes,
  body: bytes,
});
const filesSchema = v.record(v.string(), v.string());

/** By name: "master.key", "congvu.toml", "tls/key.pem", "tls/cert.pem". */
export type SmallFiles = Record<string, string>;

/** 128 MiB and a third of a second for each guess. */
const COST = 2 ** 17;
const SHORTEST = 12;

export function sealFiles(files: SmallFiles, passphrase: string): string {
  if (passphrase.length < SHORTEST)
    throw new DomainError('invalid', 'backup.passphrase_short', `a passphrase has at least ${SHORTEST} characters`);
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(passphrase, salt, COST), nonce);
  const body = Buffer.concat([cipher.update(JSON.stringify(files), 'utf8'), cipher.final()]);
  const text = (part: Buffer) => part.toString('base64');
  return JSON.stringify({
    kdf: 'scrypt',
    cost: COST,
    salt: text(salt),
    nonce: text(nonce),
    tag: text(cipher.getAuthTag()),
    body: text(body),
  });
}

/** @throws backup.passphrase_wrong */
export function openFiles(sealed: string, passphrase: string): SmallFiles {
  const { cost, ...parts } = v.parse(sealedSchema, JSON.parse(sealed));
  const part = (name: keyof Omit<typeof parts, 'kdf'>) => Buffer.from(parts[name], 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(passphrase, part('salt'), cost), part('nonce'));
  decipher.setAuthTag(part('tag'));
  try {
    const text = Buffer.concat([decipher.update(part('body')), decipher.final()]).toString('utf8');
    return v.parse(filesSchema, JSON.parse(text));
  } catch (cause) {
    const words = 'the passphrase does not open the secrets of this backup';
    throw new DomainError('forbidden', 'backup.passphrase_wrong', words, {}, cause);
  }
}

const keyOf = (passphrase: string, salt: Buffer, cost: number): Buffer =>
  scryptSync(passphrase.normalize('NFC'), salt, 32, { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 });

/**
 * The settings without the password that stands in the database's address: before the last "@", whatever it holds, or among the
 * parameters. An address ends with the quote that it began with, and may hold the other (RFC 3986 §2.2: "'" is as good as any);
 * one that stands in no quotes, in a comment, ends at a space.
 */
export const withoutPassword = (toml: string): string =>
  toml
    .replace(/("""|'''|["'])postgres(?:ql)?:\/\/(?:\\.|(?!\1).)*\1/gis, withoutPasswordIn)
    .replace(/(?<!["'])\bpostgres(?:ql)?:\/\/\S*/gi, withoutPasswordIn);

const withoutPasswordIn = (url: string): string =>
  url.replace(/^([^:]*:\/\/[^:@/?#]*):.*@/s, '$1@').replace(/([?&](?:ssl)?password=)[^&]*?(?=&|["']*$)/gi, '$1');
