import { createMessage, sign } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { parseMessage } from '../message/parse.ts';
import { findSignature } from '../message/signed.ts';
import { signedMessage } from '../web/client/lib/mail/signed.ts';
import type { OutgoingMessage } from '../web/client/lib/mail/types.ts';
import { openGpg, type Gpg } from './testing/gpg.ts';
import { failed, published, signWith, strangerKey } from './testing/outside.ts';
import { change, letter, openWithLetter, text, type Person, type TestSigning } from './testing/setup.ts';

let t: TestSigning;
let gpg: Gpg;
let hung: Person;
let whole: Uint8Array;
beforeAll(async () => {
  ({ t, hung, whole } = await openWithLetter());
  gpg = openGpg();
});
afterAll(async () => {
  gpg.dispose();
  await t.dispose();
});
const write = (more: Partial<OutgoingMessage> = {}, at = t.clock.now()) => hung.sign(letter(hung.official, at, more));

const outsider = { fullName: 'Ông Ngoài', address: 'ngoai@bo.example' };

describe('the verdict "whole"', () => {
  it('names the signer with title and unit, the time, the files and every check', async () => {
    expect(await t.verdict(whole)).toEqual({
      kind: 'whole',
      signer: {
        name: 'Nguyễn Văn Hùng',
        address: 'hungnv@caoson.gov.vn',
        title: 'Chuyên viên',
        unit: 'Ủy ban nhân dân tỉnh Cao Sơn',
        fingerprint: hung.made.fingerprint,
      },
      signedAt: new Date(t.clock.now()).toISOString(),
      checkedAt: new Date(t.clock.now()).toISOString(),
      files: { signed: 1, unsigned: 0 },
      keySource: 'province',
      checks: expect.arrayContaining([
        { check: 'digest', ok: true, detail: 'sha512' },
        { check: 'signature', ok: true },
        { check: 'certified', ok: true, detail: 'hungnv@caoson.gov.vn' },
        { check: 'headersCovered', ok: true },
        { check: 'contentCovered', ok: true },
      ]) as unknown,
    });
  });

  it('survives trace headers in front, other folding and other encoding of the outer header', async () => {
    const relayed = Buffer.concat([
      Buffer.from(
        'Received: from a by b;\r\n\tSun, 22 Nov 2026 10:00:00 +0700\r\nAuthentication-Results: x; dkim=pass\r\n',
      ),
      whole,
    ]);
    expect((await t.verdict(relayed)).kind).toBe('whole');
    const refolded = change(
      whole,
      /To: =\?UTF-8\?B\?[^?]*\?= <hoatt@caoson\.gov\.vn>/,
      'To: =?utf-8?q?Tr=E1=BA=A7n_Th=E1=BB=8B_Hoa?=\r\n <hoatt@CAOSON.gov.vn>',
    );
    expect((await t.verdict(refolded)).kind).toBe('whole');
  });

  it('is given to plain text, to many files, to 7bit and to long Vietnamese headers alike', async () => {
    const { html: _html, attachments: _files, ...plain } = letter(hung.official, t.clock.now());
    expect((await t.verdict(await hung.sign(plain))).kind).toBe('whole');
    const cc = Array.from({ length: 40 }, (_, i) => ({
      name: `Đơn vị số ${i}, "phòng" Hành chính`,
      email: `dv${i}@caoson.gov.vn`,
    }));
    expect(
      (
        await t.verdict(
          await write({ cc, subject: 'Đề nghị '.repeat(60), references: cc.map((c) => c.email), inReplyTo: ['x@y'] }),
        )
      ).kind,
    ).toBe('whole');
  });

  it('is given to a key from outside that its own domain publishes by WKD', async () => {
    const key = await strangerKey(t, outsider.address);
    const bytes = await signWith(t, key, letter(outsider, t.clock.now()));
    const first = await t.signing.verify(await t.mailstore.prepare(bytes), bytes, t.clock.now());
    expect(first).toMatchObject({ needsKeyOf: outsider.address, verdict: { kind: 'unknownSigner' } });
    t.elsewhere.set(outsider.address, key.toPublic().write());
    const account = await t.db.write((tx) => t.mailstore.createAccount(tx, { kind: 'person', quotaBytes: 10 ** 8 }));
    const inbox = (await t.mailstore.read(account).mailboxByRole('inbox'))!.id;
    const prepared = await t.mailstore.prepare(bytes);
    const { emailId } = await t.mailstore.write(account, (w) =>
      w.append({ ...prepared, verdict: null }, { mailboxIds: [inbox] }),
    );
    await t.db.write((tx) =>
      t.jobs.add(tx, 'signing.fetch-key', {
        address: outsider.address,
        hash: prepared.blob.hash,
        arrivedAt: t.clock.now(),
      }),
    );
    await t.jobs.runDue();
    const [email] = await t.mailstore.read(account).emails([emailId]);
    expect(email!.verdict).toMatchObject({
      kind: 'whole',
      keySource: 'wkd',
      signer: { name: 'Ông Ngoài', address: outsider.address },
    });
    expect((await t.signing.verify(prepared, bytes, t.clock.now())).needsKeyOf).toBeUndefined();
  });

  it('is given to what gpg signed, as binary and as text', async () => {
    gpg.run(['--quick-gen-key', 'Ông Gpg <gpg@khac.example>', 'ed25519', 'sign', '0']);
    t.elsewhere.set('gpg@khac.example', new Uint8Array(gpg.output(['--export', 'gpg@khac.example'])));
    await published(t, 'gpg@khac.example', t.elsewhere.get('gpg@khac.example') as Uint8Array);
    for (const mode of [[], ['--textmode']]) {
      const now = Date.now();
      const bytes = await signedMessage(
        letter({ fullName: 'Ông Gpg', address: 'gpg@khac.example' }, now),
        async (payload) => ({
          armored: gpg
            .output(['--armor', '--digest-algo', 'SHA256', '-u', 'gpg@khac.example', ...mode, '--detach-sign'], payload)
            .toString(),
          micalg: 'pgp-sha256',
        }),
      );
      expect(await t.verdict(bytes, now)).toMatchObject({ kind: 'whole', signer: { name: 'Ông Gpg' } });
    }
  });
});

