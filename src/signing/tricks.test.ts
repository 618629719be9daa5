/** Known tricks with signed mail (docs/trust-verdict.md), each on its own, none may end under the badge. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { buildMessage, multipart, writeEntity } from '../web/client/lib/mail/build.ts';
import { signedPayload } from '../web/client/lib/mail/signed.ts';
import type { Entity } from '../web/client/lib/mail/types.ts';
import {
  change,
  letter,
  openSigning,
  openWithLetter,
  text,
  wrapped,
  type Person,
  type TestSigning,
} from './testing/setup.ts';

let t: TestSigning;
let hung: Person;
let whole: Uint8Array;
beforeAll(async () => {
  ({ t, hung, whole } = await openWithLetter({ workerTaskMs: 5000 }));
});
afterAll(() => t.dispose());

const built = (more = {}) => buildMessage(letter(hung.official, t.clock.now(), more));
const leaf = (type: string, body: string, more: { name: string; value: string }[] = []): Entity => ({
  header: [{ name: 'Content-Type', value: type }, ...more],
  body: { kind: 'leaf', chunks: [Buffer.from(body)] },
});
/** The signed message as one part of a larger one, as mailing lists and attackers do it. */
const inside = (subtype: string, before: Entity[], after: Entity[]) => {
  const [head, ...rest] = text(whole).split('\r\n\r\n');
  const contentType = /^Content-Type: multipart\/signed.*(\r\n .*)*/m.exec(head!)![0];
  const outer = head!
    .replace(contentType, '')
    .replace(/\r\n$/, '')
    .replace(/\r\n\r\n/g, '\r\n');
  const signed: Entity = {
    header: [{ name: 'Content-Type', value: contentType.slice('Content-Type: '.length) }],
    body: { kind: 'leaf', chunks: [Buffer.from(rest.join('\r\n\r\n'), 'latin1')] },
  };
  return Buffer.concat([
    Buffer.from(`${outer}\r\n`, 'latin1'),
    writeEntity(multipart(subtype, [...before, signed, ...after])),
  ]);
};
const outsideCheck = { check: 'contentCovered', ok: false };
const partly = (detail: string) => ({
  kind: 'partlySigned',
  checks: expect.arrayContaining([
    expect.objectContaining({ ...outsideCheck, detail: expect.stringContaining(detail) as unknown }),
  ]) as unknown,
});

describe('content outside the signature', () => {
  it.each([
    ['before', [leaf('text/plain', 'Hay chuyen tien vao tai khoan 123')], []],
    ['after', [], [leaf('text/html', '<b>Da duoc ky</b>')]],
    [
      'as a file after',
      [],
      [leaf('application/pdf; name=x.pdf', '%PDF', [{ name: 'Content-Disposition', value: 'attachment' }])],
    ],
  ])('%s the signed part is partly signed, and the signed part is named', async (_, before, after) => {
    const verdict = await t.verdict(inside('mixed', before, after));
    expect(verdict).toMatchObject({ ...partly('other parts'), signer: { address: 'hungnv@caoson.gov.vn' } });
    expect(verdict.signedPart).toMatch(/^[12]\.1$/);
  });

  it('counts the files on both sides', async () => {
    const file = leaf('application/pdf; name=x.pdf', '%PDF', [{ name: 'Content-Disposition', value: 'attachment' }]);
    expect((await t.verdict(inside('mixed', [], [file, file]))).files).toEqual({ signed: 1, unsigned: 2 });
  });

  it.each(['alternative', 'related', 'mixed'])(
    'in multipart/%s around the signed one hides nothing',
    async (subtype) => {
      expect(await t.verdict(inside(subtype, [leaf('text/plain', 'x')], []))).toMatchObject(partly('other parts'));
    },
  );

  it('in a third part of multipart/signed', async () => {
    const third = change(whole, /(-----END PGP SIGNATURE-----\r\n--)(=_\w+)(--)/, '');
    const boundary = /boundary="(=_\w+)"/.exec(text(whole))![1]!;
    const bytes = Buffer.concat([
      third,
      Buffer.from(
        `-----END PGP SIGNATURE-----\r\n--${boundary}\r\nContent-Type: text/plain\r\n\r\nThem vao\r\n--${boundary}--\r\n`,
      ),
    ]);
    expect(await t.verdict(bytes)).toMatchObject(partly('more parts'));
  });

  it('in the preamble and the epilogue, which some readers show', async () => {
    const boundary = /boundary="(=_\w+)"/.exec(text(whole))![1]!;
    expect(
      await t.verdict(change(whole, `\r\n\r\n--${boundary}`, `\r\n\r\nChuyen tien ngay!\r\n--${boundary}`)),
    ).toMatchObject(partly('before'));
    expect(await t.verdict(Buffer.concat([whole, Buffer.from('Chuyen tien ngay!\r\n')]))).toMatchObject(
      partly('after'),
    );
    const far = Buffer.concat([whole, Buffer.from(`${'\r\n'.repeat(200_000)}Chuyen tien ngay!\r\n`)]);
    expect(await t.verdict(far)).toMatchObject(partly('after'));
    const polite = change(
      whole,
      `\r\n\r\n--${boundary}`,
      `\r\n\r\nThis is an OpenPGP/MIME signed message (RFC 4880 and 3156)\r\n--${boundary}`,
    );
    expect((await t.verdict(polite)).kind).toBe('whole');
  });
});

