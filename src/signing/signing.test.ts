import { readKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { OfficialId } from '../base/ids.ts';
import { parseMessage } from '../message/parse.ts';
import { findSignature } from '../message/signed.ts';
import { changePassphrase, leastCost, makeKey, unlockKey } from '../web/client/features/signing/keys.ts';
import { openGpg, type Gpg } from './testing/gpg.ts';
import { letter, openSigning, passphrase, type Person, type TestSigning } from './testing/setup.ts';
import { wkdHash, zBase32 } from './wkd-name.ts';

describe.each(dialects)('keys of officials on $dialect', ({ open }) => {
  let t: TestSigning;
  let gpg: Gpg;
  let hung: Person;
  beforeAll(async () => {
    t = await openSigning(open);
    gpg = openGpg();
    hung = await t.person('Nguyễn Văn Hùng');
  });
  afterAll(async () => {
    gpg.dispose();
    await t.dispose();
  });
  const served = (localPart: string) => t.signing.wkd('caoson.gov.vn', wkdHash(localPart));

  it('has one certification key, served at its own address, whose private half lies sealed', async () => {
    const key = await t.signing.certificationKey();
    expect(key?.fingerprint).toBe(t.certification);
    expect(gpg.run(['--import'], await served('chungthuc'))).toContain(`IMPORT_OK 1 ${t.certification}`);
    expect((await readKey({ binaryKey: key!.publicKey })).getUserIDs()).toEqual([
      'Khóa chứng thực thư công vụ <chungthuc@caoson.gov.vn>',
    ]);
    const [secret] = await t.db.read.select().from(t.db.t.secrets);
    expect(Buffer.from(secret!.sealed).includes(Buffer.from('chungthuc'))).toBe(false);
    await expect(t.db.write((tx) => t.signing.createCertificationKey(tx))).rejects.toMatchObject({
      code: 'signing.certification_exists',
    });
  });

  it('certifies an enrolled key, and gpg imports it and sees the certification', async () => {
    gpg.run(['--import'], await served('chungthuc'));
    expect(gpg.run(['--import'], await served('hungnv'))).toContain(`IMPORT_OK 1 ${hung.made.fingerprint}`);
    const checked = gpg.output(['--with-colons', '--check-signatures', hung.made.fingerprint]).toString();
    expect(checked).toMatch(new RegExp(`^sig:!::22:${t.certification.slice(-16)}:`, 'm'));
    expect(checked).not.toMatch(/^sig:[-%]/m);
    expect(checked).toContain('Nguyễn Văn Hùng <hungnv@caoson.gov.vn>');
  });

  it('verifies with gpg what the browser signed, and not when one octet differs', async () => {
    gpg.run(['--import'], await served('hungnv'));
    const bytes = await hung.sign(letter(hung.official, t.clock.now()));
    const { signed } = findSignature(parseMessage(bytes), bytes);
    const armor = Buffer.from(signed!.signatureBytes).toString();
    expect(gpg.verify(armor, signed!.signedBytes)).toContain('GOODSIG');
    const changed = Uint8Array.from(signed!.signedBytes);
    changed[changed.length - 40]! ^= 1;
    expect(gpg.verify(armor, changed)).toContain('BADSIG');
  });

  it('gives the key back to its owner, the private half as it came', async () => {
    const own = await t.signing.ownKey(hung.official.id);
    expect(own).toMatchObject({
      fingerprint: hung.made.fingerprint,
      privateKey: hung.made.privateKey,
      state: 'active',
      address: 'hungnv@caoson.gov.vn',
    });
    expect((await readKey({ armoredKey: own!.publicKey })).users[0]!.otherCertifications).toHaveLength(1);
    expect(await t.signing.ownKey(9999 as OfficialId)).toBeUndefined();
  });

  it('takes a new passphrase of the same key, from its owner only', async () => {
    const privateKey = await changePassphrase(hung.made.privateKey, passphrase, 'một câu hoàn toàn khác');
    const input = { publicKey: hung.made.publicKey, privateKey, revocation: '' };
    await t.signing.enrol(hung.official.id, input);
    const own = await t.signing.ownKey(hung.official.id);
    expect((await unlockKey(own!.privateKey, 'một câu hoàn toàn khác')).isDecrypted()).toBe(true);
    // The browser has the key as we gave it out: certified by us.
    const again = await changePassphrase(own!.privateKey, 'một câu hoàn toàn khác', 'lại một câu khác nữa');
    await t.signing.enrol(hung.official.id, { publicKey: own!.publicKey, privateKey: again, revocation: '' });
    expect((await t.signing.ownKey(hung.official.id))!.privateKey).toBe(again);
    const other = await t.official('Lê Văn Khác');
    await expect(t.signing.enrol(other.id, input)).rejects.toMatchObject({
      code: 'signing.key_unfit',
      details: { reason: 'user_id_differs' },
    });
  });

  it('serves nothing for unknown names and foreign domains', async () => {
    expect(await served('khongco')).toBeUndefined();
    expect(await t.signing.wkd('example.org', wkdHash('hungnv'))).toBeUndefined();
    expect(await t.signing.wkd('caoson.gov.vn', '../../etc/passwd')).toBeUndefined();
  });

  it('makes a former key superseded: its old signatures stay good, new ones do not, WKD serves both', async () => {
    const first = await t.person('Phạm Thị Lan');
    const before = await first.sign(letter(first.official, t.clock.now()));
    t.clock.advance(60_000);
    const { made } = await makeKey(
      {
        fullName: 'Phạm Thị Lan',
        address: first.official.address,
        passphrase,
        at: t.clock.now(),
      },
      leastCost,
    );
    await t.signing.enrol(first.official.id, made);
    expect((await t.signing.ownKey(first.official.id))?.fingerprint).toBe(made.fingerprint);
    expect((await t.verdict(before)).kind).toBe('whole');
    t.clock.advance(60_000);
    expect(await t.verdict(await first.sign(letter(first.official, t.clock.now())))).toMatchObject({
      kind: 'revoked',
      revocation: { reason: 'superseded' },
    });
    const imported = gpg.run(['--import'], await served(first.official.address.split('@')[0]!));
    expect(imported).toContain(made.fingerprint);
    expect(imported).toContain(first.made.fingerprint);
    expect(gpg.output(['--with-colons', '--list-keys', first.made.fingerprint]).toString()).toMatch(/^pub:r:/m);
    expect(gpg.output(['--with-colons', '--list-keys', made.fingerprint]).toString()).toMatch(/^pub:[^r]:/m);
  });

  it.each(['superseded', 'compromised', 'retired'] as const)(
    'revokes as %s: the reason stands in the key, gpg sees it, the audit log has it',
    async (reason) => {
      const person = await t.person(`Võ Văn ${{ superseded: 'Sáu', compromised: 'Cường', retired: 'Rạng' }[reason]}`);
      await t.signing.revoke(person.made.fingerprint, reason, 'official:1');
      const binary = await served(person.official.address.split('@')[0]!);
      const key = await readKey({ binaryKey: binary! });
      expect(key.revocationSignatures[0]!.reasonForRevocationFlag).toBe(
        { superseded: 1, compromised: 2, retired: 3 }[reason],
      );
      gpg.run(['--import'], await served('chungthuc'));
      gpg.run(['--import'], binary);
      expect(gpg.output(['--with-colons', '--check-signatures', person.made.fingerprint]).toString()).toMatch(
        /^pub:r:[^]*^rev:!::22:/m,
      );
      const log = await t.db.read.select().from(t.db.t.auditLog);
      expect(log.filter((r) => r.object === `key:${person.made.fingerprint}`).map((r) => r.action)).toEqual([
        'signing.key_enrolled',
        'signing.key_revoked',
      ]);
      expect(await t.audit.verify()).toBeUndefined();
      expect(await t.signing.ownKey(person.official.id)).toBeUndefined();
    },
  );

  it('says so when a key to be revoked is unknown', async () => {
    await expect(t.signing.revoke('00', 'retired', 'cli')).rejects.toMatchObject({ code: 'signing.key_not_found' });
  });
});

describe('WKD names', () => {
  it.each([
    ['Joe.Doe', 'iy9q119eutrkn8s1mk4r39qejnbu3n5q'],
    ['joe.doe', 'iy9q119eutrkn8s1mk4r39qejnbu3n5q'],
  ])('of %s are as in the draft', (localPart, name) => expect(wkdHash(localPart)).toBe(name));

  it('are z-base-32', () => {
    expect(zBase32(Uint8Array.of())).toBe('');
    expect(zBase32(Uint8Array.of(0xf0, 0xbf, 0xc7))).toBe('6n9hq');
    expect(zBase32(Uint8Array.of(0xd4, 0x7a, 0x04))).toBe('4t7ye');
  });
});
