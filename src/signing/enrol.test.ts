import { armor, encryptKey, enums, generateKey, PacketList, readKey, readPrivateKey, type PrivateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import type { Official } from '../directory/types.ts';
import type { MadeKey } from '../web/client/features/signing/protocol.ts';
import { checkEnrolment, type EnrolInput } from './enrol-check.ts';
import { certify } from './packets.ts';
import { openEnrolment, type Enrolment } from './testing/enrolment.ts';
import { openSigning, passphrase, type TestSigning } from './testing/setup.ts';

let t: TestSigning;
let official: Official;
let made: MadeKey;
let key: PrivateKey;
let other: PrivateKey;
let foreign: MadeKey;
let input: Enrolment['input'];
beforeAll(async () => {
  ({ t, official, made, key, foreign, other, input } = await openEnrolment());
});
afterAll(() => t.dispose());

const reason = async (more: Partial<EnrolInput>) => {
  const checked = await checkEnrolment(input(more));
  return checked.fit ? 'fit' : checked.reason;
};
const generated = async (options: object) => {
  const { privateKey } = await generateKey({
    userIDs: [{ name: official.fullName, email: official.address }],
    type: 'ecc',
    curve: 'ed25519Legacy',
    subkeys: [{ sign: true }],
    format: 'object',
    date: new Date(t.clock.now()),
    ...options,
  });
  return privateKey.toPublic().armor();
};
/** The good public key, changed by hand. */
const changed = async (how: (copy: Awaited<ReturnType<typeof readKey>>) => unknown) => {
  const copy = await readKey({ armoredKey: made.publicKey });
  await how(copy);
  return armor(enums.armor.publicKey, copy.write());
};

describe('a key to be enrolled', () => {
  it('is fit as the browser makes it', async () => {
    expect(await checkEnrolment(input())).toMatchObject({
      fit: true,
      fingerprint: made.fingerprint,
      keyIds: [expect.stringMatching(/^[0-9A-F]{16}$/)],
    });
  });

  it.each<[string, string, () => Promise<Partial<EnrolInput>> | Partial<EnrolInput>]>([
    ['rubbish', 'unreadable', () => ({ publicKey: 'xin chào' })],
    [
      'an empty block',
      'unreadable',
      () => ({ publicKey: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n=twTO\n-----END PGP PUBLIC KEY BLOCK-----' }),
    ],
    ['a huge block', 'too_large', () => ({ publicKey: 'A'.repeat(40_000) })],
    ['a private key in the place of the public one', 'not_a_public_key', () => ({ publicKey: made.privateKey })],
    [
      'two keys',
      'not_one_key',
      async () => ({
        publicKey: armor(enums.armor.publicKey, Buffer.concat([key.toPublic().write(), other.toPublic().write()])),
      }),
    ],
    ['the key of somebody else', 'user_id_differs', () => ({ ...foreign })],
    ['another name', 'user_id_differs', () => ({ fullName: 'Nguyễn Văn Hưng' })],
    ['another address', 'user_id_differs', () => ({ address: 'hungnv1@caoson.gov.vn' })],
    [
      'two user ids',
      'not_one_user_id',
      async () => ({
        publicKey: await generated({
          userIDs: [
            { name: official.fullName, email: official.address },
            { name: 'x', email: 'chutich@caoson.gov.vn' },
          ],
        }),
      }),
    ],
    [
      'RSA',
      'algorithm',
      async () => ({ publicKey: await generated({ type: 'rsa', rsaBits: 2048, curve: undefined }) }),
    ],
    ['another curve', 'algorithm', async () => ({ publicKey: await generated({ curve: 'nistP256' }) })],
    [
      'the newer Ed25519 that gpg 2.2 cannot read',
      'algorithm',
      async () => ({ publicKey: await generated({ type: 'curve25519', curve: undefined }) }),
    ],
    [
      'version 6',
      'version',
      async () => ({ publicKey: await generated({ type: 'curve25519', curve: undefined, config: { v6Keys: true } }) }),
    ],
    ['a primary key that signs mail', 'primary_key_flags', async () => ({ publicKey: await generated({}) })],
    ['no subkey', 'signing_subkey', () => changed((k) => (k.subkeys = [])).then((publicKey) => ({ publicKey }))],
    [
      'a subkey without binding',
      'signing_subkey',
      () => changed((k) => (k.subkeys[0]!.bindingSignatures = [])).then((publicKey) => ({ publicKey })),
    ],
    [
      'the subkey of another key',
      'signing_subkey',
      () => changed((k) => (k.subkeys = other.toPublic().subkeys)).then((publicKey) => ({ publicKey })),
    ],
    [
      'no self-certification',
      'self_certification',
      () => changed((k) => (k.users[0]!.selfCertifications = [])).then((publicKey) => ({ publicKey })),
    ],
    [
      'the self-certification of another key',
      'foreign_signatures',
      () =>
        changed((k) => (k.users[0]!.selfCertifications = other.users[0]!.selfCertifications)).then((publicKey) => ({
          publicKey,
        })),
    ],
    [
      'a foreign certification',
      'foreign_signatures',
      () =>
        changed(
          async (k) =>
            (k.users[0]!.otherCertifications = [await certify(other, k, k.users[0]!, new Date(t.clock.now()))]),
        ).then((publicKey) => ({ publicKey })),
    ],
    [
      'a revocation',
      'revoked',
      async () => ({ publicKey: (await key.revoke({}, new Date(t.clock.now()))).toPublic().armor() }),
    ],
    ['a creation time in the future', 'created_in_future', () => ({ now: t.clock.now() - 24 * 3600_000 })],
    ['the private half of another key', 'private_key_differs', () => ({ privateKey: foreign.privateKey })],
    ['a private half in the clear', 'private_key_in_clear', () => ({ privateKey: key.armor() })],
    ['a public key as private half', 'private_key_unreadable', () => ({ privateKey: made.publicKey })],
    [
      'a weakly protected private half',
      'private_key_protection',
      async () => ({
        privateKey: (await encryptKey({ privateKey: key, passphrase, config: { s2kIterationCountByte: 96 } })).armor(),
      }),
    ],
    [
      'Argon2id with next to no memory',
      'private_key_protection',
      async () => ({
        privateKey: (
          await encryptKey({
            privateKey: key,
            passphrase,
            config: {
              aeadProtect: true,
              s2kType: enums.s2k.argon2,
              s2kArgon2Params: { passes: 1, parallelism: 1, memoryExponent: 10 },
            },
          })
        ).armor(),
      }),
    ],
    ['no revocation that can be read', 'revocation', () => ({ revocation: 'không' })],
    ['the revocation of another key', 'revocation', () => ({ revocation: foreign.revocation })],
    [
      'only a soft revocation',
      'revocation',
      async () => {
        const packets = new PacketList();
        packets.push(
          (await key.revoke({ flag: enums.reasonForRevocation.keySuperseded }, new Date(t.clock.now())))
            .revocationSignatures[0]!,
        );
        return { revocation: armor(enums.armor.publicKey, packets.write()) };
      },
    ],
  ])('is refused for %s: %s', async (_, expected, make) => expect(await reason(await make())).toBe(expected));

  it('is refused for a digest that does not count', async () => {
    for (const hash of [enums.hash.sha1, enums.hash.md5]) {
      // Octet 3 of a v4 signature names its digest; nothing signs Ed25519 over a weak one any more.
      const own = await changed((k) => (k.users[0]!.selfCertifications[0]!.signatureData![3] = hash));
      const binding = await changed((k) => (k.subkeys[0]!.bindingSignatures[0]!.signatureData![3] = hash));
      expect([await reason({ publicKey: own }), await reason({ publicKey: binding })]).toEqual([
        'weak_digest',
        'weak_digest',
      ]);
    }
  });

  it('accepts the form that gpg reads, with a high count', async () => {
    const privateKey = (
      await encryptKey({ privateKey: key, passphrase, config: { s2kIterationCountByte: 255 } })
    ).armor();
    expect(await reason({ privateKey })).toBe('fit');
    expect((await readPrivateKey({ armoredKey: privateKey })).isDecrypted()).toBe(false);
  });

  it('is refused through the front door with its reason, and nothing is stored', async () => {
    await expect(t.signing.enrol(official.id, { ...foreign })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'signing.key_unfit',
      details: { reason: 'user_id_differs' },
    });
    await expect(t.signing.enrol(official.id, { ...made, revocation: '' })).rejects.toMatchObject({
      details: { reason: 'revocation' },
    });
    expect(await t.signing.ownKey(official.id)).toBeUndefined();
  });

  it('waits while the certification key is kept elsewhere', async () => {
    const bare = await openSigning(sqliteDatabase);
    const same = await bare.official('Nguyễn Văn Hùng');
    await bare.db.write(async ({ q }) => void (await q.delete(bare.db.t.secrets)));
    await expect(bare.signing.enrol(same.id, made)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'signing.no_certification_key',
    });
    await bare.dispose();
  });
});