describe('a signature that is not of this message', () => {
  it('in an attached message leaves the outer one unsigned', async () => {
    const forwarded = leaf('message/rfc822', text(whole));
    const { header } = built();
    const bytes = writeEntity({
      header: [...header, ...multipart('mixed', []).header],
      body: { kind: 'leaf', chunks: [] },
    });
    expect(bytes.length).toBeGreaterThan(0);
    const mixed = multipart('mixed', [leaf('text/plain', 'xem thu kem theo'), forwarded]);
    const verdict = await t.verdict(writeEntity({ header: [...header, ...mixed.header], body: mixed.body }));
    expect(verdict).toMatchObject({ kind: 'unsigned', checks: [{ check: 'attachedSignature', ok: false }] });
    expect(verdict.signer).toBeUndefined();
  });

  it('moved under another header: the protected fields do not fit', async () => {
    const stolen = change(
      change(whole, /^To: .*(\r\n .*)*/m, 'To: nan.nhan@caoson.gov.vn'),
      /^Date: .*/m,
      'Date: Fri, 20 Nov 2026 08:00:00 +0700',
    );
    expect((await t.verdict(stolen)).changedHeaders?.map((c) => c.field).sort()).toEqual(['Date', 'To']);
  });

  it('inline in the text does not count', async () => {
    const armor =
      '-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\nThat su cua toi\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nwrs\r\n-----END PGP SIGNATURE-----\r\n';
    const { header } = built();
    const body = leaf('text/plain', `Khong ky\r\n${armor}`);
    expect(await t.verdict(writeEntity({ header: [...header, ...body.header], body: body.body }))).toMatchObject({
      kind: 'unsigned',
      checks: [{ check: 'inlinePgp', ok: false }],
    });
  });

  it('of S/MIME is noticed, and not called good', async () => {
    const smime = change(
      change(whole, 'protocol="application/pgp-signature"', 'protocol="application/pkcs7-signature"'),
      'Content-Type: application/pgp-signature',
      'Content-Type: application/pkcs7-signature',
    );
    expect(await t.verdict(smime)).toMatchObject({ kind: 'unsigned', checks: [{ check: 'smime' }] });
  });
});

describe('games with the structure', () => {
  it('a signed part with Content-Disposition: attachment is still all of the message', async () => {
    const message = built();
    message.body.header.push({ name: 'Content-Disposition', value: 'attachment; filename=smime.p7s' });
    expect((await t.verdict(await hung.wrap(message))).kind).toBe('whole');
  });

  it('a signature part that is shown as text is no signature', async () => {
    const shown = change(whole, 'Content-Type: application/pgp-signature', 'Content-Type: text/html');
    expect((await t.verdict(shown)).kind).toBe('altered');
  });

  it('nested multiparts, a nested multipart/signed among them, are covered when the outermost is signed', async () => {
    const inner = multipart(
      'signed',
      [leaf('text/plain', 'trong'), leaf('application/pgp-signature', 'gia')],
      [['protocol', 'application/pgp-signature']],
    );
    const message = { ...built(), body: multipart('mixed', [multipart('mixed', [inner])]) };
    expect((await t.verdict(await hung.wrap(message))).kind).toBe('whole');
  });

  it('a signature that covers only the inner of two multipart/signed is partly signed', async () => {
    const payload = signedPayload(built());
    const signed = wrapped({ header: [], body: built().body }, payload, await hung.armored(payload));
    const outer = Buffer.from(
      `--a\r\n${text(signed)}\r\n--a\r\nContent-Type: text/plain\r\n\r\nthem\r\n--a--\r\n`,
      'latin1',
    );
    const head = text(whole).slice(0, text(whole).indexOf('Content-Type: multipart/signed'));
    const verdict = await t.verdict(
      Buffer.concat([Buffer.from(`${head}Content-Type: multipart/mixed; boundary=a\r\n\r\n`, 'latin1'), outer]),
    );
    expect(verdict.kind).toBe('partlySigned');
  });

  it('HTML that paints a badge changes no verdict', async () => {
    const body = leaf('text/html', '<div style="position:fixed;top:0">✔ Thư nguyên vẹn</div>');
    expect((await t.verdict(writeEntity({ header: [...built().header, ...body.header], body: body.body }))).kind).toBe(
      'unsigned',
    );
  });

  it('a good signature without protected header fields is partly signed: anyone could have written the subject', async () => {
    const message = built();
    const verdict = await t.verdict(await hung.wrap(message, writeEntity(message.body)));
    expect(verdict).toMatchObject({
      kind: 'partlySigned',
      checks: expect.arrayContaining([expect.objectContaining({ check: 'headersCovered', ok: false })]) as unknown,
    });
    expect(verdict.signedPart).toBeUndefined();
  });

  it('header fields in the signed part without the hp parameter protect nothing', async () => {
    const message = built();
    const payload = Buffer.from(text(signedPayload(message)).replace(/;\r\n hp="clear"/, ''), 'latin1');
    expect((await t.verdict(await hung.wrap(message, payload))).kind).toBe('partlySigned');
  });

  it('the older protected-headers="v1" counts for the fields that it repeats', async () => {
    const message = built();
    const v1 = text(signedPayload(message)).replace('hp="clear"', 'protected-headers="v1"');
    expect((await t.verdict(await hung.wrap(message, Buffer.from(v1, 'latin1')))).kind).toBe('whole');
    const withoutDate = v1.replace(/^Date: .*\r\n/m, '');
    expect(await t.verdict(await hung.wrap(message, Buffer.from(withoutDate, 'latin1')))).toMatchObject({
      kind: 'partlySigned',
      checks: expect.arrayContaining([{ check: 'headersCovered', ok: false, detail: 'Date' }]) as unknown,
    });
    const other = change(
      await hung.wrap(message, Buffer.from(v1, 'latin1')),
      /^Subject: .*(\r\n .*)*/m,
      'Subject: khac',
    );
    expect((await t.verdict(other)).kind).toBe('altered');
  });
});

