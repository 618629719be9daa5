/** SPF, DKIM, DMARC and ARC through the real server, with a DNS of the test's own. */
import { generateKeyPairSync } from 'node:crypto';

import { authenticate, sealMessage } from 'mailauth';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { manualClock } from '../base/clock.ts';
import { createAuthenticate } from './authentication.ts';
import { createDkimKeys, createDkimSigner, relaxedBody } from './dkim.ts';
import { dnsRecords, txtStrings } from './dns-records.ts';
import { createDnsResolve } from './resolver.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';
import { withoutForgedTrace } from './trace.ts';

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const dkimRecord = `v=DKIM1; k=rsa; p=${rsa.publicKey.toString('base64')}`;
const zone = () => ({
  'good.example': { TXT: ['v=spf1 ip4:127.0.0.1 -all'] },
  's._domainkey.good.example': { TXT: [dkimRecord] },
  '_dmarc.good.example': { TXT: ['v=DMARC1; p=reject'] },
  'bad.example': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
  '_dmarc.quarantine.example': { TXT: ['v=DMARC1; p=quarantine'] },
  '_dmarc.half.example': { TXT: ['v=DMARC1; p=reject; pct=50'] },
  'broken.example': { fails: 'servfail' as const },
  '_dmarc.broken.example': { fails: 'servfail' as const },
  'silent.example': { fails: 'silent' as const },
  '_dmarc.silent.example': { fails: 'silent' as const },
});

let servers: SmtpServers;
beforeAll(async () => {
  servers = await smtpServers({ zone: zone(), mx: { perAddress: { connections: 100, connectionsPerMinute: 1000 } } });
});
afterAll(() => servers.dispose());

interface Letter {
  from?: string;
  mailFrom?: string;
  dkim?: boolean;
  headers?: Record<string, string>;
  raw?: string;
}

async function deliver({
  from = 'a@good.example',
  mailFrom = 'a@good.example',
  dkim = false,
  headers = {},
  raw,
}: Letter): Promise<{ results: string; where: 'inbox' | 'junk'; raw: string }> {
  const { hung } = servers.people;
  const before = {
    inbox: (await servers.inbox(hung.accountId)).length,
    junk: (await servers.inbox(hung.accountId, 'junk')).length,
  };
  const transport = createTransport({
    host: '127.0.0.1',
    port: servers.mxPort,
    name: 'peer.example',
    tls: { rejectUnauthorized: false },
    ...(dkim ? { dkim: { domainName: 'good.example', keySelector: 's', privateKey: rsa.privateKey } } : {}),
  });
  await transport.sendMail({
    envelope: { from: mailFrom, to: hung.address },
    ...(raw ? { raw } : { from, to: hung.address, subject: 'Thư', text: 'Nội dung', headers }),
  });
  transport.close();
  const where = (await servers.inbox(hung.accountId)).length > before.inbox ? 'inbox' : 'junk';
  const stored = (await servers.inbox(hung.accountId, where)).at(-1) ?? '';
  const [, results = ''] = /^Authentication-Results: mail\.caoson\.gov\.vn;\r\n((?:\t.*\r\n)+)/m.exec(stored) ?? [];
  return { results: results.replace(/\s+/g, ' ').trim(), where, raw: stored };
}

describe('mail from outside is authenticated', () => {
  it('a good SPF and a good DKIM signature pass, aligned', async () => {
    const { results, where } = await deliver({ dkim: true });
    expect(where).toBe('inbox');
    expect(results).toMatch(
      /dkim=pass header\.d=good\.example header\.s=s; spf=pass smtp\.mailfrom=a@good\.example.*; dmarc=pass header\.from=good\.example/,
    );
  });

  it('a failing SPF is written down and, without a policy, delivered', async () => {
    const { results, where } = await deliver({ from: 'a@bad.example', mailFrom: 'a@bad.example' });
    expect([results, where]).toEqual([expect.stringMatching(/dkim=none; spf=fail .*dmarc=none/), 'inbox']);
  });

  it('a message that the domain in From disowns is refused', async () => {
    await expect(deliver({ mailFrom: 'x@bad.example' })).rejects.toMatchObject({
      responseCode: 550,
      response: expect.stringMatching(/^550 5\.7\.1 .*DMARC/) as unknown,
    });
  });

  it('or goes to Junk when the domain asks for that, wholly or by percent', async () => {
    expect((await deliver({ from: 'a@quarantine.example', mailFrom: 'x@bad.example' })).where).toBe('junk');
    expect((await deliver({ from: 'a@half.example', mailFrom: 'x@bad.example' })).where).toBe('junk');
  });

  it('a changed body fails DKIM', async () => {
    const { raw } = await deliver({ dkim: true });
    const changed = raw.slice(raw.indexOf('DKIM-Signature')).replace(/N=E1=BB=99i|Nội|TuG7mWk/, 'Other');
    const { results } = await deliver({ raw: changed });
    expect(results).toMatch(/dkim=(neutral|fail) .*spf=pass.*dmarc=pass/);
  });

  it('our own domain in From without proof goes to Junk even before DNS says so', async () => {
    expect((await deliver({ from: `Chủ tịch <chutich@${servers.domain}>`, mailFrom: 'x@good.example' })).where).toBe(
      'junk',
    );
  });

  it('two From fields go to Junk', async () => {
    expect((await deliver({ raw: 'From: a@good.example\r\nFrom: b@good.example\r\n\r\nx\r\n' })).where).toBe('junk');
  });

  it('results that were written in our name by others are taken out, theirs stay', async () => {
    const { raw } = await deliver({
      headers: {
        'Authentication-Results': 'MAIL.caoson.gov.vn (x); spf=pass smtp.mailfrom=chutich@caoson.gov.vn',
        'authentication-results': '"mail.caoson.gov.vn"; dkim=pass',
        'X-Kept': '1',
        'Return-Path': '<forged@x>',
      },
    });
    expect(raw).not.toMatch(/chutich|forged/);
    expect(raw.match(/^authentication-results:/gim)?.length).toBe(1);
    const { raw: other } = await deliver({ headers: { 'Authentication-Results': 'other.example; spf=pass' } });
    expect(other).toContain('Authentication-Results: other.example');
  });

  it('a DNS that fails or is silent delays nobody for long and is "temperror"', async () => {
    for (const domain of ['broken.example', 'silent.example']) {
      const { results, where } = await deliver({ from: `a@${domain}`, mailFrom: `a@${domain}` });
      expect([results, where]).toEqual([expect.stringMatching(/spf=temperror/), 'inbox']);
    }
  });

  it('an ARC chain is verified', async () => {
    const message =
      'From: a@bad.example\r\nTo: b@c.example\r\nSubject: s\r\nDate: Sun, 22 Nov 2026 03:00:00 +0000\r\n\r\nx\r\n';
    const headers = await sealMessage(Buffer.from(message), {
      signingDomain: 'good.example',
      selector: 's',
      privateKey: rsa.privateKey,
    });
    const { results } = await deliver({ raw: headers.toString() + message, mailFrom: 'a@bad.example' });
    expect(results).toMatch(/arc=(pass|fail|none)/);
  });
});

