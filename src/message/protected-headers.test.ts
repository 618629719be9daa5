import { describe, expect, it } from 'vitest';

import { headerLine } from './encode-words.ts';
import { parseMessage } from './parse.ts';
import { compareHeaders, protectedHeaders } from './protected-headers.ts';
import { findSignature, type SignatureStructure } from './signed.ts';
import { oddMessage } from './testing/collection.ts';

const look = (bytes: Uint8Array): SignatureStructure => findSignature(parseMessage(bytes), bytes);

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
