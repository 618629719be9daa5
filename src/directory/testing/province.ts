/** A directory with a few units, on a database of its own. */
import type { TestDatabase } from '../../../test/support/databases.ts';
import type { OfficialInput, Directory } from '../types.ts';
import { directoryParts, testUnit, type DirectoryParts } from './parts.ts';

export interface Province {
  test: TestDatabase;
  parts: DirectoryParts;
  /** An official of H99.02, unless `more` says otherwise. */
  add(fullName: string, more?: Partial<OfficialInput>): ReturnType<Directory['addOfficial']>;
}

export async function openProvince(open: () => Promise<TestDatabase>): Promise<Province> {
  const test = await open();
  const parts = directoryParts(test.db, { directory: { aliasDomains: ['caoson.vn'] } });
  const { directory } = parts;
  const top = { name: 'Ủy ban nhân dân tỉnh Cao Sơn', shortName: 'UBND tỉnh', email: 'ubnd@caoson.gov.vn' };
  const department = { name: 'Sở Nội vụ', shortName: 'Sở Nội vụ', parentCode: 'H99', email: 'snv@caoson.gov.vn' };
  await test.db.write(async (tx) => {
    await directory.addUnit(tx, testUnit('H99', top));
    await directory.addUnit(tx, testUnit('H99.02', department));
    await directory.addUnit(tx, testUnit('H99.02.01', { name: 'Phòng Tổ chức', parentCode: 'H99.02' }));
  });
  return {
    ...{ test, parts },
    add: (fullName, more = {}) =>
      test.db.write((tx) =>
        directory.addOfficial(tx, { fullName, title: 'Chuyên viên', unitCode: 'H99.02', ...more }, { password: 'x' }),
      ),
  };
}
