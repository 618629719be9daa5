import { armor, enums, type PrivateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { MadeKey } from '../web/client/features/signing/protocol.ts';
import { checkEnrolment } from './enrol-check.ts';
import { readSignatures } from './packets.ts';
import { random } from '../base/testing/random.ts';
import { openEnrolment, type Enrolment } from './testing/enrolment.ts';
import type { TestSigning } from './testing/setup.ts';

let t: TestSigning;
let made: MadeKey;
let key: PrivateKey;
let input: Enrolment['input'];
beforeAll(async () => {
  ({ t, made, key, input } = await openEnrolment());
});
afterAll(() => t.dispose());

describe('octets at random places', () => {
  it.each([1, 2, 3])('in a public key never make a key fit that is not the same key (seed %i)', async (seed) => {
    const next = random(seed).next;
    const good = key.toPublic().write();
    for (let round = 0; round < 120; round++) {
      const bytes = Uint8Array.from(good);
      for (let n = 0; n <= round % 4; n++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      const cut = round % 5 === 0 ? bytes.slice(0, Math.floor(next() * bytes.length)) : bytes;
      const checked = await checkEnrolment(input({ publicKey: armor(enums.armor.publicKey, cut) }));
      if (checked.fit) expect(checked.fingerprint).toBe(made.fingerprint);
      else expect(checked.reason).toMatch(/^[a-z0-9_]+$/);
    }
  });

  it.each([4, 5])('in a private key and a revocation are refused or harmless (seed %i)', async (seed) => {
    const next = random(seed).next;
    for (let round = 0; round < 60; round++) {
      const field = round % 2 === 0 ? 'privateKey' : 'revocation';
      const lines = made[field].split('');
      for (let n = 0; n < 3; n++)
        lines[Math.floor(next() * lines.length)] = String.fromCharCode(32 + Math.floor(next() * 95));
      const checked = await checkEnrolment(input({ [field]: lines.join('') }));
      if (!checked.fit) expect(checked.reason).toMatch(/^[a-z0-9_]+$/);
    }
  });

  it.each([6, 7])('in a signature armor never crash its reader (seed %i)', async (seed) => {
    const next = random(seed).next;
    const revocation = made.revocation.replaceAll('PUBLIC KEY BLOCK', 'SIGNATURE');
    for (let round = 0; round < 150; round++) {
      const text = revocation.split('');
      for (let n = 0; n <= round % 6; n++)
        text[Math.floor(next() * text.length)] = String.fromCharCode(Math.floor(next() * 256));
      const read = await readSignatures(text.join('')).catch((error: unknown) => error);
      expect(read instanceof Error || Array.isArray(read)).toBe(true);
    }
  });
});
