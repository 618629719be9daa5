import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { letter, openSigning, type TestSigning } from './testing/setup.ts';

let t: TestSigning;
beforeAll(async () => {
  t = await openSigning(sqliteDatabase);
});
afterAll(() => t.dispose());

describe('the key of a person who left', () => {
  it('signs nothing more that counts, and what it signed before stays good', async () => {
    const hung = await t.person('Nguyễn Văn Hùng');
    const before = await hung.sign(letter(hung.official, t.clock.now()));
    t.clock.advance(60_000);
    await t.signing.retireKeysOf(hung.official.id, 'official:1');
    await t.signing.retireKeysOf(hung.official.id, 'official:1');
    expect(await t.signing.ownKey(hung.official.id)).toBeUndefined();
    t.clock.advance(60_000);
    const after = await hung.sign(letter(hung.official, t.clock.now()));
    expect((await t.verdict(before)).kind).toBe('whole');
    expect(await t.verdict(after)).toMatchObject({ kind: 'revoked', revocation: { reason: 'retired' } });
  });

  it('is revoked also while the certification key is kept elsewhere', async () => {
    const lan = await t.person('Trần Thị Lan');
    await t.db.write(async ({ q }) => void (await q.delete(t.db.t.secrets)));
    t.clock.advance(60_000);
    await t.signing.retireKeysOf(lan.official.id, 'official:1');
    t.clock.advance(60_000);
    expect((await t.verdict(await lan.sign(letter(lan.official, t.clock.now())))).kind).toBe('revoked');
  });
});
