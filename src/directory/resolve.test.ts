import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import { code } from '../base/testing/code.ts';
import { testUnit, type DirectoryParts } from './testing/parts.ts';
import { openProvince, type Province } from './testing/province.ts';

describe.each(dialects)('an address on $dialect', ({ open }) => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  let add: Province['add'];
  beforeAll(async () => {
    ({ test, parts, add } = await openProvince(open));
  });
  afterAll(() => test.dispose());

  it.each(['snv@caoson.gov.vn', 'SNV@CaoSon.gov.vn', 'snv+khan@caoson.gov.vn', 'snv@caoson.vn', ' snv@caoson.gov.vn '])(
    'knows %s',
    async (address) => {
      expect(await parts.directory.resolve(address)).toMatchObject({
        kind: 'unit',
        address: 'snv@caoson.gov.vn',
        name: 'Sở Nội vụ',
        unit: { code: 'H99.02' },
      });
    },
  );
  it.each([
    '',
    '@',
    'snv',
    'snv@',
    '@caoson.gov.vn',
    'khong@caoson.gov.vn',
    'snv@example.org',
    '+snv@caoson.gov.vn',
    `${'a'.repeat(400)}@caoson.gov.vn`,
    "snv'--@caoson.gov.vn",
  ])('does not know %j', async (address) => {
    expect(await parts.directory.resolve(address)).toBeUndefined();
  });
  // RFC 5321 §4.1.2
  it.each(['"snv"@caoson.gov.vn', '"s\\nv"@caoson.gov.vn', '"snv+thu"@caoson.gov.vn'])(
    'knows %j as snv',
    async (quoted) => {
      expect(await parts.directory.resolve(quoted)).toMatchObject({ kind: 'unit', address: 'snv@caoson.gov.vn' });
    },
  );
  it.each([
    '"snv@caoson.gov.vn',
    '""@caoson.gov.vn',
    '"s nv"@caoson.gov.vn',
    '"s"nv"@caoson.gov.vn',
    'snv"@caoson.gov.vn',
  ])('does not know the broken %j', async (quoted) => {
    expect(await parts.directory.resolve(quoted)).toBeUndefined();
  });
  it('forgets what it knew when the directory changes', async () => {
    expect(await parts.directory.resolve('moimk@caoson.gov.vn')).toBeUndefined();
    const { official } = await add('Mã Kim Mới');
    expect(await parts.directory.resolve('moimk@caoson.gov.vn')).toMatchObject({
      kind: 'person',
      name: 'Mã Kim Mới',
      accountId: official.accountId,
    });
    await test.db.write((tx) => parts.directory.disableOfficial(tx, official.id));
    expect(await parts.directory.resolve('moimk@caoson.gov.vn')).toBeUndefined();
    await test.db.write((tx) => parts.directory.enableOfficial(tx, official.id));
    expect(await parts.directory.resolve('moimk@caoson.gov.vn')).toBeDefined();
  });
  it('stops at midnight in Vietnam when a unit closes', async () => {
    await test.db.write((tx) => parts.directory.addUnit(tx, testUnit('H99.90', { email: 'huyencu@caoson.gov.vn' })));
    await test.db.write((tx) => parts.directory.closeUnit(tx, 'H99.90', '2026-11-23'));
    expect(await parts.directory.resolve('huyencu@caoson.gov.vn')).toBeDefined();
    const now = parts.clock.now();
    parts.clock.set(Date.UTC(2026, 10, 22, 17));
    expect(await parts.directory.resolve('huyencu@caoson.gov.vn')).toBeUndefined();
    expect(await parts.directory.unit({ code: 'H99.90' })).toMatchObject({ validTo: '2026-11-23' });
    expect(await code(add('Vào Sau Khi', { unitCode: 'H99.90' }))).toBe('unit.invalid');
    parts.clock.set(now);
  });
});
