/** The limits of [directory] and [credentials] at their border: the last that is allowed, the first that is not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, sqliteDatabase, type TestDatabase } from '../../test/support/databases.ts';
import type { AccountId, OfficialId } from '../base/ids.ts';
import { code } from '../base/testing/code.ts';
import { hashPassword } from './passwords.ts';
import { directoryParts, testUnit, type DirectoryParts } from './testing/parts.ts';
import { workbook } from './testing/workbook.ts';
import type { Official } from './types.ts';

const PASSWORD = 'mật khẩu thử 42';
const minute = 60_000;
const MiB = 2 ** 20;

describe.each(dialects)('limits of the directory on $dialect', ({ open }) => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  beforeAll(async () => {
    test = await open();
    parts = directoryParts(test.db, {
      directory: { personQuotaMiB: 3, unitQuotaMiB: 5, titleQuotaMiB: 7 },
      credentials: {
        ...{ lockAfterFailures: 3, lockMinutes: 2, remoteFailures: 6, accountAttemptsPerMinute: 9 },
        ...{ sessionIdleMinutes: 30, sessionDays: 2, maxSessions: 2, maxAppPasswords: 3, confirmMinutes: 5 },
        ...{ rememberMinutes: 4 },
      },
    });
    await test.db.write((tx) => parts.directory.addUnit(tx, testUnit('H99', { email: 'ubnd@caoson.gov.vn' })));
  });
  afterAll(() => test.dispose());

  let count = 0;
  const prepared = () => ({
    fullName: `Người Thứ ${'abcdefghijklmnopqrstuvwxyz'.charAt(count++)}`,
    title: 'Chuyên viên',
    unitCode: 'H99',
  });
  const someone = async (): Promise<Official> => {
    const added = test.db.write((tx) =>
      parts.directory.addOfficial(tx, prepared(), { password: PASSWORD, mustChange: false }),
    );
    return (await added).official;
  };
  /** Each official comes from an address of its own. */
  const signIn = (official: Official, password: string, remote = `192.0.2.${official.id}`) =>
    code(parts.credentials.authenticate({ address: official.address, password, remote, allowAppPassword: true }));
  const quotaOf = async (id: AccountId): Promise<number | undefined> => {
    const rows = await test.db.read.select().from(test.db.t.accounts);
    return rows.find((row) => row.id === id)?.quotaBytes;
  };

  it('personQuotaMiB, unitQuotaMiB and titleQuotaMiB: what a new mailbox of each kind may hold', async () => {
    const person = await someone();
    const unit = await parts.directory.unit({ code: 'H99' });
    const holder = { ...prepared(), titleMailbox: 'chutich@caoson.gov.vn' };
    await test.db.write((tx) => parts.directory.addOfficial(tx, holder, { password: PASSWORD }));
    const title = await parts.directory.resolve('chutich@caoson.gov.vn');
    expect(await quotaOf(person.accountId)).toBe(3 * MiB);
    expect(await quotaOf(unit!.accountId!)).toBe(5 * MiB);
    expect(await quotaOf(title!.accountId)).toBe(7 * MiB);
  });

  it('lockAfterFailures and lockMinutes: the last wrong password locks, and the time opens again', async () => {
    const official = await someone();
    for (let i = 0; i < 2; i++) expect(await signIn(official, 'sai')).toBe('sign_in.wrong');
    expect(await signIn(official, PASSWORD)).toBe('no error');
    for (let i = 0; i < 3; i++) expect(await signIn(official, 'sai')).toBe('sign_in.wrong');
    expect(await signIn(official, PASSWORD)).toBe('sign_in.locked');
    parts.clock.advance(2 * minute - 1);
    expect(await signIn(official, PASSWORD)).toBe('sign_in.locked');
    parts.clock.advance(1);
    expect(await signIn(official, PASSWORD)).toBe('no error');
  });

  it('remoteFailures: of one address, whoever is asked for; what was right does not count', async () => {
    const right = await someone();
    const wrong = (i: number) => ({ ...right, address: `khongcoai${i}@caoson.gov.vn` });
    for (let i = 0; i < 5; i++) expect(await signIn(wrong(i), 'sai', '198.51.100.1')).toBe('sign_in.wrong');
    expect(await signIn(right, PASSWORD, '198.51.100.1')).toBe('no error');
    expect(await signIn(wrong(5), 'sai', '198.51.100.1')).toBe('sign_in.wrong');
    expect(await signIn(wrong(6), 'sai', '198.51.100.1')).toBe('sign_in.rate_limited');
    expect(await signIn(wrong(6), 'sai', '198.51.100.2')).toBe('sign_in.wrong');
  });

  it('accountAttemptsPerMinute: of one official, right or wrong, from anywhere', async () => {
    const official = await someone();
    for (let i = 0; i < 9; i++) expect(await signIn(official, PASSWORD, `203.0.113.${i}`)).toBe('no error');
    expect(await signIn(official, PASSWORD, '203.0.113.99')).toBe('sign_in.rate_limited');
    // What is known from before is not hashed, and does not count.
    expect(await signIn(official, PASSWORD, '203.0.113.1')).toBe('no error');
  });

  it('rememberMinutes: so long a mail program is known, and not a moment longer', async () => {
    const official = await someone();
    const written = async (): Promise<number> =>
      (await test.db.read.select().from(test.db.t.auditLog)).filter(
        ({ action, object }) => action === 'sign_in' && object === `official:${official.id}`,
      ).length;
    await signIn(official, PASSWORD);
    parts.clock.advance(4 * minute - 1);
    await signIn(official, PASSWORD);
    expect(await written()).toBe(1);
    parts.clock.advance(1);
    await signIn(official, PASSWORD);
    expect(await written()).toBe(2);
  });

  it('sessionIdleMinutes and sessionDays: unused for so long, or so long after sign-in', async () => {
    const { credentials, clock } = parts;
    const { token, expiresAt } = await credentials.createSession((await someone()).id, { userAgent: '', ip: '' });
    const isOpen = async (): Promise<boolean> => (await credentials.session(token)) !== undefined;
    expect(expiresAt).toBe(clock.now() + 2 * 1440 * minute);
    while (clock.now() < expiresAt - 30 * minute) {
      clock.advance(30 * minute - 1);
      expect(await isOpen()).toBe(true);
    }
    clock.set(expiresAt - 1);
    expect(await isOpen()).toBe(true);
    clock.advance(1);
    expect(await isOpen()).toBe(false);
    const other = await credentials.createSession((await someone()).id, { userAgent: '', ip: '' });
    clock.advance(30 * minute);
    expect(await credentials.session(other.token)).toBeUndefined();
  });

  it('maxSessions: the one that was used longest ago gives way', async () => {
    const { id } = await someone();
    const tokens: string[] = [];
    for (let i = 0; i < 3; i++) {
      tokens.push((await parts.credentials.createSession(id, { userAgent: '', ip: '' })).token);
      parts.clock.advance(1);
    }
    const open = await Promise.all(tokens.map((token) => parts.credentials.session(token)));
    expect(open.map((session) => session !== undefined)).toEqual([false, true, true]);
  });

  it('maxAppPasswords: also of those that are asked for at the same moment', async () => {
    const { id } = await someone();
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, i) => code(parts.credentials.createAppPassword(id, `điện thoại ${i}`))),
    );
    expect(made.sort()).toEqual([
      ...Array<string>(3).fill('app_password.too_many'),
      ...Array<string>(3).fill('no error'),
    ]);
  });

  it('confirmMinutes: so long after sign-in nothing more is asked', async () => {
    const confirm = (id: OfficialId, signedInAt: number) =>
      code(parts.credentials.confirmPassword(id, { signedInAt, password: undefined }));
    const { id } = await someone();
    const now = parts.clock.now();
    expect(await confirm(id, now - 5 * minute)).toBe('no error');
    expect(await confirm(id, now - 5 * minute - 1)).toBe('password.confirm');
  });
});

