/** AUTHENTICATE OAUTHBEARER (RFC 7628) with tokens of a configured issuer. */
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { silentLog } from '../../base/log.ts';
import { bearerMessage, testIssuer, type TestIssuer } from '../../directory/testing/issuer.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { HUNG, LAN, startServer, type TestServer } from '../testing/setup.ts';

describe('OAUTHBEARER', () => {
  let issuer: TestIssuer;
  let test: TestServer;
  let good: string;
  beforeAll(async () => {
    issuer = await testIssuer();
    test = await startServer(sqliteDatabase, {}, silentLog, issuer);
    good = await issuer.token(test.clock.now(), { email: HUNG, scope: 'mail' });
  });
  afterAll(async () => {
    await test.dispose();
    await issuer.dispose();
  });
  const token = (claims: object) => issuer.token(test.clock.now(), { email: HUNG, scope: 'mail', ...claims });
  /** What the challenge says; the exchange ends as a client ends it. */
  const told = async (c: Dialogue, message: string): Promise<{ told: unknown; text: string }> => {
    c.raw(`x AUTHENTICATE OAUTHBEARER ${message}\r\n`);
    const line = (await c.line()) ?? '';
    c.raw('AQ==\r\n');
    return { told: JSON.parse(Buffer.from(line.slice(2), 'base64').toString()), text: (await c.until('x')).text };
  };

  it('is told of and signs in, with the initial response or after the challenge', async () => {
    const c = await test.stranger();
    expect((await c.ok('CAPABILITY'))[0]).toContain(' AUTH=PLAIN AUTH=OAUTHBEARER');
    expect((await c.run(`AUTHENTICATE OAUTHBEARER ${bearerMessage(good, HUNG)}`)).text).toMatch(/^OK \[CAPABILITY /);
    await c.ok('SELECT INBOX');
    const d = await test.stranger();
    d.raw('a AUTHENTICATE OAUTHBEARER\r\n');
    expect(await d.line()).toBe('+ ');
    d.raw(`${bearerMessage(good)}\r\n`);
    expect((await d.until('a')).status).toBe('OK');
  });

  it('a refusal is told as JSON, then the command fails', async () => {
    const c = await test.stranger();
    const expired = await token({ exp: 1 });
    expect(await told(c, bearerMessage(expired))).toEqual({
      told: { status: 'invalid_token', scope: 'mail' },
      text: expect.stringMatching(/^NO \[AUTHENTICATIONFAILED\]/) as unknown,
    });
    expect((await told(c, bearerMessage(await token({ scope: 'calendar' })))).told).toMatchObject({
      status: 'insufficient_scope',
    });
    expect((await told(c, 'AAAA')).told).toMatchObject({ status: 'invalid_request' });
    // RFC 9051 §6.2.2: what is no base64 is BAD at once.
    expect((await c.run('AUTHENTICATE OAUTHBEARER not*base64')).status).toBe('BAD');
    c.raw('y AUTHENTICATE OAUTHBEARER\r\n');
    await c.line();
    c.raw('*\r\n');
    expect((await c.until('y')).status).toBe('BAD');
  });

  it('a token opens only the mailbox of whom it names', async () => {
    const c = await test.stranger();
    expect((await told(c, bearerMessage(good, LAN))).told).toMatchObject({ status: 'invalid_token' });
    const nobody = await token({ email: 'nobody@caoson.gov.vn' });
    expect((await told(c, bearerMessage(nobody))).told).toMatchObject({ status: 'invalid_token' });
  });

  it('three wrong tokens end the connection', async () => {
    const c = await test.stranger();
    for (let i = 0; i < 3; i++) await told(c, bearerMessage('x.y.z'));
    expect(await c.line()).toBeUndefined();
  });

  it('is the way in of imapflow when it has a token', async () => {
    const client = new ImapFlow({
      ...{ host: '127.0.0.1', port: test.tlsPort, secure: true, tls: { rejectUnauthorized: false }, logger: false },
      auth: { user: HUNG, accessToken: good },
    });
    await client.connect();
    expect(client.authenticated).toBe(true);
    await client.logout();
  });

  it('is neither told of nor taken where no issuer is configured', async () => {
    const plain = await startServer(sqliteDatabase);
    const c = await plain.stranger();
    expect((await c.ok('CAPABILITY'))[0]).not.toContain('OAUTHBEARER');
    expect((await c.run(`AUTHENTICATE OAUTHBEARER ${bearerMessage(good)}`)).status).toBe('NO');
    await plain.dispose();
  });
});
