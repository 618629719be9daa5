import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import type { UnitId } from '../base/ids.ts';
import { code } from '../base/testing/code.ts';
import { directoryParts, testUnit, type DirectoryParts } from './testing/parts.ts';
import type { Official } from './types.ts';

const PASSWORD = 'mật khẩu thử 42';
const minutes = (n: number) => n * 60_000;

describe.each(dialects)('credentials on $dialect', ({ open }) => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  beforeAll(async () => {
    test = await open();
    parts = directoryParts(test.db, {
      credentials: { maxAppPasswords: 3, maxSessions: 4, remoteFailures: 1000, accountAttemptsPerMinute: 100 },
    });
    await test.db.write((tx) => parts.directory.addUnit(tx, testUnit('H99')));
  });
  afterAll(() => test.dispose());

  let count = 0;
  const someone = async (): Promise<Official> => {
    const prepared = {
      fullName: `Người Thứ ${'abcdefghijklmnopqrstuvwxyz'.charAt(count++)}`,
      title: 'Chuyên viên',
      unitCode: 'H99',
    };
    return (
      await test.db.write((tx) => parts.directory.addOfficial(tx, prepared, { password: PASSWORD, mustChange: false }))
    ).official;
  };
  const signIn = (address: string, password: string, more = {}) =>
    parts.credentials.authenticate({ address, password, remote: '192.0.2.1', allowAppPassword: true, ...more });

  it('lets in with address and password, in any case, typed on any system', async () => {
    const official = await someone();
    const signed = await signIn(official.address.toUpperCase(), PASSWORD.normalize('NFD'));
    expect(signed).toEqual({
      kind: 'official',
      officialId: official.id,
      accountId: official.accountId,
      roles: [],
      via: 'password',
      mustChange: false,
    });
  });

  it('answers an unknown address, a unit mailbox and a wrong password alike', async () => {
    const official = await someone();
    await test.db.write((tx) => parts.directory.addUnit(tx, testUnit('H99.01', { email: 'donvi@caoson.gov.vn' })));
    for (const address of [official.address, 'khongcoai@caoson.gov.vn', 'donvi@caoson.gov.vn', 'x@example.org', '']) {
      expect(await code(signIn(address, 'sai mật khẩu'))).toBe('sign_in.wrong');
    }
  });

  it('locks after five wrong passwords, known address or not, and opens by itself', async () => {
    const official = await someone();
    for (const address of [official.address, 'khongcoai2@caoson.gov.vn']) {
      for (let i = 0; i < 5; i++) expect(await code(signIn(address, `sai ${i}`))).toBe('sign_in.wrong');
      expect(await code(signIn(address, PASSWORD))).toBe('sign_in.locked');
    }
    parts.clock.advance(minutes(14));
    expect(await code(signIn(official.address, PASSWORD))).toBe('sign_in.locked');
    parts.clock.advance(minutes(1));
    expect(await code(signIn(official.address, PASSWORD))).toBe('no error');
  });

  it('counts wrong passwords in a row only, and those sent at the same moment too', async () => {
    const official = await someone();
    for (let i = 0; i < 4; i++) await code(signIn(official.address, 'sai'));
    expect(await code(signIn(official.address, PASSWORD))).toBe('no error');
    for (let i = 0; i < 4; i++) await code(signIn(official.address, 'sai'));
    expect(await code(signIn(official.address, PASSWORD))).toBe('no error');
    await Promise.all(Array.from({ length: 5 }, () => code(signIn(official.address, 'sai'))));
    expect(await code(signIn(official.address, PASSWORD))).toBe('sign_in.locked');
  });

  it('tells a disabled official so only with the right password', async () => {
    const official = await someone();
    await test.db.write((tx) => parts.directory.disableOfficial(tx, official.id));
    expect(await code(signIn(official.address, 'sai'))).toBe('sign_in.wrong');
    expect(await code(signIn(official.address, PASSWORD))).toBe('sign_in.disabled');
  });

  describe('app passwords', () => {
    it('let a mail program in, also while the password is locked, until they are deleted', async () => {
      const official = await someone();
      const { id, password } = await parts.credentials.createAppPassword(official.id, 'Thunderbird');
      expect(password).toMatch(/^(?:[a-z2-9]{4}-){6}[a-z2-9]{4}$/);
      for (let i = 0; i < 5; i++) await code(signIn(official.address, 'sai'));
      expect(await signIn(official.address, password)).toMatchObject({ via: 'app_password', mustChange: false });
      expect(await signIn(official.address, password.replaceAll('-', ' '))).toMatchObject({ via: 'app_password' });
      expect(await parts.credentials.appPasswords(official.id)).toMatchObject([
        { id, label: 'Thunderbird', lastUsedAt: parts.clock.now() },
      ]);
      await parts.credentials.deleteAppPassword(official.id, id);
      expect(await code(signIn(official.address, password))).toBe('sign_in.wrong');
    });
    it('serve nobody else, not the web sign-in, and are not deleted by others', async () => {
      const [a, b] = [await someone(), await someone()];
      const { id, password } = await parts.credentials.createAppPassword(a.id, 'x');
      expect(await code(signIn(b.address, password))).toBe('sign_in.wrong');
      expect(await code(signIn(a.address, password, { allowAppPassword: false }))).toBe('sign_in.wrong');
      expect(await code(parts.credentials.deleteAppPassword(b.id, id))).toBe('app_password.not_found');
      expect(await code(signIn(a.address, PASSWORD, { allowPassword: false }))).toBe('sign_in.wrong');
    });
    it('are limited in number and kept as hashes', async () => {
      const official = await someone();
      const made = [];
      for (let i = 0; i < 3; i++) made.push(await parts.credentials.createAppPassword(official.id, `${i}`));
      expect(await code(parts.credentials.createAppPassword(official.id, '4'))).toBe('app_password.too_many');
      const rows = await test.db.read.select().from(test.db.t.appPasswords);
      expect(JSON.stringify(rows)).not.toContain(made[0]!.password.replaceAll('-', ''));
    });
  });

  describe('sessions', () => {
    const meta = { userAgent: 'Firefox', ip: '192.0.2.1' };
    it('last while they are used, at most seven days', async () => {
      const official = await someone();
      const { token, expiresAt } = await parts.credentials.createSession(official.id, meta);
      expect(expiresAt).toBe(parts.clock.now() + 7 * 86_400_000);
      expect(token).toHaveLength(43);
      for (let hours = 0; hours < 7 * 24 - 11; hours += 11) {
        expect(await parts.credentials.session(token)).toMatchObject({
          officialId: official.id,
          via: 'session',
          mustChange: false,
        });
        parts.clock.advance(minutes(11 * 60));
      }
      parts.clock.set(expiresAt);
      expect(await parts.credentials.session(token)).toBeUndefined();
    });
    it('end after twelve unused hours', async () => {
      const { token } = await parts.credentials.createSession((await someone()).id, meta);
      parts.clock.advance(minutes(12 * 60) - 1);
      expect(await parts.credentials.session(token)).toBeDefined();
      parts.clock.advance(minutes(12 * 60));
      expect(await parts.credentials.session(token)).toBeUndefined();
    });
    it('end on sign-out, on disabling, and the oldest when there are too many', async () => {
      const official = await someone();
      const tokens: string[] = [];
      for (let i = 0; i < 6; i++) {
        tokens.push((await parts.credentials.createSession(official.id, meta)).token);
        parts.clock.advance(1000);
      }
      const alive = async () =>
        (await Promise.all(tokens.map((t) => parts.credentials.session(t)))).map((s) => s !== undefined);
      expect(await alive()).toEqual([false, false, true, true, true, true]);
      await parts.credentials.endSession(tokens[5]!);
      expect(await alive()).toEqual([false, false, true, true, true, false]);
      await test.db.write((tx) => parts.directory.disableOfficial(tx, official.id));
      expect(await alive()).toEqual(tokens.map(() => false));
    });
    it.each(['', 'x', 'x'.repeat(43), "' or 1=1 --", 'x'.repeat(100_000)])(
      'know no made-up token (%#)',
      async (token) => {
        expect(await parts.credentials.session(token)).toBeUndefined();
      },
    );
  });

  describe('changing the password', () => {
    it('ends the other sessions and asks for a different, good one', async () => {
      const official = await someone();
      const { token } = await parts.credentials.createSession(official.id, { userAgent: '', ip: '' });
      const other = await parts.credentials.createSession(official.id, { userAgent: '', ip: '' });
      const keepSession = (await parts.credentials.session(token))!.tokenHash;
      const change = (current: string, next: string) =>
        parts.credentials.changePassword(official.id, current, next, { keepSession });
      expect(await code(change('sai', 'một mật khẩu khác'))).toBe('password.wrong');
      expect(await code(change(PASSWORD, 'ngắn'))).toBe('password.too_weak');
      expect(await code(change(PASSWORD, PASSWORD.normalize('NFD')))).toBe('password.reused');
      await change(PASSWORD, 'một mật khẩu khác');
      expect(await code(signIn(official.address, PASSWORD))).toBe('sign_in.wrong');
      expect(await signIn(official.address, 'một mật khẩu khác')).toMatchObject({ mustChange: false });
      expect(await parts.credentials.session(token)).toBeDefined();
      expect(await parts.credentials.session(other.token)).toBeUndefined();
    });
    it('is no place to guess the current one', async () => {
      const official = await someone();
      for (let i = 0; i < 5; i++) await code(parts.credentials.changePassword(official.id, 'sai', 'một mật khẩu khác'));
      expect(await code(parts.credentials.changePassword(official.id, PASSWORD, 'một mật khẩu khác'))).toBe(
        'sign_in.locked',
      );
    });
    it('leaves the app passwords, or ends them when somebody else may know it', async () => {
      const official = await someone();
      const { password } = await parts.credentials.createAppPassword(official.id, 'Thunderbird');
      await parts.credentials.changePassword(official.id, PASSWORD, 'một mật khẩu khác');
      expect(await signIn(official.address, password)).toMatchObject({ via: 'app_password' });
      await parts.credentials.changePassword(official.id, 'một mật khẩu khác', PASSWORD, { endAppPasswords: true });
      expect(await code(signIn(official.address, password))).toBe('sign_in.wrong');
    });
    it('is asked for again when it was given too long ago, and a wrong one counts', async () => {
      const official = await someone();
      const signedInAt = parts.clock.now();
      const confirm = (password?: string) =>
        parts.credentials.confirmPassword(official.id, { signedInAt, password, remote: '192.0.2.77' });
      await confirm();
      parts.clock.advance(10 * 60_000 + 1);
      expect(await code(confirm())).toBe('password.confirm');
      await confirm(PASSWORD);
      for (let i = 0; i < 5; i++) expect(await code(confirm('sai'))).toBe('password.wrong');
      expect(await code(confirm(PASSWORD))).toBe('sign_in.locked');
    });
    it('by an administrator ends everything and must be followed by the official’s own', async () => {
      const official = await someone();
      const { token } = await parts.credentials.createSession(official.id, { userAgent: '', ip: '' });
      const app = await parts.credentials.createAppPassword(official.id, 'x');
      for (let i = 0; i < 5; i++) await code(signIn(official.address, 'sai'));
      const first = await parts.credentials.resetPassword(official.id, undefined, { actor: 'official:1' });
      expect(first).toMatch(/^(?:[a-z2-9]{4}-){3}[a-z2-9]{4}$/);
      expect(await parts.credentials.session(token)).toBeUndefined();
      expect(await code(signIn(official.address, app.password))).toBe('sign_in.wrong');
      expect(await signIn(official.address, first)).toMatchObject({ mustChange: true });
      await parts.credentials.changePassword(official.id, first, 'một mật khẩu khác');
      expect(await signIn(official.address, 'một mật khẩu khác')).toMatchObject({ mustChange: false });
    });
  });

  describe('keys of other systems', () => {
    it('carry scopes until they are revoked', async () => {
      const { credentials } = parts;
      const { id, secret } = await test.db.write((tx) =>
        credentials.createApiKey(tx, { name: 'eOffice', scopes: ['documents:read', 'webhooks'], unitId: 1 as UnitId }),
      );
      expect(secret).toMatch(/^cv_[\w-]{43}$/);
      expect(await credentials.apiKey(secret)).toEqual({
        kind: 'api_key',
        apiKeyId: id,
        name: 'eOffice',
        scopes: ['documents:read', 'webhooks'],
        unitId: 1,
      });
      expect(await credentials.apiKey(`${secret}x`)).toBeUndefined();
      expect(await test.db.write((tx) => credentials.revokeApiKey(tx, id))).toBe(true);
      expect(await credentials.apiKey(secret)).toBeUndefined();
      expect(await test.db.write((tx) => credentials.revokeApiKey(tx, id))).toBe(false);
      expect(await credentials.apiKeys()).toMatchObject([{ id, name: 'eOffice', revokedAt: parts.clock.now() }]);
    });
    it.each([
      [{ name: 'x', scopes: [] }],
      [{ name: 'x', scopes: ['everything'] }],
      [{ name: ' ', scopes: ['webhooks'] }],
      [{ name: 'x', scopes: ['webhooks'], secret: 'short' }],
    ])('are refused: %o', async (key) => {
      expect(await code(test.db.write((tx) => parts.credentials.createApiKey(tx, key)))).toBe('api_key.invalid');
    });
  });

  it('writes every sign-in and change to the audit log, never a password', async () => {
    const rows = await test.db.read.select().from(test.db.t.auditLog);
    const actions = new Set(rows.map((row) => row.action));
    expect([...actions]).toEqual(
      expect.arrayContaining([
        'sign_in',
        'sign_in.failed',
        'sign_in.locked',
        'sign_out',
        'password.change',
        'password.reset',
        'api_key.revoke',
        'app_password.add',
      ]),
    );
    expect(JSON.stringify(rows)).not.toContain('mật khẩu');
  });

  it('raises the cost of an old hash at the next sign-in', async () => {
    const official = await someone();
    const stronger = directoryParts(test.db, { credentials: { argon2MemoryKiB: 128, argon2Passes: 3 } });
    await stronger.credentials.resetPassword(official.id, PASSWORD);
    const dearer = directoryParts(test.db, { credentials: { argon2MemoryKiB: 256, argon2Passes: 3 } });
    await dearer.credentials.authenticate({
      address: official.address,
      password: PASSWORD,
      remote: 'x',
      allowAppPassword: false,
    });
    const rows = await test.db.read.select().from(test.db.t.credentials);
    expect(rows.find((row) => row.officialId === official.id)?.passwordHash).toContain('m=256,t=3');
    expect(await code(signIn(official.address, PASSWORD))).toBe('no error');
  });
});
