import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import type { AccountId, UnitId } from '../base/ids.ts';
import { code } from '../base/testing/code.ts';
import { testUnit, type DirectoryParts } from './testing/parts.ts';
import { openProvince, type Province } from './testing/province.ts';

describe.each(dialects)('the directory on $dialect', ({ open }) => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  let add: Province['add'];
  beforeAll(async () => {
    ({ test, parts, add } = await openProvince(open));
  });
  afterAll(() => test.dispose());

  it('gives the next number to a name that folds to a given address', async () => {
    const made = [
      await add('Nguyễn Văn Hùng'),
      await add('Nguyễn Văn Hưng'),
      await add('Nguyễn Văn Hùng'.normalize('NFD')),
    ];
    expect(made.map((m) => m.official.address)).toEqual([
      'hungnv@caoson.gov.vn',
      'hungnv1@caoson.gov.vn',
      'hungnv2@caoson.gov.vn',
    ]);
    expect(made[2]?.official.fullName).toBe('Nguyễn Văn Hùng');
  });

  it('gives two officials of one name, added at the same moment, different addresses', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => add('Trịnh Hoài Đức')));
    expect(made.map((m) => m.official.address).sort()).toEqual(
      ['ducth1@', 'ducth2@', 'ducth3@', 'ducth4@', 'ducth@'].map((a) => `${a}caoson.gov.vn`),
    );
  });

  it('never gives the address of one who left to another', async () => {
    const { official } = await add('Lê Văn Hưu');
    await test.db.write((tx) => parts.directory.disableOfficial(tx, official.id));
    expect((await add('Lê Văn Hữu')).official.address).toBe('huulv1@caoson.gov.vn');
    expect(await code(add('Ai Đó', { address: 'huulv@caoson.gov.vn' }))).toBe('address.taken');
  });

  it('lets an address be set by hand', async () => {
    const { official } = await add('Y Blơ Niê', {
      familyName: 'Niê',
      middleName: 'Y',
      givenName: 'Blơ',
      address: 'BloNY@caoson.gov.vn',
    });
    expect(official).toMatchObject({
      address: 'blony@caoson.gov.vn',
      familyName: 'Niê',
      givenName: 'Blơ',
      status: 'active',
    });
  });

  it.each([
    ['address.invalid', { address: 'x@gmail.com' }],
    ['address.invalid', { address: 'a+b@caoson.gov.vn' }],
    ['address.invalid', { address: 'a..b@caoson.gov.vn' }],
    ['address.taken', { address: 'snv@caoson.gov.vn' }],
    ['unit.not_found', { unitCode: 'H99.77' }],
    ['official.invalid', { fullName: '  ' }],
    ['official.invalid', { title: ' ' }],
    ['official.invalid', { fullName: '李小龍' }],
    ['official.invalid', { validFrom: '2026-02-30' }],
    ['address.taken', { titleMailbox: 'snv@caoson.gov.vn' }],
  ])('refuses with %s: %o, and leaves nothing behind', async (expected, more) => {
    const before = (await parts.directory.officials({ limit: 1000 })).length;
    expect(await code(add('Người Thử Sai', more))).toBe(expected);
    expect((await parts.directory.officials({ limit: 1000 })).length).toBe(before);
  });

  it.each([
    ['unit.exists', testUnit('H99')],
    ['unit.invalid', testUnit('H9')],
    ['unit.invalid', testUnit('H99.ĐN')],
    ['unit.invalid', testUnit('H99.41', { legacyCode: '0.0.0.H99' })],
    ['unit.invalid', testUnit('H99.41', { validFrom: '2025-13-01' })],
    ['unit.invalid', testUnit('H99.41', { validTo: '2020-01-01' })],
    ['unit.not_found', testUnit('H99.41.1', { parentCode: 'H99.41' })],
    ['address.taken', testUnit('H99.41', { email: 'snv@caoson.gov.vn' })],
    ['address.invalid', testUnit('H99.41', { email: 'snv@bacninh.gov.vn' })],
  ])('refuses a unit with %s', async (expected, unit) => {
    expect(await code(test.db.write((tx) => parts.directory.addUnit(tx, unit)))).toBe(expected);
  });

  it('finds an alias, and names the main address', async () => {
    const { official } = await add('Mã Kim Đổi');
    await test.db.write((tx) => parts.directory.addAlias(tx, official.accountId, 'tencu@caoson.gov.vn'));
    expect(await parts.directory.resolve('tencu@caoson.gov.vn')).toMatchObject({
      address: 'doimk@caoson.gov.vn',
      official: { aliases: ['tencu@caoson.gov.vn'] },
    });
    expect(
      await code(test.db.write((tx) => parts.directory.addAlias(tx, official.accountId, 'ubnd@caoson.gov.vn'))),
    ).toBe('address.taken');
  });

  it('walks the tree of units', async () => {
    const { directory } = parts;
    const ids = await Promise.all(
      ['H99', 'H99.02', 'H99.02.01'].map(async (c) => (await directory.unit({ code: c }))?.id),
    );
    expect(await directory.unitsBelow(ids[1] as UnitId)).toEqual(ids.slice(1));
    expect(await directory.unitsBelow(ids[0] as UnitId)).toEqual(expect.arrayContaining(ids));
    expect(
      await code(test.db.write((tx) => directory.updateUnit(tx, testUnit('H99', { parentCode: 'H99.02.01' })))),
    ).toBe('unit.invalid');
  });

  describe('mailboxes of units and posts', () => {
    let head: Awaited<ReturnType<typeof add>>['official'];
    beforeAll(async () => {
      head = (await add('Tạ Vĩnh Kỳ', { title: 'Giám đốc', titleMailbox: 'giamdoc.snv@caoson.gov.vn' })).official;
    });
    const account = async (address: string) => (await parts.directory.resolve(address))?.accountId as AccountId;

    it('open for the holder of the post, named after the post', async () => {
      expect(await parts.directory.accessibleAccounts(head.id)).toEqual([
        {
          accountId: head.accountId,
          kind: 'person',
          name: 'Tạ Vĩnh Kỳ',
          addresses: ['kytv@caoson.gov.vn'],
          canSend: true,
        },
        {
          accountId: await account('giamdoc.snv@caoson.gov.vn'),
          kind: 'title',
          name: 'Giám đốc - Sở Nội vụ',
          addresses: ['giamdoc.snv@caoson.gov.vn'],
          canSend: true,
        },
      ]);
    });
    it('open for named delegates, to read or to send', async () => {
      const { directory } = parts;
      const unit = await account('snv@caoson.gov.vn');
      const clerk = (await add('Đỗ Thị Thư')).official;
      expect(await directory.maySendAs(clerk.id, 'snv@caoson.gov.vn')).toBeUndefined();
      await test.db.write((tx) => directory.addDelegate(tx, unit, clerk.id, { canSend: false }));
      expect(await directory.accessibleAccounts(clerk.id)).toMatchObject([
        { kind: 'person' },
        { kind: 'unit', name: 'Sở Nội vụ', canSend: false },
      ]);
      expect(await directory.maySendAs(clerk.id, 'snv@caoson.gov.vn')).toBeUndefined();
      await test.db.write((tx) => directory.addDelegate(tx, unit, clerk.id, { canSend: true }));
      expect(await directory.maySendAs(clerk.id, 'SNV+x@caoson.gov.vn')).toEqual({ accountId: unit, kind: 'unit' });
      expect(await directory.delegates(unit)).toMatchObject([{ official: { fullName: 'Đỗ Thị Thư' }, canSend: true }]);
      await test.db.write((tx) => directory.removeDelegate(tx, unit, clerk.id));
      expect(await directory.delegates(unit)).toEqual([]);
      expect(await directory.accessibleAccounts(clerk.id)).toHaveLength(1);
    });
    it('let nobody send as another person', async () => {
      expect(await parts.directory.maySendAs(head.id, 'hungnv@caoson.gov.vn')).toBeUndefined();
      expect(await parts.directory.maySendAs(head.id, head.address)).toEqual({
        accountId: head.accountId,
        kind: 'person',
      });
      expect(
        await code(test.db.write((tx) => parts.directory.addDelegate(tx, head.accountId, head.id, { canSend: true }))),
      ).toBe('delegate.not_shared');
    });
    it('stay with the post when the holder moves', async () => {
      const { directory } = parts;
      const before = (await add('Cũ Văn Đi', { title: 'Chánh Thanh tra', titleMailbox: 'chanhthanhtra@caoson.gov.vn' }))
        .official;
      await test.db.write((tx) =>
        directory.updateOfficial(tx, before.id, { fullName: 'Cũ Văn Đi', title: 'Phó Chủ tịch', unitCode: 'H99' }),
      );
      expect(await directory.accessibleAccounts(before.id)).toHaveLength(1);
      expect(await directory.official({ id: before.id })).toMatchObject({
        address: before.address,
        posts: [{ title: 'Phó Chủ tịch', unitCode: 'H99' }],
      });
      const after = (
        await add('Mới Văn Đến', { title: 'Chánh Thanh tra', titleMailbox: 'chanhthanhtra@caoson.gov.vn' })
      ).official;
      expect(await directory.delegates(await account('chanhthanhtra@caoson.gov.vn'))).toMatchObject([
        { official: { id: after.id } },
      ]);
    });
    it('close for one who is disabled, whose roles end too', async () => {
      const gone = (await add('Rời Đi Đâu', { titleMailbox: 'roidi@caoson.gov.vn' })).official;
      await test.db.write((tx) => parts.directory.grantRole(tx, gone.id, { role: 'unit_admin', unitId: 1 as UnitId }));
      expect(await parts.directory.grants(gone.id)).toEqual([{ role: 'unit_admin', unitId: 1 }]);
      await test.db.write((tx) => parts.directory.disableOfficial(tx, gone.id));
      expect(await parts.directory.accessibleAccounts(gone.id)).toEqual([]);
      expect(await parts.directory.grants(gone.id)).toEqual([]);
      const { accounts } = test.db.t;
      const [account] = await test.db.read.select().from(accounts).where(eq(accounts.id, gone.accountId));
      expect(account).toMatchObject({ kind: 'person', status: 'disabled' });
    });
  });

  describe('search', () => {
    const names = async (query: string) => (await parts.directory.search(query, 20)).map((entry) => entry.name);
    it('finds people and units by the beginnings of words, marks or not', async () => {
      expect(await names('tạ ky')).toEqual(['Tạ Vĩnh Kỳ']);
      expect(await names('so noi vu')).toContain('Sở Nội vụ');
      expect(await names('giam doc noi')).toEqual(expect.arrayContaining(['Giám đốc - Sở Nội vụ', 'Tạ Vĩnh Kỳ']));
      expect(await names('inh')).toEqual([]);
      expect(await names('H99.02')).toContain('Sở Nội vụ');
    });
    it('puts a typed address first', async () => {
      expect((await parts.directory.search('hungnv1', 5))[0]).toMatchObject({
        kind: 'person',
        name: 'Nguyễn Văn Hưng',
        unitCode: 'H99.02',
        title: 'Chuyên viên',
      });
    });
    it.each(['', '  ', '%', '_', "' or 1=1", '!'])('treats %j as text', async (query) => {
      expect(await names(query)).toEqual([]);
    });
    it('is bounded', async () => {
      expect(await parts.directory.search('nguyen', 1)).toHaveLength(1);
      expect(await parts.directory.search('nguyen', -1)).toEqual([]);
    });
    it('leaves out who was disabled', async () => {
      expect(await names('le van huu')).toEqual(['Lê Văn Hữu']);
    });
  });

  it('lists officials page by page, by unit, by words', async () => {
    const { directory } = parts;
    const all = await directory.officials({ limit: 1000 });
    const first = await directory.officials({ limit: 3 });
    const next = await directory.officials({ limit: 3, after: first[2]!.id });
    expect([...first, ...next].map((o) => o.id)).toEqual(all.slice(0, 6).map((o) => o.id));
    const unit = await directory.unit({ code: 'H99' });
    expect((await directory.officials({ unitId: unit!.id })).map((o) => o.fullName)).toEqual(['Cũ Văn Đi']);
    expect((await directory.officials({ query: 'van hung' })).map((o) => o.address)).toContain('hungnv@caoson.gov.vn');
  });

  it('writes every change of rights to an unbroken audit log', async () => {
    const { auditLog } = test.db.t;
    const actions = new Set(
      (await test.db.read.select({ action: auditLog.action }).from(auditLog)).map((row) => row.action),
    );
    expect([...actions]).toEqual(
      expect.arrayContaining([
        'unit.add',
        'official.add',
        'official.disable',
        'delegate.add',
        'delegate.remove',
        'grant.add',
        'address.add',
      ]),
    );
  });
});
