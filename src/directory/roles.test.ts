import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import type { UnitId } from '../base/ids.ts';
import { directoryParts, testUnit, type DirectoryParts } from './testing/parts.ts';
import type { Grant, Official } from './types.ts';

const administrator: Grant = { role: 'system_admin', unitId: 0 as UnitId };

describe.each(dialects)('the postmaster on $dialect', ({ open }) => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  const people: Official[] = [];
  beforeAll(async () => {
    test = await open();
    parts = directoryParts(test.db, { directory: { aliasDomains: ['caoson.vn'] } });
    await test.db.write(async (tx) => {
      await parts.directory.addUnit(tx, testUnit('H99', { email: 'ubnd@caoson.gov.vn' }));
      for (const fullName of ['Trần Văn An', 'Lê Thị Bình', 'Phạm Văn Cường']) {
        const input = { fullName, title: 'Chuyên viên', unitCode: 'H99' };
        people.push((await parts.directory.addOfficial(tx, input, { password: 'x' })).official);
      }
    });
  });
  afterAll(() => test.dispose());

  const mayOpen = async (official: Official | undefined) =>
    (await parts.directory.accessibleAccounts(official!.id)).flatMap(({ addresses }) => addresses);
  const write = (work: Parameters<typeof test.db.write<void>>[0]) => test.db.write(work);

  it('has a mailbox before there is anybody to read it, by every name that the RFCs ask for', async () => {
    await write((tx) => parts.directory.openPostmaster(tx));
    const owner = await parts.directory.resolve('postmaster@caoson.gov.vn');
    expect(owner).toMatchObject({ kind: 'title', name: 'Quản trị thư', address: 'postmaster@caoson.gov.vn' });
    for (const name of ['Abuse@caoson.gov.vn', 'POSTMASTER@caoson.vn', 'postmaster+tls@caoson.gov.vn'])
      expect((await parts.directory.resolve(name))?.accountId).toBe(owner?.accountId);
    expect(await parts.directory.delegates(owner!.accountId)).toEqual([]);
  });

  it('is made once', async () => {
    const before = await parts.directory.resolve('postmaster@caoson.gov.vn');
    await write((tx) => parts.directory.openPostmaster(tx));
    expect(await parts.directory.resolve('postmaster@caoson.gov.vn')).toEqual(before);
  });

  it('is read and answered by administrators of the whole province, as long as they are', async () => {
    const [an, binh] = people;
    const { directory } = parts;
    await write((tx) => directory.grantRole(tx, an!.id, administrator));
    await write((tx) => directory.grantRole(tx, an!.id, administrator));
    const unit = await directory.unit({ code: 'H99' });
    await write((tx) => directory.grantRole(tx, binh!.id, { role: 'unit_admin', unitId: unit!.id }));
    expect(await mayOpen(an)).toEqual([an!.address, 'postmaster@caoson.gov.vn', 'abuse@caoson.gov.vn']);
    expect(await directory.maySendAs(an!.id, 'abuse@caoson.gov.vn')).toMatchObject({ kind: 'title' });
    expect(await mayOpen(binh)).toEqual([binh!.address]);
    await write((tx) => directory.revokeRole(tx, an!.id, administrator));
    expect(await mayOpen(an)).toEqual([an!.address]);
  });

  it('is found in the address book', async () => {
    expect(await parts.directory.search('quan tri', 5)).toMatchObject([{ address: 'postmaster@caoson.gov.vn' }]);
  });
});

describe.each(dialects)('a postmaster that comes later on $dialect', ({ open }) => {
  it('opens for those who administer already, and leaves abuse@ to whom it was given', async () => {
    const test = await open();
    const { directory } = directoryParts(test.db);
    const official = await test.db.write(async (tx) => {
      await directory.addUnit(tx, testUnit('H99', { email: 'abuse@caoson.gov.vn' }));
      const input = { fullName: 'Trần Văn An', title: 'Chuyên viên', unitCode: 'H99' };
      const added = await directory.addOfficial(tx, input, { password: 'x' });
      await directory.grantRole(tx, added.official.id, administrator);
      await directory.openPostmaster(tx);
      return added.official;
    });
    const accounts = await directory.accessibleAccounts(official.id);
    expect(accounts.map(({ addresses }) => addresses)).toEqual([[official.address], ['postmaster@caoson.gov.vn']]);
    expect(await directory.resolve('abuse@caoson.gov.vn')).toMatchObject({ kind: 'unit' });
    await test.dispose();
  });
});
