/**
 * Access tokens of the province's identity provider: JWTs (RFC 9068, RFC 8725) checked with its public keys from a file, so that
 * signing in asks nobody. Only asymmetric signatures; issuer, audience and expiry must be there and right.
 */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import { createLocalJWKSet, errors, importSPKI, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import * as v from 'valibot';

import type { Clock } from '../base/clock.ts';
import { signInTokenInvalid, signInTokenScope } from './credentials.errors.ts';
import type { OAuthSettings } from './settings.ts';

/** @returns the address that the token names. @throws sign_in.token_invalid, sign_in.token_scope */
export type VerifyToken = (token: string) => Promise<string>;

/** RFC 8725 §3.1, §3.2: never "none", never a shared secret that could be mistaken for a public key. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const keySet = v.object({ keys: v.array(v.looseObject({ kty: v.string() })) });

/** Undefined: no issuer is configured, so tokens are no way in. */
export function createVerifyToken(
  settings: OAuthSettings,
  { clock, folder }: { clock: Clock; folder: string },
): VerifyToken | undefined {
  if (settings.issuer === '') return undefined;
  const keys = keysOf(resolve(folder, settings.keysFile), settings);
  return async (token) => {
    const { payload } = await checked(token, await keys(), settings, clock);
    const scopes = typeof payload['scope'] === 'string' ? payload['scope'].split(' ') : [];
    if (settings.scope !== '' && !scopes.includes(settings.scope)) throw signInTokenScope(settings.scope);
    const address = payload[settings.addressClaim];
    if (typeof address !== 'string' || !address.includes('@')) throw signInTokenInvalid('the token names no address');
    // OpenID Connect Core §5.1: an address that the provider has not verified proves nothing.
    if (settings.addressClaim === 'email' && payload['email_verified'] === false)
      throw signInTokenInvalid('the address in the token is not verified');
    return address;
  };
}

async function checked(
  token: string,
  key: JWTVerifyGetKey,
  { issuer, audience, clockSkewSeconds, addressClaim }: OAuthSettings,
  clock: Clock,
): Promise<{ payload: JWTPayload }> {
  try {
    return await jwtVerify(token, key, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: clockSkewSeconds,
      currentDate: new Date(clock.now()),
      requiredClaims: ['iss', 'aud', 'exp', addressClaim],
    });
  } catch (error) {
    if (error instanceof errors.JOSEError) throw signInTokenInvalid(error.message);
    throw error;
  }
}

/** Read again when the file changed: keys are renewed while the server runs. */
function keysOf(path: string, settings: OAuthSettings): () => Promise<JWTVerifyGetKey> {
  let known: { mtimeMs: number; keys: JWTVerifyGetKey } | undefined;
  return async () => {
    const { mtimeMs } = await stat(path);
    if (known?.mtimeMs === mtimeMs) return known.keys;
    const keys = await readKeys(await readFile(path, 'utf8'), settings);
    known = { mtimeMs, keys };
    return keys;
  };
}

/** A JWK Set (RFC 7517 §5), or one public key in PEM. */
async function readKeys(text: string, { pemAlgorithm }: OAuthSettings): Promise<JWTVerifyGetKey> {
  if (text.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) {
    const key = await importSPKI(text, pemAlgorithm);
    // The key belongs to one algorithm (RFC 8725 §3.1).
    return async ({ alg }) => {
      if (alg !== pemAlgorithm) throw new errors.JOSEAlgNotAllowed(`the key is for ${pemAlgorithm}`);
      return key;
    };
  }
  const { keys } = v.parse(keySet, JSON.parse(text));
  return createLocalJWKSet({ keys: keys.filter(({ kty }) => kty !== 'oct') });
}