describe('the time limit', () => {
  it('holds over all questions together', async () => {
    const run = createAuthenticate({
      resolve: () => new Promise(() => undefined),
      hostname: 'mx.example',
      timeout: 50,
      log: { warn: () => undefined } as never,
    });
    const { summary, policy } = await run({
      bytes: Buffer.from('From: a@b.example\r\n\r\n'),
      mailFrom: 'a@b.example',
      remote: '192.0.2.1',
      helo: 'x',
    });
    expect([summary.dmarc, policy]).toEqual(['temperror', 'none']);
  });
});

describe('our own DKIM signatures', () => {
  const clock = manualClock(Date.now());
  const signed = async (message: string) => {
    const keys = await servers.db.write((tx) => createDkimKeys(tx, servers.secrets, 'ours.example'));
    for (const { name, type, value } of dnsRecords({ domain: 'ours.example', host: 'mail.ours.example', dkim: keys }))
      if (type === 'TXT') servers.dns.zone[name] = { TXT: [value] };
    return (await createDkimSigner(servers.secrets, clock).sign(Buffer.from(message), 'ours.example')) + message;
  };
  const verify = async (message: string) => {
    const resolve = createDnsResolve({ dnsServers: [servers.dns.address], dnsTimeout: 500 });
    const { dkim, dmarc } = await authenticate(message, {
      ip: '192.0.2.9',
      helo: 'x',
      sender: 'a@ours.example',
      resolver: resolve as never,
    });
    return {
      results: dkim.results.map(({ status, selector }) => `${selector ?? ''} ${status.result}`),
      dmarc: dmarc ? dmarc.status.result : 'none',
    };
  };
  const message =
    'Received: by x\r\nFrom: =?utf-8?q?H=C3=B9ng?=\r\n\t<a@ours.example>\r\nTo:  b@c.example \r\nSubject: Thư  mời\r\nDate: Sun, 22 Nov 2026 03:00:00 +0000\r\n\r\nDòng  một \t \r\n\r\n  hai\r\n\r\n\r\n';

  it('verify with both keys from the records that we publish', async () => {
    expect(await verify(await signed(message))).toEqual({
      results: ['cv1-rsa pass', 'cv1-ed25519 pass'],
      dmarc: 'pass',
    });
  });

  it.each(['', '\r\n', '\r\n\r\n', ' \r\n', 'x', 'x\r\n \r\n\t\r\n', 'a \r\n b\t\tc'])(
    'verify for the body %j',
    async (body) => {
      expect((await verify(await signed(`From: a@ours.example\r\n\r\n${body}`))).results).toEqual([
        'cv1-rsa pass',
        'cv1-ed25519 pass',
      ]);
    },
  );

  it('break when a second From or a Cc is added, or the body changes', async () => {
    const good = await signed(message);
    for (const bad of [
      `From: x@evil.example\r\n${good}`,
      good.replace('Subject:', 'Cc: x@evil.example\r\nSubject:'),
      good.replace('Dòng', 'Đồng'),
    ]) {
      expect((await verify(bad)).results.every((result) => !result.endsWith('pass'))).toBe(true);
    }
  });

  it('canonicalize in linear time', () => {
    const started = performance.now();
    relaxedBody(Buffer.from(`${' '.repeat(2_000_000)}x${'\r\n'.repeat(1_000_000)}y`));
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('are published in strings of at most 255 octets', () => {
    expect(txtStrings('x'.repeat(600)).map((part) => part.length)).toEqual([255, 255, 90]);
    expect(txtStrings('')).toEqual(['']);
  });
});

describe('results in our name', () => {
  it.each([
    ['mail.x; spf=pass', true],
    ['MAIL.X(c) 1; spf=pass', true],
    ['(a (nested) b)\r\n mail.x; spf=pass', true],
    ['"mail.x"; spf=pass', true],
    ['=?utf-8?q?mail=2Ex?=; spf=pass', true],
    ['mail.x.example; spf=pass', false],
    ['other; x="mail.x"', false],
  ])('%j are taken out: %s', (value, gone) => {
    const bytes = Buffer.from(`A: 1\r\nAuthentication-Results: ${value}\r\nB: 2\r\n\r\nbody`);
    expect(Buffer.from(withoutForgedTrace(bytes, 'mail.x')).toString() === 'A: 1\r\nB: 2\r\n\r\nbody').toBe(gone);
  });
});
