/** Which tokens open a mailbox: issuer, audience, time, algorithm, key, claim; and the messages that carry them. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { manualClock } from '../base/clock.ts';
import { createVerifyToken, type VerifyToken } from './access-tokens.ts';
import { bearerChallenge, parseBearerMessage } from './oauth-bearer.models.ts';
import { bearerMessage, ISSUER, testIssuer, type TestIssuer } from './testing/issuer.ts';

const AT = Date.UTC(2026, 10, 22, 3);
const email = 'hungnv@caoson.gov.vn';
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('access tokens', () => {
  let issuer: TestIssuer;
  let verify: VerifyToken;
  beforeAll(async () => {
    issuer = await testIssuer();
    verify = issuer.verify(manualClock(AT));
  });
  afterAll(() => issuer.dispose());
  const refused = { code: 'sign_in.token_invalid' };

  it('are no way in unless an issuer is configured', () => {
    expect(createVerifyToken(issuer.settings({ issuer: '' }), { clock: manualClock(AT), folder: '/' })).toBeUndefined();
  });

  it('name the official when all is right', async () => {
    expect(await verify(await issuer.token(AT, { email }))).toBe(email);
    const other = issuer.verify(manualClock(AT), { addressClaim: 'upn', audience: 'mail' });
    expect(await other(await issuer.token(AT, { upn: email, aud: ['web', 'mail'] }))).toBe(email);
  });

  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another audience', { aud: 'eoffice' }],
    ['expired', { exp: AT / 1000 - 61 }],
    ['without an end', { exp: undefined }],
    ['not valid yet', { nbf: AT / 1000 + 120 }],
    ['without an address', { email: undefined }],
    ['with a list for an address', { email: [email] }],
    ['with an address that nobody verified', { email_verified: false }],
  ])('%s are refused', async (_what, claims) => {
    await expect(verify(await issuer.token(AT, { email, ...claims } as never))).rejects.toMatchObject(refused);
  });

  it('clockSkewSeconds: so far the clocks may differ, both ways', async () => {
    const strict = issuer.verify(manualClock(AT), { clockSkewSeconds: 5 });
    const told = async (claims: object): Promise<boolean> =>
      strict(await issuer.token(AT, { email, ...claims })).then(
        () => true,
        () => false,
      );
    const now = AT / 1000;
    expect([await told({ exp: now - 4 }), await told({ exp: now - 5 })]).toEqual([true, false]);
    expect([await told({ nbf: now + 5 }), await told({ nbf: now + 6 })]).toEqual([true, false]);
  });

  it('unsigned, or signed with something that is no secret, are refused', async () => {
    const claims = { iss: ISSUER, aud: 'congvu', exp: AT / 1000 + 300, email };
    const unsigned = `${base64url({ alg: 'none' })}.${base64url(claims)}.`;
    await expect(verify(unsigned)).rejects.toMatchObject(refused);
    // RFC 8725 §2.1: a public key, or a key that the file names, taken for a shared secret.
    for (const [secret, kid] of [
      ['secret', 'shared'],
      ['{"keys":[]}', '1'],
    ] as const) {
      const signed = `${base64url({ alg: 'HS256', kid })}.${base64url(claims)}`;
      const mac = createHmac('sha256', secret).update(signed).digest('base64url');
      await expect(verify(`${signed}.${mac}`)).rejects.toMatchObject(refused);
    }
    const [head, body, signature] = (await issuer.token(AT, { email })).split('.');
    const altered = base64url({ ...claims, email: 'vulh@caoson.gov.vn' });
    await expect(verify(`${head}.${altered}.${signature}`)).rejects.toMatchObject(refused);
    for (const text of ['', 'x', `${head}.${body}`, 'a.b.c.d.e'])
      await expect(verify(text)).rejects.toMatchObject(refused);
  });

  it('must allow what the configuration asks', async () => {
    const scoped = issuer.verify(manualClock(AT), { scope: 'mail' });
    expect(await scoped(await issuer.token(AT, { email, scope: 'openid mail' }))).toBe(email);
    await expect(scoped(await issuer.token(AT, { email, scope: 'openid mailbox' }))).rejects.toMatchObject({
      code: 'sign_in.token_scope',
    });
  });

  it('of a renewed key are taken without a restart, those of the old one no more', async () => {
    const old = await issuer.token(AT, { email });
    await verify(old);
    await new Promise((resolve) => setTimeout(resolve, 5)); // another modification time
    await issuer.renew();
    expect(await verify(await issuer.token(AT, { email }))).toBe(email);
    await expect(verify(old)).rejects.toMatchObject(refused);
  });

  it('may be checked with one public key in PEM, by its algorithm only', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(join(issuer.folder, 'key.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    const pem = issuer.verify(manualClock(AT), { keysFile: 'key.pem', pemAlgorithm: 'RS256' });
    const sign = (alg: string) =>
      new SignJWT({ iss: ISSUER, aud: 'congvu', exp: AT / 1000 + 300, email })
        .setProtectedHeader({ alg })
        .sign(privateKey);
    expect(await pem(await sign('RS256'))).toBe(email);
    await expect(pem(await sign('PS256'))).rejects.toMatchObject(refused);
  });
});

describe('OAUTHBEARER messages', () => {
  it('are read as RFC 7628 §3.1 writes them', () => {
    // The example of §4.1.
    const example =
      'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB';
    expect(parseBearerMessage(example)).toEqual({
      authzid: 'user@example.com',
      token: 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==',
    });
    expect(parseBearerMessage(bearerMessage('x.y.z'))).toEqual({ authzid: undefined, token: 'x.y.z' });
    expect(parseBearerMessage(bearerMessage('t', 'a=2Cb=3Dc@d'))?.authzid).toBe('a,b=c@d');
  });
  it.each([
    ['no base64', '!'],
    ['nothing', ''],
    ['no header', Buffer.from('\u0001auth=Bearer x\u0001\u0001').toString('base64')],
    ['channel binding', Buffer.from('p=tls-unique,,\u0001auth=Bearer x\u0001\u0001').toString('base64')],
    ['no token', Buffer.from('n,,\u0001host=x\u0001\u0001').toString('base64')],
    ['two tokens', Buffer.from('n,,\u0001auth=Bearer x\u0001auth=Bearer y\u0001\u0001').toString('base64')],
    ['no end', Buffer.from('n,,\u0001auth=Bearer x\u0001').toString('base64')],
    ['another scheme', Buffer.from('n,,\u0001auth=Basic x\u0001\u0001').toString('base64')],
  ])('%s is none', (_what, text) => expect(parseBearerMessage(text)).toBeUndefined());
  it('a refusal is a JSON object', () => {
    const hints = { scope: 'mail', openidConfiguration: `${ISSUER}/.well-known/openid-configuration` };
    expect(JSON.parse(Buffer.from(bearerChallenge('invalid_token', hints), 'base64').toString())).toEqual({
      status: 'invalid_token',
      scope: 'mail',
      'openid-configuration': hints.openidConfiguration,
    });
  });
});
