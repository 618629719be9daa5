import { armor, config, createMessage, enums, sign, SignaturePacket, unarmor } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { parseMessage } from '../message/parse.ts';
import { findSignature } from '../message/signed.ts';
import { signedMessage } from '../web/client/lib/mail/signed.ts';
import { buildMessage, unsignedMessage } from '../web/client/lib/mail/build.ts';
import type { OutgoingMessage } from '../web/client/lib/mail/types.ts';
import { failed, published, signWith, strangerKey } from './testing/outside.ts';
import { change, letter, openWithLetter, text, type Person, type TestSigning } from './testing/setup.ts';

let t: TestSigning;
let hung: Person;
let whole: Uint8Array;
beforeAll(async () => {
  ({ t, hung, whole } = await openWithLetter());
});
afterAll(() => t.dispose());
const write = (more: Partial<OutgoingMessage> = {}, at = t.clock.now()) => hung.sign(letter(hung.official, at, more));

describe('other verdicts', () => {
  it('"not the sender": a good signature under another From', async () => {
    const verdict = await t.verdict(await write({ from: { name: 'Chủ tịch', email: 'chutich@caoson.gov.vn' } }));
    expect(verdict).toMatchObject({ kind: 'notSender', signer: { address: 'hungnv@caoson.gov.vn' } });
  });

  it.each([
    ['a name that looks like another address', { name: 'chutich@caoson.gov.vn', email: 'hungnv@caoson.gov.vn' }],
    ['one hidden in a name', { name: 'Chủ tịch (chutich@caoson.gov.vn)', email: 'hungnv@caoson.gov.vn' }],
    ['one in full-width letters', { name: 'chutich＠caoson．gov．vn', email: 'hungnv@caoson.gov.vn' }],
  ])('"not the sender": From has %s', async (_, from) => {
    expect(await t.verdict(await write({ from }))).toMatchObject({
      kind: 'notSender',
      checks: expect.arrayContaining([{ check: 'sender', ok: false, detail: 'misleading' }]) as unknown,
    });
  });

  it('"not the sender": several authors', async () => {
    const built = buildMessage(letter(hung.official, t.clock.now()));
    built.header[0] = { name: 'From', value: 'a@caoson.gov.vn, hungnv@caoson.gov.vn' };
    const bytes = await hung.wrap(built);
    expect(await t.verdict(bytes)).toMatchObject({
      kind: 'notSender',
      checks: expect.arrayContaining([{ check: 'sender', ok: false, detail: 'several' }]) as unknown,
    });
  });

  it('a delegate of a unit mailbox: whole, and on whose behalf', async () => {
    const unit = (await t.directory.unit({ code: 'H99' }))!;
    const asUnit = () =>
      write({
        from: { name: 'Ủy ban nhân dân tỉnh Cao Sơn', email: 'ubnd@caoson.gov.vn' },
        sender: { name: 'Nguyễn Văn Hùng', email: 'hungnv@caoson.gov.vn' },
      });
    expect((await t.verdict(await asUnit())).kind).toBe('notSender');
    await t.db.write((tx) => t.directory.addDelegate(tx, unit.accountId!, hung.official.id, { canSend: true }));
    expect(await t.verdict(await asUnit())).toMatchObject({
      kind: 'whole',
      signer: { name: 'Nguyễn Văn Hùng' },
      onBehalfOf: { name: 'Ủy ban nhân dân tỉnh Cao Sơn', address: 'ubnd@caoson.gov.vn' },
    });
  });

  it('"unknown signer": a key that nobody certified, with our own address in it', async () => {
    const fake = await strangerKey(t, 'hungnv@caoson.gov.vn');
    const bytes = await signWith(t, fake, letter(hung.official, t.clock.now()));
    const { verdict, needsKeyOf } = await t.signing.verify(await t.mailstore.prepare(bytes), bytes, t.clock.now());
    expect(verdict.kind).toBe('unknownSigner');
    expect(verdict.signer).toBeUndefined();
    expect(needsKeyOf).toBeUndefined();
  });

  it('"unknown signer": the domain publishes a key without that address', async () => {
    const key = await strangerKey(t, 'ai@khacnua.example');
    await published(t, 'giamdoc@khacnua.example', key.toPublic().write());
    expect(
      (
        await t.verdict(
          await signWith(t, key, letter({ fullName: 'Giám đốc', address: 'giamdoc@khacnua.example' }, t.clock.now())),
        )
      ).kind,
    ).toBe('unknownSigner');
  });

  it('"revoked": compromised from a stated time on, whatever time the signature claims', async () => {
    const person = await t.person('Trịnh Văn Mất');
    const start = t.clock.now();
    const before = await person.sign(letter(person.official, start));
    t.clock.advance(3600_000);
    await t.signing.revoke(person.made.fingerprint, 'compromised', 'cli', start + 1800_000);
    expect(await t.verdict(before, start)).toMatchObject({ kind: 'whole' });
    expect(await t.verdict(before)).toMatchObject({
      kind: 'revoked',
      revocation: { reason: 'compromised', at: new Date(start + 1800_000).toISOString() },
    });
    expect((await t.verdict(await person.sign(letter(person.official, t.clock.now())))).kind).toBe('revoked');
  });

  it('makes stored verdicts anew when a key turns out compromised in the past', async () => {
    const person = await t.person('Đỗ Thị Trộm');
    const bytes = await person.sign(letter(person.official, t.clock.now()));
    const account = await t.db.write((tx) => t.mailstore.createAccount(tx, { kind: 'person', quotaBytes: 10 ** 8 }));
    const inbox = (await t.mailstore.read(account).mailboxByRole('inbox'))!.id;
    const prepared = await t.mailstore.prepare(bytes);
    const { verdict } = await t.signing.verify(prepared, bytes, t.clock.now());
    const { emailId } = await t.mailstore.write(account, (w) =>
      w.append({ ...prepared, verdict }, { mailboxIds: [inbox], receivedAt: t.clock.now() }),
    );
    t.clock.advance(60_000);
    await t.signing.revoke(person.made.fingerprint, 'compromised', 'cli', t.clock.now() - 120_000);
    await t.jobs.runDue();
    const [email] = await t.mailstore.read(account).emails([emailId]);
    expect(email!.verdict).toMatchObject({ kind: 'revoked', signer: { title: 'Chuyên viên' } });
  });

  it('"revoked": an outside key whose owner revoked it', async () => {
    const key = await strangerKey(t, 'thu@huy.example');
    const revoked = await key.revoke({ flag: enums.reasonForRevocation.keyCompromised }, new Date(t.clock.now()));
    await published(t, 'thu@huy.example', revoked.toPublic().write());
    expect(
      await t.verdict(await signWith(t, key, letter({ fullName: 'Thu', address: 'thu@huy.example' }, t.clock.now()))),
    ).toMatchObject({ kind: 'revoked', revocation: { reason: 'compromised' } });
  });

  it('"expired": the key had ended when it signed', async () => {
    const at = t.clock.now();
    const options = { date: new Date(at - 100_000), keyExpirationTime: 50 };
    const key = await strangerKey(t, 'cu@het.example', options);
    await published(t, 'cu@het.example', key.toPublic().write());
    const bytes = (signedAt: number) =>
      signedMessage(letter({ fullName: 'Cũ', address: 'cu@het.example' }, at), async (payload) => {
        // openpgp.js will not sign with an expired key, so its subkeyless packet is used directly.
        const made = await sign({
          message: await createMessage({ binary: payload }),
          signingKeys: key,
          detached: true,
          format: 'object',
          date: new Date(at - 90_000),
        });
        const literal: unknown = (await createMessage({ binary: payload })).packets[0];
        const fresh = Object.assign(new SignaturePacket(), {
          signatureType: enums.signature.binary,
          publicKeyAlgorithm: key.keyPacket.algorithm,
          hashAlgorithm: enums.hash.sha512,
        });
        await (fresh.sign as unknown as (...a: unknown[]) => Promise<void>).call(
          fresh,
          key.keyPacket,
          literal,
          new Date(signedAt),
          true,
          config,
        );
        made.packets.splice(0, 1, fresh);
        return { armored: made.armor(), micalg: 'pgp-sha512' };
      });
    expect((await t.verdict(await bytes(at))).kind).toBe('expired');
    expect((await t.verdict(await bytes(at - 80_000))).kind).toBe('whole');
  });

  it('"unsigned": no signature at all', async () => {
    const verdict = await t.verdict(unsignedMessage(letter(hung.official, t.clock.now())));
    expect(verdict).toMatchObject({ kind: 'unsigned', files: { signed: 0, unsigned: 1 }, checks: [] });
  });

  it.each([enums.hash.sha1, enums.hash.md5])('"unsigned": a digest that does not count (%i)', async (hash) => {
    const key = await strangerKey(t, 'yeu@yeu.example');
    await published(t, 'yeu@yeu.example', key.toPublic().write());
    const bytes = await signWith(t, key, letter({ fullName: 'Yếu', address: 'yeu@yeu.example' }, t.clock.now()));
    // Octet 3 of a v4 signature packet names its digest.
    const { signed } = findSignature(parseMessage(bytes), bytes);
    const opened: { data: unknown } = await unarmor(text(signed!.signatureBytes));
    const packet = Uint8Array.from(opened.data as Uint8Array);
    const body = packet[1]! < 192 ? 2 : 3;
    packet[body + 3] = hash;
    const weak = change(
      bytes,
      text(signed!.signatureBytes).trimEnd(),
      armor(enums.armor.signature, packet).replace(/\r?\n/g, '\r\n').trimEnd(),
    );
    const verdict = await t.verdict(weak);
    expect(verdict.kind).toBe('unsigned');
    expect(verdict.signer).toBeUndefined();
    expect(failed(verdict)).toContain('digest');
  });

  it('notes a wrong micalg and judges by the signature itself', async () => {
    const verdict = await t.verdict(change(whole, 'pgp-sha512', 'pgp-sha1'));
    expect(verdict.kind).toBe('whole');
    expect(failed(verdict)).toEqual(['micalg']);
  });
});