describe('the memory of addresses', () => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  let people: Official[];
  beforeAll(async () => {
    test = await sqliteDatabase();
    parts = directoryParts(test.db, { directory: { cacheEntries: 2, cacheSeconds: 4 } });
    await test.db.write((tx) => parts.directory.addUnit(tx, testUnit('H99')));
    const add = (fullName: string) =>
      test.db.write((tx) =>
        parts.directory.addOfficial(tx, { fullName, title: 'Chuyên viên', unitCode: 'H99' }, { password: PASSWORD }),
      );
    people = [];
    for (const name of ['Trần An', 'Trần Bình', 'Trần Chi']) people.push((await add(name)).official);
    await isKnown(0);
    await isKnown(1);
    // As by a process that cannot tell us.
    await test.db.write((tx) => tx.q.delete(test.db.t.addresses));
  });
  afterAll(() => test.dispose());
  const isKnown = async (i: number): Promise<boolean> =>
    (await parts.directory.resolve(people[i]!.address)) !== undefined;

  it('cacheSeconds: what another process changed is seen after so long', async () => {
    parts.clock.advance(4000 - 1);
    expect(await isKnown(0)).toBe(true);
  });

  it('cacheEntries: or once others took the place, the one that was not asked for first', async () => {
    expect([await isKnown(2), await isKnown(0), await isKnown(1)]).toEqual([false, true, false]);
  });

  it('cacheSeconds: and no longer', async () => {
    // Asked for last but one.
    expect(await isKnown(0)).toBe(true);
    parts.clock.advance(1);
    expect(await isKnown(0)).toBe(false);
  });
});

