import * as openpgp from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';

import { parseMessage } from './parse.ts';
import { findSignature, isCovered, type SignatureStructure } from './signed.ts';
import { oddMessage } from './testing/collection.ts';
import { allParts } from './testing/invariants.ts';
import { message } from './testing/lines.ts';

const look = (bytes: Uint8Array): SignatureStructure => findSignature(parseMessage(bytes), bytes);
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('latin1');

describe('PGP/MIME with real signatures', () => {
  let key: openpgp.PrivateKey;
  beforeAll(async () => {
    key = (
      await openpgp.generateKey({
        userIDs: [{ name: 'Hoàng Thị Nhung', email: 'nhunght@caoson.gov.vn' }],
        format: 'object',
      })
    ).privateKey;
  });

  async function signed(inner: string): Promise<string> {
    const message = await openpgp.createMessage({ binary: Buffer.from(inner, 'latin1') });
    const signature: unknown = await openpgp.sign({ message, signingKeys: key, detached: true });
    const type = 'multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary=s';
    return `From: nhunght@caoson.gov.vn\r\nContent-Type: ${type}\r\n\r\n--s\r\n${inner}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n${String(signature).replace(/\r?\n/g, '\r\n')}\r\n--s--\r\n`;
  }

  async function verifies(bytes: Uint8Array): Promise<boolean> {
    const entity = look(bytes).signed;
    if (!entity) return false;
    const result = await openpgp.verify({
      message: await openpgp.createMessage({ binary: entity.canonicalBytes }),
      signature: await openpgp.readSignature({ armoredSignature: textOf(entity.signatureBytes) }),
      verificationKeys: key.toPublic(),
    });
    return await result.signatures[0]!.verified.catch(() => false);
  }

  it.each([
    ['a plain part', 'Content-Type: text/plain\r\n\r\ntext'],
    ['a part that ends with a line end', 'Content-Type: text/plain\r\n\r\ntext\r\n'],
    ['several line ends', 'Content-Type: text/plain\r\n\r\ntext\r\n\r\n\r\n'],
    ['white space at line ends', 'Content-Type: text/plain\r\n\r\ntext  \r\n\t\r\nmore '],
    ['an empty body', 'Content-Type: text/plain\r\n\r\n'],
    ['no header', '\r\ntext'],
    ['a header without a blank line', 'Content-Type: text/plain'],
    ['a multipart', 'Content-Type: multipart/mixed; boundary=p\r\n\r\npre\r\n--p\r\n\r\na\r\n--p--\r\n'],
    ['a multipart that was never closed', 'Content-Type: multipart/mixed; boundary=p\r\n\r\n--p\r\n\r\na\r\n'],
    ['a forwarded message', 'Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n'],
    ['8-bit octets', 'Content-Type: text/plain; charset=utf-8\r\n\r\n\xc4\x90\xe1\xbb\x81 ngh\xe1\xbb\x8b'],
    ['lines like delimiters', 'Content-Type: text/plain\r\n\r\n--\r\n--sx\r\n--s x'],
  ])('%s: the exact octets are found', async (_, inner) => {
    const whole = await signed(inner);
    expect(textOf(look(Buffer.from(whole, 'latin1')).signed?.signedBytes)).toBe(inner);
    expect(await verifies(Buffer.from(whole, 'latin1'))).toBe(true);
    expect(look(Buffer.from(whole, 'latin1')).signed?.covers).toBe('whole');
  });

  it('a message stored with bare LF verifies in canonical form, and that is said', async () => {
    const bytes = Buffer.from((await signed('Content-Type: text/plain\r\n\r\none\r\ntwo\r\n')).replace(/\r\n/g, '\n'));
    expect(look(bytes).signed?.converted).toBe(true);
    expect(look(bytes).extra).toContain('line-ends-converted');
    expect(await verifies(bytes)).toBe(true);
  });

  it('one changed octet does not verify', async () => {
    const whole = await signed('Content-Type: text/plain\r\n\r\npay 100');
    expect(await verifies(Buffer.from(whole.replace('pay 100', 'pay 900'), 'latin1'))).toBe(false);
  });
});

