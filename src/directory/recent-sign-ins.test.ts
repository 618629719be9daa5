import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sqliteDatabase, type TestDatabase } from '../../test/support/databases.ts';
import { directoryParts, testUnit, type DirectoryParts } from './testing/parts.ts';
import type { Official } from './types.ts';

const PASSWORD = 'mật khẩu thử 42';

describe('a mail program that signs in again and again', () => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  let official: Official;
  let count = 0;
  beforeAll(async () => {
    test = await sqliteDatabase();
    parts = directoryParts(test.db, { credentials: { remoteFailures: 1000, accountAttemptsPerMinute: 3 } });
    await test.db.write((tx) => parts.directory.addUnit(tx, testUnit('H99')));
  });
  beforeEach(async () => {
    const person = {
      fullName: `Người Quen ${'abcdefghij'.charAt(count++)}`,
      title: 'Chuyên viên',
      unitCode: 'H99',
    };
    ({ official } = await test.db.write((tx) =>
      parts.directory.addOfficial(tx, person, { password: PASSWORD, mustChange: false }),
    ));
  });
  afterAll(() => test.dispose());

  const signIn = (password = PASSWORD, more: { remote?: string; allowAppPassword?: boolean } = {}) =>
    parts.credentials
      .authenticate({ address: official.address, password, remote: '192.0.2.1', allowAppPassword: true, ...more })
      .then(
        (who) => who.officialId,
        (error: { code?: string }) => error.code,
      );
  const written = async (): Promise<number> =>
    (await test.db.read.select().from(test.db.t.auditLog)).filter(
      (row) => row.action === 'sign_in' && row.object === `official:${official.id}`,
    ).length;

  it('is hashed and written down once in ten minutes', async () => {
    for (let i = 0; i < 10; i++) expect(await signIn()).toBe(official.id);
    expect(await signIn(PASSWORD.normalize('NFD'))).toBe(official.id);
    expect(await written()).toBe(1);
    parts.clock.set(parts.clock.now() + 10 * 60_000);
    expect(await signIn()).toBe(official.id);
    expect(await written()).toBe(2);
  });

  it('is somebody else at another address, and at the web client', async () => {
    await signIn();
    expect(await signIn(PASSWORD, { remote: '192.0.2.2' })).toBe(official.id);
    expect(await signIn(PASSWORD, { allowAppPassword: false })).toBe(official.id);
    expect(await written()).toBe(3);
  });

  it('may not come with another password, and none that is no longer right', async () => {
    await signIn();
    expect(await signIn('mật khẩu khác 42')).toBe('sign_in.wrong');
    // The wrong one counts: the next right one is a whole sign-in again.
    expect(await signIn()).toBe(official.id);
    expect(await written()).toBe(2);
    await parts.credentials.resetPassword(official.id, 'mật khẩu mới 2026');
    expect(await signIn()).not.toBe(official.id);
  });

  it('is refused when the account was closed', async () => {
    await signIn();
    await test.db.write((tx) => parts.directory.disableOfficial(tx, official.id));
    expect(await signIn()).toBe('sign_in.disabled');
  });

  it('is never known where the setting says so', async () => {
    const strict = directoryParts(test.db, { credentials: { rememberMinutes: 0 } });
    const again = () =>
      strict.credentials.authenticate({
        address: official.address,
        password: PASSWORD,
        remote: '192.0.2.1',
        allowAppPassword: true,
      });
    await again();
    await again();
    expect(await written()).toBe(2);
  });
});
