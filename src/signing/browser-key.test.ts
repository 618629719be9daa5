import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { enums, readKey, readPrivateKey, readSignature, unarmor } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  changePassphrase,
  exportForGpg,
  forget,
  makeKey,
  signDetached,
  unlockKey,
} from '../web/client/features/signing/keys.ts';

const passphrase = 'Mưa rơi trên phố cũ 42';
let home: string;
let made: Awaited<ReturnType<typeof makeKey>>;
const gpg = (args: string[], input?: string) =>
  execFileSync('gpg', ['--homedir', home, '--batch', '--status-fd', '1', '--pinentry-mode', 'loopback', ...args], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'congvu-gpg-'));
  made = await makeKey({ fullName: 'Nguyễn Văn Hùng', address: 'HungNV@caoson.gov.vn', passphrase });
});
afterAll(() => {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' });
  rmSync(home, { recursive: true, force: true });
});

describe('the key that the browser makes', () => {
  it('is v4 Ed25519 with one user id, certifies with the primary key and signs with a subkey only', async () => {
    const key = await readKey({ armoredKey: made.made.publicKey });
    expect(key.keyPacket.version).toBe(4);
    expect(key.getAlgorithmInfo()).toEqual({ algorithm: 'eddsaLegacy', curve: 'ed25519Legacy' });
    expect(key.getUserIDs()).toEqual(['Nguyễn Văn Hùng <hungnv@caoson.gov.vn>']);
    expect([...(key.users[0]!.selfCertifications[0]!.keyFlags ?? [])]).toEqual([enums.keyFlags.certifyKeys]);
    expect(key.subkeys.map((s) => [...(s.bindingSignatures[0]!.keyFlags ?? [])])).toEqual([[enums.keyFlags.signData]]);
    expect((await key.getSigningKey()).getKeyID().toHex()).toBe(key.subkeys[0]!.getKeyID().toHex());
    expect(made.made.fingerprint).toMatch(/^[0-9A-F]{40}$/);
  });

  it('leaves only encrypted, under Argon2id with AEAD, primary key and subkey alike', async () => {
    const key = await readPrivateKey({ armoredKey: made.made.privateKey });
    expect(key.isDecrypted()).toBe(false);
    for (const { keyPacket } of [key, ...key.subkeys])
      expect(keyPacket).toMatchObject({ s2kUsage: 253, s2k: { type: 'argon2', t: 3, p: 4, encodedM: 16 } });
  });

  it('opens with its passphrase however the accents were typed, and with no other', async () => {
    expect((await unlockKey(made.made.privateKey, passphrase.normalize('NFD'))).isDecrypted()).toBe(true);
    await expect(unlockKey(made.made.privateKey, 'sai')).rejects.toMatchObject({ code: 'wrong_passphrase' });
    await expect(unlockKey('rubbish', passphrase)).rejects.toMatchObject({ code: 'key_unreadable' });
  });

  it('can change its passphrase', async () => {
    const next = await changePassphrase(made.made.privateKey, passphrase, 'một câu khác hẳn');
    await expect(unlockKey(next, passphrase)).rejects.toMatchObject({ code: 'wrong_passphrase' });
    expect((await unlockKey(next, 'một câu khác hẳn')).isDecrypted()).toBe(true);
    await expect(changePassphrase(made.made.privateKey, passphrase, 'ngắn')).rejects.toMatchObject({
      code: 'passphrase_weak',
    });
  });

  it('exports in a form that gpg 2.2 imports and signs with', async () => {
    const exported = await exportForGpg(made.made.privateKey, passphrase);
    expect(gpg(['--passphrase', passphrase, '--import'], exported)).toContain('IMPORT_OK 17');
    const data = join(home, 'data');
    writeFileSync(data, 'nội dung');
    expect(
      gpg(['--passphrase', passphrase, '-u', 'hungnv@caoson.gov.vn', '--detach-sign', '-o', `${data}.sig`, data]),
    ).toContain('SIG_CREATED');
    expect(gpg(['--verify', `${data}.sig`, data])).toContain('GOODSIG');
  });

  it('makes signatures that gpg verifies over the exact octets', async () => {
    gpg(['--import'], made.made.publicKey);
    const payload = new TextEncoder().encode('Content-Type: text/plain\r\n\r\nKính gửi\r\n');
    const { armored, micalg } = await signDetached(made.unlocked, payload);
    writeFileSync(join(home, 'p'), payload);
    writeFileSync(join(home, 'p.asc'), armored);
    expect(micalg).toBe('pgp-sha512');
    expect(gpg(['--verify', join(home, 'p.asc'), join(home, 'p')])).toContain('GOODSIG');
    writeFileSync(join(home, 'p'), Buffer.concat([payload, Buffer.from('x')]));
    expect(() => gpg(['--verify', join(home, 'p.asc'), join(home, 'p')])).toThrow();
  });

  it('brings one revocation signature per reason, each good', async () => {
    const reasons = [
      enums.reasonForRevocation.keySuperseded,
      enums.reasonForRevocation.keyCompromised,
      enums.reasonForRevocation.keyRetired,
    ];
    const opened: { data: unknown } = await unarmor(made.made.revocation);
    const { packets } = await readSignature({ binarySignature: opened.data as Uint8Array });
    expect(packets.map((p) => p.reasonForRevocationFlag)).toEqual(reasons);
    const key = await readKey({ armoredKey: made.made.publicKey });
    for (const packet of packets)
      await packet.verify(key.keyPacket, enums.signature.keyRevocation, { key: key.keyPacket });
  });

  it('is refused for names and addresses that would not make one clean user id, and for short passphrases', async () => {
    for (const bad of [{ fullName: 'A <b@c>' }, { fullName: '' }, { fullName: 'A\u202eB' }, { address: 'không có' }]) {
      await expect(makeKey({ fullName: 'A', address: 'a@b.vn', passphrase, ...bad })).rejects.toMatchObject({
        code: 'name_or_address_invalid',
      });
    }
    await expect(makeKey({ fullName: 'A', address: 'a@b.vn', passphrase: '1234567' })).rejects.toMatchObject({
      code: 'passphrase_weak',
    });
  });

  it('signs nothing after it was forgotten', async () => {
    const key = await unlockKey(made.made.privateKey, passphrase);
    forget(key);
    await expect(signDetached(key, Uint8Array.of(1))).rejects.toThrow();
  });
});
