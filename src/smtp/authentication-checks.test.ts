/** The parts of mailauth give together what the whole of it gives. */
import { generateKeyPairSync } from 'node:crypto';

import { authenticate, dkimSign, sealMessage } from 'mailauth';
import { describe, expect, it } from 'vitest';

import { runChecks } from './authentication-checks.ts';

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const zone: Record<string, string> = {
  'good.example': 'v=spf1 ip4:192.0.2.1 -all',
  's._domainkey.good.example': `v=DKIM1; k=rsa; p=${keys.publicKey.toString('base64')}`,
  '_dmarc.good.example': 'v=DMARC1; p=reject',
};
const resolver = (name: string, type: string): Promise<string[][]> =>
  type === 'TXT' && zone[name] !== undefined
    ? Promise.resolve([[zone[name]]])
    : Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }));

const plain =
  'From: a@good.example\r\nTo: b@c.example\r\nSubject: s\r\nDate: Sun, 22 Nov 2026 03:00:00 +0000\r\n\r\nx\r\n';
/** Signed long ago: whether a signature is of the future must not depend on the moment. */
const signTime = new Date(Date.UTC(2020, 0, 12));
const key = { signingDomain: 'good.example', selector: 's', privateKey: keys.privateKey, signTime };
const signed = async () => (await dkimSign(Buffer.from(plain), { ...key, signatureData: [key] })).signatures + plain;
const sealed = async () => {
  const text = await signed();
  return (await sealMessage(Buffer.from(text), { ...key, cv: 'none' } as never)).toString() + text;
};
const letters: Record<string, () => string | Promise<string>> = {
  plain: () => plain,
  signed,
  sealed,
  'changed behind its signature': async () => `${await signed()}more\r\n`,
  'changed behind its seal': async () => `${await sealed()}more\r\n`,
  'a broken chain': async () => (await sealed()).replace('i=1', 'i=2'),
  'no From': () => 'Subject: s\r\n\r\nx\r\n',
  'two From': () => `From: c@d.example\r\n${plain}`,
};
/** What a seal of our own would say of it is no result. */
const shown = (value: unknown) =>
  JSON.stringify(value, (name, part: unknown) => (name === 'authResults' ? undefined : part));

describe.each(Object.keys(letters))('%s', (name) => {
  it.each([
    ['192.0.2.1', 'mail.good.example', 'a@good.example'],
    ['192.0.2.9', '192.0.2.9', 'a@good.example'],
    ['192.0.2.9', 'x', ''],
  ])('from %s as %s, by <%s>', async (ip, helo, sender) => {
    const bytes = Buffer.from((await letters[name]?.()) ?? '');
    const options = { ip, helo, sender, mta: 'mx.example', resolver };
    const whole = await authenticate(bytes, { ...options, disableBimi: true });
    const { dkim, spf, dmarc, arc } = await runChecks(bytes, options);
    expect(shown({ dkim, spf, dmarc, arc })).toBe(
      shown({ dkim: whole.dkim, spf: whole.spf, dmarc: whole.dmarc, arc: whole.arc }),
    );
  });
});
