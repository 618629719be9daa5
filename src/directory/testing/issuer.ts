/** An identity provider for tests: a key pair, its public half in a file, tokens with any claims. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

import type { Clock } from '../../base/clock.ts';
import { createVerifyToken, type VerifyToken } from '../access-tokens.ts';
import { credentialsSettings, type OAuthSettings } from '../settings.ts';
import * as v from 'valibot';

export const ISSUER = 'https://sso.caoson.gov.vn';

export interface TestIssuer {
  folder: string;
  settings(more?: Partial<OAuthSettings>): OAuthSettings;
  verify(clock: Clock, more?: Partial<OAuthSettings>): VerifyToken;
  /** Good for five minutes after `at` unless the claims say otherwise. */
  token(at: number, claims: JWTPayload): Promise<string>;
  /** A new key in the file in place of the old one. */
  renew(): Promise<void>;
  dispose(): Promise<void>;
}

export async function testIssuer(): Promise<TestIssuer> {
  const folder = await mkdtemp(join(tmpdir(), 'congvu-issuer-'));
  let kid = 0;
  let key: CryptoKey;
  const renew = async (): Promise<void> => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    key = pair.privateKey;
    kid++;
    const shared = { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256', kid: 'shared' };
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: String(kid), alg: 'ES256', use: 'sig' };
    await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys: [jwk, shared] }));
  };
  await renew();
  const settings = (more: Partial<OAuthSettings> = {}): OAuthSettings => ({
    ...v.parse(credentialsSettings, { oauth: { issuer: ISSUER, keysFile: 'keys.json' } }).oauth,
    ...more,
  });
  return {
    folder,
    settings,
    renew,
    verify(clock, more) {
      const verify = createVerifyToken(settings(more), { clock, folder });
      if (!verify) throw new Error('no issuer');
      return verify;
    },
    token: (at, claims) =>
      new SignJWT({ iss: ISSUER, aud: 'congvu', exp: at / 1000 + 300, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: String(kid), typ: 'at+jwt' })
        .sign(key),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** RFC 7628 §3.1 */
export const bearerMessage = (token: string, authzid?: string): string =>
  Buffer.from(
    `n,${authzid === undefined ? '' : `a=${authzid}`},\u0001host=mail.caoson.gov.vn\u0001port=993\u0001auth=Bearer ${token}\u0001\u0001`,
  ).toString('base64');