describe('what a signature covers', () => {
  const inner = ['--s', '', 'signed', '--s', 'Content-Type: application/pgp-signature', '', 'sig', '--s--'];
  const container = 'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=s';

  it('is the whole message only when the multipart/signed is the message', () => {
    expect(look(message(container, '', ...inner))).toMatchObject({
      signed: { covers: 'whole' },
      extra: [],
      others: [],
    });
    expect(look(oddMessage('list-footer-around-signed'))).toMatchObject({
      signed: { covers: { path: '1.1' } },
      extra: ['content-outside'],
    });
    const wrapped = message('Content-Type: multipart/mixed; boundary=o', '', '--o', container, '', ...inner, '--o--');
    expect(look(wrapped)).toMatchObject({ signed: { covers: { path: '1.1' } }, extra: ['content-outside'] });
  });

  it('is not the outer message when the forwarded one is signed', () => {
    expect(look(oddMessage('signed-message-forwarded'))).toEqual({
      others: [],
      inline: [],
      extra: ['signed-message-inside'],
    });
  });

  it('more parts than two are outside', () => {
    const structure = look(
      message(container, '', ...inner.slice(0, -1), '--s', 'Content-Type: text/html', '', '<b>evil</b>', '--s--'),
    );
    expect(structure.signed?.covers).toEqual({ path: '1' });
    expect(structure.extra).toContain('extra-parts');
  });

  it('two signatures are said, beside and inside each other', () => {
    expect(look(oddMessage('two-signatures'))).toMatchObject({ extra: ['two-signatures', 'content-outside'] });
    const outer = message(
      'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=t',
      '',
      '--t',
      container,
      '',
      ...inner,
      '--t',
      'Content-Type: application/pgp-signature',
      '',
      'sig2',
      '--t--',
    );
    expect(look(outer)).toMatchObject({ signed: { covers: 'whole' }, extra: ['two-signatures'] });
    expect(look(outer).others.length).toBe(1);
  });

  it.each([
    ['no signature part', message(container, '', '--s', '', 'x', '--s--')],
    [
      'a signature first',
      message(container, '', '--s', 'Content-Type: application/pgp-signature', '', 'sig', '--s', '', 'x', '--s--'),
    ],
    [
      'a text for a signature',
      message(
        container,
        '',
        '--s',
        '',
        'x',
        '--s',
        'Content-Type: text/plain',
        '',
        '-----BEGIN PGP SIGNATURE-----',
        '--s--',
      ),
    ],
  ])('%s: malformed, nothing is signed', (_, bytes) => {
    expect(look(bytes)).toEqual({ others: [], inline: [], extra: ['malformed'] });
  });

  it('a protocol that contradicts the part is said', () => {
    expect(
      look(message('Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=s', '', ...inner))
        .extra,
    ).toEqual(['protocol-mismatch']);
  });

  it('inline PGP and opaque S/MIME are recognised, quoted text is not', () => {
    expect(look(oddMessage('inline-pgp'))).toMatchObject({ inline: ['1'], extra: ['inline-pgp'] });
    expect(look(oddMessage('smime-opaque')).extra).toEqual(['opaque-smime']);
    expect(look(message('', '> -----BEGIN PGP SIGNED MESSAGE-----')).extra).toEqual([]);
    expect(
      look(
        message(
          'Content-Transfer-Encoding: base64',
          '',
          Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\n').toString('base64'),
        ),
      ).inline,
    ).toEqual(['1']);
  });

  it('S/MIME is recognised with both names', () => {
    expect(look(oddMessage('smime-signed')).signed).toMatchObject({
      protocol: 'smime',
      micalg: 'sha-256',
      covers: 'whole',
    });
  });

  it('two From fields are said', () => {
    expect(look(oddMessage('repeated-fields')).extra).toEqual(['repeated-header']);
  });

  it('tells parts inside from parts outside', () => {
    const bytes = oddMessage('list-footer-around-signed');
    const parsed = parseMessage(bytes);
    const entity = findSignature(parsed, bytes).signed!;
    expect(
      allParts(parsed.root)
        .filter((part) => isCovered(entity, part))
        .map((part) => part.path),
    ).toEqual(['1.1']);
  });
});