describe('limits of an import', () => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  const head = 'code,name\n';
  beforeAll(async () => {
    test = await sqliteDatabase();
    parts = directoryParts(test.db, { directory: { importMaxRows: 3, importMaxBytes: 4000 } });
  });
  afterAll(() => test.dispose());
  const shown = async (file: string | Uint8Array): Promise<unknown> => {
    try {
      const { created, errors } = await parts.imports.units(Buffer.from(file), { dryRun: true });
      return errors.length > 0 ? errors : created;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  const rows = (n: number): [string, string][] => Array.from({ length: n }, (_, i) => [`H9${i + 1}`, `Sở ${i}`]);
  const csv = (n: number): string =>
    head +
    rows(n)
      .map((row) => `${row.join(',')}\n`)
      .join('');
  const json = (n: number): string => JSON.stringify(rows(n).map(([code, name]) => ({ code, name })));

  it('importMaxRows: lines below the header, in each kind of file', async () => {
    const book = (n: number): Uint8Array => workbook([['code', 'name'], ...rows(n)]);
    for (const make of [csv, json, book]) {
      expect(await shown(make(3))).toBe(3);
      expect(await shown(make(4))).toBe('import.too_large');
    }
  });

  it('importMaxRows: lines with nothing in them do not count, and take no place of others', async () => {
    const blank = ',\n \u00a0 , \n'.repeat(5);
    expect(await shown(csv(3).replace(head, head + blank))).toBe(3);
    expect(await shown(csv(4).replace(head, head + blank))).toBe('import.too_large');
  });

  it('importMaxRows: a list of JSON with a name of its own in each row takes no more memory than it has', async () => {
    const { importMaxBytes } = directoryParts(test.db).settings.directory;
    const large = directoryParts(test.db, { directory: { importMaxRows: 1_000_000 } });
    const list = Array.from({ length: 40_000 }, (_, i) => `{"k${i}":1}`).join();
    const file = Buffer.from(`[{"code":"H91","name":"Sở"},${list}]`);
    expect(file.length).toBeLessThan(importMaxBytes);
    const { rows: read, errors } = await large.imports.units(file, { dryRun: true });
    expect([read.length, errors.length > 0]).toEqual([1, false]);
  });

  it('importMaxBytes: of the file, and ten times that unpacked', async () => {
    const padded = (octets: number): Buffer =>
      Buffer.concat([Buffer.from(csv(1))], octets).fill('\n', csv(1).length + 1);
    expect(await shown(padded(4000))).toBe(1);
    expect(await shown(padded(4001))).toBe('import.too_large');
    // A workbook says in its directory what it unpacks to: at 24 of each entry.
    const bomb = (octets: number): Buffer => {
      const book = workbook([['code', 'name'], ...rows(1)]);
      const entries: number[] = [];
      for (let at = book.indexOf('PK\u0001\u0002'); at >= 0; at = book.indexOf('PK\u0001\u0002', at + 4))
        entries.push(at + 24);
      const others = entries.slice(1).reduce((sum, at) => sum + book.readUInt32LE(at), 0);
      book.writeUInt32LE(octets - others, entries[0]);
      return book;
    };
    expect(await shown(bomb(40_000))).not.toBe('import.too_large');
    expect(await shown(bomb(40_001))).toBe('import.too_large');
  });
});

describe('a workbook that is small on the disk', () => {
  it('importHeapMb: and takes more than this in memory is refused, and nobody else notices', async () => {
    const test = await sqliteDatabase();
    try {
      const wide = (n: number): string[][] =>
        Array.from({ length: n }, (_, i) => Object.assign([`H9${i}`, `Sở ${i}`], { 16383: 'x' }));
      const given = { importHeapMb: 64, importMaxRows: 100_000, importMaxBytes: 10_000_000 };
      const { imports } = directoryParts(test.db, { directory: given });
      const read = (n: number) => imports.units(workbook([['code', 'name'], ...wide(n)]), { dryRun: true });
      expect((await read(3)).created).toBe(3);
      await expect(read(3000)).rejects.toMatchObject({ code: 'import.too_large' });
      expect((await read(3)).created).toBe(3);
    } finally {
      await test.dispose();
    }
  });
});

describe('the cost of a password', () => {
  it('argon2MemoryKiB and argon2Passes: the least that the settings take can be hashed', async () => {
    expect(await hashPassword('x', { argon2MemoryKiB: 8, argon2Passes: 1 })).toContain('$m=8,t=1,');
  });
});