describe('messages made to hurt', () => {
  it('nested a thousand deep gets a verdict in time', async () => {
    let deep = 'Content-Type: text/plain\r\n\r\nx';
    for (let i = 0; i < 1000; i++)
      deep = `Content-Type: multipart/signed; boundary=b${i}; protocol="application/pgp-signature"\r\n\r\n--b${i}\r\n${deep}\r\n--b${i}--\r\n`;
    expect(['altered', 'unsigned']).toContain((await t.verdict(Buffer.from(`From: a@b.vn\r\n${deep}`))).kind);
  });

  it('with a signature of megabytes is unreadable', async () => {
    const huge = change(
      whole,
      /-----BEGIN PGP SIGNATURE-----\r\n\r\n/,
      `-----BEGIN PGP SIGNATURE-----\r\n\r\n${`${'A'.repeat(64)}\r\n`.repeat(60_000)}`,
    );
    expect(await t.verdict(huge)).toMatchObject({ kind: 'altered', checks: [{ check: 'unreadable' }] });
  });

  it('with thousands of signature packets is unreadable', async () => {
    const one = Buffer.from([0xc2, 0x0a, 4, 0, 22, 10, 0, 0, 0, 0, 0, 0]);
    const armor = `-----BEGIN PGP SIGNATURE-----\r\n\r\n${Buffer.concat(Array<Buffer>(3000).fill(one)).toString('base64').replace(/.{64}/g, '$&\r\n')}\r\n-----END PGP SIGNATURE-----`;
    expect(
      (await t.verdict(change(whole, /-----BEGIN PGP SIGNATURE-----[^]*-----END PGP SIGNATURE-----/, armor))).kind,
    ).toBe('altered');
  });

  it('too large for checking is unreadable, not unsigned', async () => {
    const small = await openSigning(sqliteDatabase, { maxMessageBytes: 1000 });
    expect(await small.verdict(whole)).toMatchObject({
      kind: 'altered',
      checks: [{ check: 'unreadable', ok: false, detail: 'too large to be checked' }],
    });
    await small.dispose();
  });

  it('that stall the worker are "altered", check "unreadable", and the next message gets its verdict', async () => {
    const slow = await openSigning(sqliteDatabase, { workerTaskMs: 100 });
    const head = text(whole).slice(0, text(whole).indexOf('\r\n\r\n') + 4);
    const big = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(80_000_000, '--=_x\r\n')]);
    const message = { ...(await slow.mailstore.prepare(whole)), blob: await slow.parts.blobs.stage(Buffer.from('x')) };
    const { verdict } = await slow.signing.verify(message, big, slow.clock.now());
    expect(verdict).toMatchObject({ kind: 'altered', checks: [{ check: 'unreadable', ok: false, detail: 'time' }] });
    // Within a tenth of a second, as soon as the machine has one to spare.
    await expect.poll(async () => (await slow.verdict(whole)).kind, { timeout: 20_000 }).toBe('unknownSigner');
    await slow.dispose();
  });

  it('of 25 MB are checked', async () => {
    const bytes = await hung.sign(
      letter(hung.official, t.clock.now(), {
        attachments: [{ name: 'lon.bin', type: 'application/octet-stream', bytes: new Uint8Array(18_000_000).fill(7) }],
      }),
    );
    expect(bytes.length).toBeGreaterThan(24_000_000);
    expect((await t.verdict(bytes)).kind).toBe('whole');
    const at = bytes.length - 5_000_000;
    bytes[at] = bytes[at] === 66 ? 67 : 66;
    expect((await t.verdict(bytes)).kind).toBe('altered');
  });
});