describe('the verdict "altered"', () => {
  it.each([
    ['a letter of the text', (m: Uint8Array) => change(m, 'K=C3=ADnh', 'L=C3=ADnh')],
    ['a letter of the HTML', (m: Uint8Array) => change(m, '<b>', '<i>')],
    ['an octet of the attachment', (m: Uint8Array) => change(m, 'JVBERi0', 'JVBERi1')],
    ['the name of the attachment', (m: Uint8Array) => change(m, '1427-UBND', '1428-UBND')],
    [
      'the document that the attachment claims',
      (m: Uint8Array) => change(m, /X-CongVu-Document: \S+/, 'X-CongVu-Document: H99,2026/01/12,9999/QD'),
    ],
    ['white space at a line end', (m: Uint8Array) => change(m, 'hp="clear"\r\n', 'hp="clear" \r\n')],
    ['the transfer encoding', (m: Uint8Array) => change(m, 'quoted-printable', '8bit')],
    ['a boundary', (m: Uint8Array) => change(m, /multipart\/alternative;/, 'multipart/mixed;')],
    [
      'the signature',
      (m: Uint8Array) =>
        change(
          m,
          /(-----BEGIN PGP SIGNATURE-----\r\n\r\n\S{30})(\S)/,
          '-----BEGIN PGP SIGNATURE-----\r\n\r\nwrsEABYKAG0Fgmj',
        ),
    ],
    ['the outer subject', (m: Uint8Array) => change(m, /^Subject: .*(\r\n .*)*/m, 'Subject: Chuyen tien gap')],
    ['the outer From', (m: Uint8Array) => change(m, /^From: .*(\r\n .*)*/m, 'From: Chu tich <chutich@caoson.gov.vn>')],
    ['the name in From', (m: Uint8Array) => change(m, /^From: .*(\r\n .*)*/m, 'From: Chu tich <hungnv@caoson.gov.vn>')],
    ['the outer To', (m: Uint8Array) => change(m, /^To: .*(\r\n .*)*/m, 'To: x@caoson.gov.vn')],
    ['the outer Date', (m: Uint8Array) => change(m, /^Date: .*/m, 'Date: Mon, 1 Jan 2024 08:00:00 +0700')],
    ['an added Cc', (m: Uint8Array) => change(m, /^Date: /m, 'Cc: x@evil.example\r\nDate: ')],
    ['an added Reply-To', (m: Uint8Array) => change(m, /^Date: /m, 'Reply-To: x@evil.example\r\nDate: ')],
    ['a removed subject', (m: Uint8Array) => change(m, /^Subject: .*\r\n( .*\r\n)*/m, '')],
    [
      'a second From in front',
      (m: Uint8Array) => Buffer.concat([Buffer.from('From: Chu tich <chutich@caoson.gov.vn>\r\n'), m]),
    ],
    ['a second subject behind', (m: Uint8Array) => change(m, /^MIME-Version/m, 'Subject: khac\r\nMIME-Version')],
  ])('is given when %s is changed', async (_, tamper) => {
    const verdict = await t.verdict(tamper(whole));
    expect(verdict.kind).toBe('altered');
  });

  it('shows what was signed beside what stands there now', async () => {
    const verdict = await t.verdict(change(whole, /^Subject: .*(\r\n .*)*/m, 'Subject: Chuyen tien gap'));
    expect(verdict.changedHeaders).toEqual([
      { field: 'Subject', outer: 'Chuyen tien gap', signed: 'Về việc tổ chức Hội nghị tổng kết công tác năm 2026' },
    ]);
  });

  it('is given when the signature time does not fit the arrival', async () => {
    const hour = 3600_000;
    expect((await t.verdict(whole, t.clock.now() + 4 * 24 * hour)).kind).toBe('whole');
    expect(await t.verdict(whole, t.clock.now() + 6 * 24 * hour)).toMatchObject({
      kind: 'altered',
      checks: expect.arrayContaining([expect.objectContaining({ check: 'time', ok: false })]) as unknown,
    });
    expect(failed(await t.verdict(whole, t.clock.now() - hour))).toEqual(['time']);
    expect((await t.verdict(whole, t.clock.now() - 60_000)).kind).toBe('whole');
  });

  it('is given for two signatures, for none, and for a signature of another kind', async () => {
    const { signed } = findSignature(parseMessage(whole), whole);
    const block = text(signed!.signatureBytes);
    const key = await strangerKey(t, 'hungnv@caoson.gov.vn');
    const two = await sign({
      message: await createMessage({ binary: signed!.signedBytes }),
      signingKeys: [key, key],
      detached: true,
      format: 'object',
      date: new Date(t.clock.now()),
    });
    const crlf = (a: string) => a.replace(/\r?\n/g, '\r\n').trimEnd();
    for (const other of [
      crlf(two.armor()),
      'khong phai chu ky',
      '',
      '-----BEGIN PGP SIGNATURE-----\r\n\r\nAAAA\r\n-----END PGP SIGNATURE-----',
      crlf(key.toPublic().armor()),
    ]) {
      const verdict = await t.verdict(change(whole, block.trimEnd(), other));
      expect(verdict).toMatchObject({ kind: 'altered', checks: [{ check: 'unreadable', ok: false }] });
      expect(verdict.signer).toBeUndefined();
    }
  });

  it('is given when two readers would take the message apart in two ways', async () => {
    const field = /^Content-Type: multipart\/signed.*(\r\n .*)*/m;
    const own = field.exec(text(whole))![0];
    const twice = (first: string, second: string) => change(whole, field, `${first}\r\n${second}`);
    expect(failed(await t.verdict(twice(own, 'Content-Type: text/html')))).toContain('unreadable');
    expect((await t.verdict(twice('Content-Type: text/html', own))).kind).toBe('unsigned');
    expect(
      failed(
        await t.verdict(
          change(whole, 'protocol="application/pgp-signature"', 'protocol="application/pkcs7-signature"'),
        ),
      ),
    ).toContain('unreadable');
  });
});
