import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { SigningKeyInfo } from '../../signing/types.ts';
import { webParts, type Web } from './testing/web.ts';

const key = (letter: string, address: string): SigningKeyInfo => ({
  fingerprint: letter.repeat(40),
  address,
  state: 'active',
  createdAt: 0,
  revokedAt: null,
});
const revoked: unknown[][] = [];
let web: Web;
let admin: string;
let plain: string;
let own: number;
let other: number;
beforeAll(async () => {
  web = await webParts();
  const keys = new Map<number, SigningKeyInfo[]>();
  // Signing is another module's to test: here it is asked the right thing.
  web.deps.signing.keysOf = (id) => Promise.resolve(keys.get(id) ?? []);
  web.deps.signing.revoke = async (...given) => void revoked.push(given);
  const unit = await web.db.read.select().from(web.db.t.units);
  const unitId = unit.find(({ code }) => code === 'H99.02')!.id;
  const chief = await web.person('Trần Thị Hoa', 'H99.02', { grants: [{ role: 'unit_admin', unitId }] });
  const hung = await web.person('Nguyễn Văn Hùng', 'H99.02');
  const lan = await web.person('Lê Thị Lan', 'H99.03');
  keys.set(hung.id, [key('A', hung.address)]).set(lan.id, [key('B', lan.address)]);
  [own, other] = [hung.id, lan.id];
  [admin, plain] = [await web.signIn(chief.address), await web.signIn(hung.address)];
});
afterAll(() => web.dispose());
const revoke = async (id: number, letter: string, cookie = admin, body: object = { reason: 'compromised' }) =>
  (
    await web.request('POST', `/api/v1/directory/officials/${id}/signing-keys/${letter.repeat(40)}/revoke`, {
      cookie,
      body,
    })
  ).status;

describe('the signing keys of other people', () => {
  it('are listed for who administers them, never with a private half', async () => {
    const list = (id: number, cookie: string) =>
      web.request('GET', `/api/v1/directory/officials/${id}/signing-keys`, { cookie });
    const { keys } = (await (await list(own, admin)).json()) as { keys: object[] };
    expect(keys).toMatchObject([{ fingerprint: 'A'.repeat(40), state: 'active', revokedAt: null }]);
    expect(Object.keys(keys[0]!).sort()).toEqual(['address', 'createdAt', 'fingerprint', 'revokedAt', 'state']);
    expect([(await list(other, admin)).status, (await list(own, plain)).status]).toEqual([403, 403]);
  });

  it('are revoked from a time on by who administers them, and by nobody else', async () => {
    const since = '2026-11-20T01:02:03.000Z';
    expect(await revoke(own, 'A', admin, { reason: 'compromised', since })).toBe(204);
    expect(revoked.map(([fingerprint, reason, , at]) => [fingerprint, reason, at])).toEqual([
      ['A'.repeat(40), 'compromised', Date.parse(since)],
    ]);
    expect(await revoke(other, 'B')).toBe(403);
    // Another's key under the name of somebody within reach.
    expect(await revoke(own, 'B')).toBe(404);
    expect(await revoke(own, 'A', plain)).toBe(403);
    expect(await revoke(own, 'A', '')).toBe(401);
    expect(await revoke(own, 'A', admin, { reason: 'superseded' })).toBe(400);
    expect(await revoke(own, 'A', admin, { reason: 'compromised', since: 'gestern' })).toBe(400);
    expect(revoked.length).toBe(1);
  });
});
