import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { Official } from '../directory/types.ts';
import { leastCost, makeKey } from '../web/client/features/signing/keys.ts';
import type { MadeKey } from '../web/client/features/signing/protocol.ts';
import { checkEnrolment } from './enrol-check.ts';
import { openSigning, passphrase, type TestSigning } from './testing/setup.ts';

describe.each(dialects)('keys that come at the same time on $dialect', ({ open }) => {
  let t: TestSigning;
  beforeAll(async () => {
    t = await openSigning(open);
  });
  afterAll(() => t.dispose());
  const made = async ({ fullName, address }: Official): Promise<MadeKey> =>
    (await makeKey({ fullName, address, passphrase, at: t.clock.now() }, leastCost)).made;
  const states = async (official: Official) => {
    const { signingKeys: k } = t.db.t;
    const rows = await t.db.read.select({ of: k.officialId, state: k.state, revokedAt: k.revokedAt }).from(k);
    return rows.filter(({ of }) => of === official.id);
  };

  it('leave one active: each takes the place of the one before', async () => {
    const official = await t.official('Lê Văn Đồng');
    const keys = await Promise.all([made(official), made(official), made(official), made(official)]);
    const done = await Promise.all(keys.map((key) => t.signing.enrol(official.id, key)));
    expect(done.map(({ state }) => state)).toEqual(['active', 'active', 'active', 'active']);
    const rows = await states(official);
    expect(rows.map(({ state }) => state).sort()).toEqual(['active', 'superseded', 'superseded', 'superseded']);
    expect(rows.filter(({ state, revokedAt }) => (state === 'active') !== (revokedAt === null))).toEqual([]);
    expect(await t.audit.verify()).toBeUndefined();
  });

  it('are one key when the same is sent twice', async () => {
    const official = await t.official('Lê Thị Đôi');
    const key = await made(official);
    const both = await Promise.all([t.signing.enrol(official.id, key), t.signing.enrol(official.id, key)]);
    expect(both.map(({ fingerprint }) => fingerprint)).toEqual([key.fingerprint, key.fingerprint]);
    expect((await states(official)).length).toBe(1);
  });

  it('leave the former active when the new one cannot be stored', async () => {
    const official = await t.official('Lê Văn Cũ');
    const [first, second] = [await made(official), await made(official)];
    await t.signing.enrol(official.id, first);
    // The database refuses the new key's row for a reason that no check before could see.
    const { signingKeyIds } = t.db.t;
    const checked = await checkEnrolment({ ...second, ...official, now: t.clock.now() });
    const keyIds = checked.fit ? checked.keyIds : [];
    await t.db.write(({ q }) => q.insert(signingKeyIds).values({ keyId: keyIds[0]!, fingerprint: second.fingerprint }));
    await expect(t.signing.enrol(official.id, second)).rejects.toThrow();
    expect(await states(official)).toMatchObject([{ state: 'active', revokedAt: null }]);
    expect((await t.signing.ownKey(official.id))?.fingerprint).toBe(first.fingerprint);
  });

  it('never make a key better that was called compromised at the same time', async () => {
    const official = await t.official('Lê Văn Lộ');
    const first = await made(official);
    await t.signing.enrol(official.id, first);
    const second = await made(official);
    await Promise.all([
      t.signing.enrol(official.id, second),
      t.signing.revoke(first.fingerprint, 'compromised', 'official:1'),
    ]);
    const { signingKeys: k } = t.db.t;
    const rows = await t.db.read.select({ fingerprint: k.fingerprint, state: k.state }).from(k);
    expect(rows.find(({ fingerprint }) => fingerprint === first.fingerprint)?.state).toBe('compromised');
    expect((await t.signing.ownKey(official.id))?.fingerprint).toBe(second.fingerprint);
  });
});
