import * as openpgp from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';

import { headerLine } from './encode-words.ts';
import { parseMessage } from './parse.ts';
import { compareHeaders, protectedHeaders } from './protected-headers.ts';
import { findSignature, isCovered, type SignatureStructure } from './signed.ts';
import { oddMessage } from './testing/collection.ts';
import { allParts } from './testing/invariants.ts';

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
  const message = (...lines: string[]): Uint8Array => Buffer.from(lines.join('\r\n'));

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

describe('protected headers', () => {
  const build = (outer: string[], inner: string[], param = 'hp="clear"'): Uint8Array =>
    Buffer.from(
      [
        ...outer,
        'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=s',
        '',
        '--s',
        ...inner,
        `Content-Type: text/plain; ${param}`,
        '',
        'x',
        '--s',
        'Content-Type: application/pgp-signature',
        '',
        'sig',
        '--s--',
      ].join('\r\n'),
    );
  const fields = [
    'From: =?utf-8?Q?Nhung?= <n@caoson.gov.vn>',
    'To: a@b.vn, "C" <c@D.vn>',
    'Subject: =?utf-8?B?xJDhu4EgbmdoaQ==?=',
    'Date: Mon, 2 Nov 2026 08:15:00 +0700',
    'Message-ID: <1@a>',
  ];
  const compare = (bytes: Uint8Array): unknown => {
    const parsed = parseMessage(bytes);
    const inner = protectedHeaders(bytes, findSignature(parsed, bytes).signed!);
    return inner && compareHeaders(parsed.header, inner);
  };
  const none = { differences: [], unprotected: [] };

  it('the same fields are equal', () => expect(compare(build(fields, fields))).toEqual(none));

  it('encoding, folding, case of the domain and the zone of the date do not matter', () => {
    const other = [
      'From: Nhung\r\n <n@CAOSON.gov.vn>',
      'to: a@b.vn,\r\n "C" <c@d.vn>',
      'Subject: =?utf-8?Q?=C4=90=E1=BB=81?=\r\n =?utf-8?Q?_nghi?=',
      'Date: 2 Nov 2026 01:15:00 GMT',
      'Message-Id: <1@a>',
    ];
    expect(compare(build(other, fields))).toEqual(none);
  });

  it.each([
    ['Subject', 'Subject: other', { field: 'Subject', outer: 'other', signed: 'Đề nghi' }],
    [
      'From',
      'From: Nhung <evil@x.vn>',
      { field: 'From', outer: 'Nhung <evil@x.vn>', signed: 'Nhung <n@caoson.gov.vn>' },
    ],
    [
      'From',
      'From: Chairman <n@caoson.gov.vn>',
      { field: 'From', outer: 'Chairman <n@caoson.gov.vn>', signed: 'Nhung <n@caoson.gov.vn>' },
    ],
    ['To', 'To: a@b.vn', { field: 'To', outer: 'a@b.vn', signed: 'a@b.vn, C <c@D.vn>' }],
    [
      'Date',
      'Date: Mon, 2 Nov 2026 08:15:00 +0000',
      { field: 'Date', outer: 'Mon, 2 Nov 2026 08:15:00 +0000', signed: 'Mon, 2 Nov 2026 08:15:00 +0700' },
    ],
  ])('a changed %s is shown with both values', (name, line, difference) => {
    const outer = fields.map((field) => (field.startsWith(`${name}:`) ? line : field));
    expect(compare(build(outer, fields))).toEqual({ differences: [difference], unprotected: [] });
  });

  it('a removed field and a second one are differences', () => {
    expect(compare(build(fields.slice(1), fields))).toMatchObject({ differences: [{ field: 'From', outer: '' }] });
    expect(compare(build([...fields, 'Subject: second'], fields))).toMatchObject({
      differences: [{ field: 'Subject', outer: 'Đề nghi / second' }],
    });
  });

  it('a Reply-To added on the way is a difference under hp, and only unprotected under v1', () => {
    const added = [...fields, 'Reply-To: evil@x.vn'];
    expect(compare(build(added, fields))).toEqual({
      differences: [{ field: 'Reply-To', outer: 'evil@x.vn', signed: '' }],
      unprotected: ['Reply-To'],
    });
    expect(compare(build(added, fields, 'protected-headers="v1"'))).toEqual({
      differences: [],
      unprotected: ['Reply-To'],
    });
  });

  it('a v1 message that protects the subject only', () => {
    expect(compare(build(fields, ['Subject: changed'], 'protected-headers=v1'))).toMatchObject({
      differences: [{ field: 'Subject' }],
      unprotected: ['From', 'To', 'Date', 'Message-ID'],
    });
  });

  it('without the parameter nothing is protected, whatever stands there', () => {
    expect(compare(build(fields, fields, 'x=y'))).toBeUndefined();
  });

  it('leaves out the fields that describe the part', () => {
    const bytes = oddMessage('pgp-mime-protected');
    const inner = protectedHeaders(bytes, look(bytes).signed!);
    expect(inner?.scheme).toBe('clear');
    expect(inner?.fields.map((field) => field.name)).toEqual(['From', 'To', 'Subject', 'Date']);
    expect(inner?.fields.map((field) => headerLine(field.name, field.raw)).join('')).toContain(
      'To: hungnv@caoson.gov.vn\r\n',
    );
  });
});
