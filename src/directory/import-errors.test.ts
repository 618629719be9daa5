import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase, type TestDatabase } from '../../test/support/databases.ts';
import type { DomainError } from '../base/errors.ts';
import { directoryParts, testUnit, type DirectoryParts } from './testing/parts.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const real = { dryRun: false };
const dry = { dryRun: true };

describe('a list with errors', () => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  beforeAll(async () => {
    test = await sqliteDatabase();
    parts = directoryParts(test.db);
    await test.db.write(async (tx) => {
      await parts.directory.addUnit(tx, testUnit('H99', { email: 'ubnd@caoson.gov.vn' }));
      await parts.directory.addUnit(tx, testUnit('H99.02', { parentCode: 'H99' }));
      await parts.directory.addUnit(tx, testUnit('H99.03', { parentCode: 'H99' }));
      await parts.directory.addUnit(tx, testUnit('H99.90'));
      await parts.directory.closeUnit(tx, 'H99.90', '2026-01-01');
      const gone = await parts.directory.addOfficial(
        tx,
        { fullName: 'Đã Về Hưu', title: 'x', unitCode: 'H99' },
        { password: 'x' },
      );
      await parts.directory.disableOfficial(tx, gone.official.id);
      await parts.directory.addOfficial(
        tx,
        { fullName: 'Người Đang Làm', title: 'x', unitCode: 'H99.03', titleMailbox: 'giamdoc@caoson.gov.vn' },
        { password: 'x' },
      );
    });
  });
  afterAll(() => test.dispose());
  const header = 'full_name,title,unit_code,address,title_mailbox,role,external_id,valid_from';
  const errorsOf = async (rows: string[], more = {}) =>
    (await parts.imports.officials(bytes([header, ...rows].join('\n')), { ...dry, ...more })).errors.map(
      (e) => `${e.line} ${e.field} ${e.code}`,
    );

  it.each([
    [',Chuyên viên,H99', ['2 fullName row.missing']],
    ['A B,,H99', ['2 title row.missing']],
    ['A B,x,', ['2 unitCode row.missing']],
    ['A B,x,so noi vu', ['2 unitCode unit.code_invalid']],
    ['A B,x,H99.77', ['2 unitCode unit.not_found']],
    ['A B,x,H99.90', ['2 unitCode unit.closed']],
    ['A B,x,H99,a@gmail.com', ['2 address address.invalid']],
    ['A B,x,H99,ubnd@caoson.gov.vn', ['2 address address.taken']],
    ['A B,x,H99,lamnd@caoson.gov.vn', ['2 address address.taken']],
    ['Đã Về Hưu,x,H99,huudv@caoson.gov.vn', ['2 fullName official.disabled']],
    ['Người Đang Làm,x,H99.03,lam@caoson.gov.vn', ['2 address address.fixed']],
    ['A B,x,H99,,ubnd@caoson.gov.vn', ['2 titleMailbox address.taken']],
    ['A B,x,H99,,,sếp', ['2 role row.unknown_value']],
    ['A B,x,H99,,,,,31/02/2026', ['2 validFrom row.not_a_day']],
    ['李小龍,x,H99', ['2 fullName name.no_letters']],
    [`${'Dài '.repeat(40)},x,H99`, ['2 fullName row.too_long']],
    [
      ',,H99.77,@,@,z,,x',
      [
        '2 fullName row.missing',
        '2 title row.missing',
        '2 unitCode unit.not_found',
        '2 address address.invalid',
        '2 titleMailbox address.invalid',
        '2 role row.unknown_value',
        '2 validFrom row.not_a_day',
      ],
    ],
  ])('%s', async (row, expected) => {
    expect(await errorsOf([row])).toEqual(expected);
  });

  it('names every bad line, also two that want the same', async () => {
    const rows = ['A B,x,H99,ab@caoson.gov.vn,,,1', 'Tốt Lành,x,H99', 'C D,x,H99,ab@caoson.gov.vn,,,1', 'E F,,H99'];
    expect(await errorsOf(rows)).toEqual([
      '4 address row.duplicate',
      '4 externalId row.duplicate',
      '5 title row.missing',
    ]);
  });

  it('brings in nothing at all, and says why in Vietnamese or English', async () => {
    const list = bytes(`${header}\nTốt Lành,x,H99\nXấu Xa,x,H99.77`);
    const refused = async (language: 'vi' | 'en') =>
      parts.imports.officials(list, { ...real, language }).then(
        () => undefined,
        (error: unknown) => error as DomainError,
      );
    expect(await refused('vi')).toMatchObject({
      code: 'import.rejected',
      details: { errors: [{ line: 3, field: 'unitCode', message: 'Mã đơn vị: không có đơn vị mang mã này' }] },
    });
    expect((await refused('en'))?.details['errors']).toMatchObject([{ message: 'unitCode: is the code of no unit' }]);
    expect(await parts.directory.resolve('lanht@caoson.gov.vn')).toBeUndefined();
  });

  it('stays within what a unit administrator has', async () => {
    const unit = await parts.directory.unit({ code: 'H99.02' });
    const within = { within: new Set([unit!.id]) };
    expect(await errorsOf(['A B,x,H99.02'], within)).toEqual([]);
    expect(await errorsOf(['A B,x,H99'], within)).toEqual(['2 unitCode unit.outside']);
    expect(await errorsOf(['Người Đang Làm,x,H99.02,lamnd@caoson.gov.vn'], within)).toEqual([
      '2 fullName official.outside',
    ]);
    expect(await errorsOf(['A B,x,H99.02,,giamdoc@caoson.gov.vn'], within)).toEqual(['2 titleMailbox unit.outside']);
    const units = await parts.imports.units(
      bytes('code,name,parent code\nH99.02,Đổi tên,H99\nH99.02.01,Mới,H99.02\nH99.44,Mới,H99\nZ99,Mới,\n'),
      { ...dry, ...within },
    );
    expect(units.errors.map((e) => `${e.line} ${e.code}`)).toEqual([
      '2 unit.outside',
      '4 unit.outside',
      '5 unit.outside',
    ]);
  });

  it.each([
    ['', 'import.header_missing'],
    ['a,b,c\n1,2,3', 'import.header_missing'],
    ['title,unit_code\n"unclosed', 'import.unreadable'],
    ['{"a":', 'import.unreadable'],
    ['{"a":1}', 'import.unreadable'],
    [Buffer.from('title,unit_code\n\xd4\xe6', 'latin1'), 'import.encoding'],
    [Buffer.from('PK\u0003\u0004rubbish'), 'import.unreadable'],
    [Buffer.alloc(11 * 1024 * 1024, 'x'), 'import.too_large'],
    [`title,unit_code\n${'x,y\n'.repeat(20_001)}`, 'import.too_large'],
  ])('is refused as a whole when it is no list (%#)', async (file, code) => {
    const bad = typeof file === 'string' ? bytes(file) : file;
    await expect(parts.imports.officials(bad, dry)).rejects.toMatchObject({ code });
  });

  it.each([
    ['H9,Tên', ['2 code unit.code_invalid']],
    ['H99.50,', ['2 name row.missing']],
    ['H99.50,Tên,H99.51', ['2 parentCode unit.not_found']],
    ['H99.50,Tên,H99.51\nH99.51,Tên,H99.50', ['2 parentCode unit.loop', '3 parentCode unit.loop']],
    ['H99.50,Tên,H99\nH99.50,Tên,H99', ['3 code row.duplicate']],
    ['H99.50,Tên,H99,ubnd@caoson.gov.vn', ['2 email address.taken']],
    ['H99,Tên,,khac@caoson.gov.vn', ['2 email address.fixed']],
    ['H99.50,Tên,H99,x@y.vn', ['2 email address.invalid']],
    ['H99.50,Tên,H99,,huyện', ['2 adminTier row.unknown_value']],
    ['H99.50,Tên,H99,,xã,2026-13-01', ['2 validFrom row.not_a_day']],
  ])('of units: %s', async (rows, expected) => {
    const list = `Mã đơn vị,Tên đơn vị,Mã đơn vị cấp trên,Địa chỉ thư,Cấp,Từ ngày\n${rows}`;
    expect((await parts.imports.units(bytes(list), dry)).errors.map((e) => `${e.line} ${e.field} ${e.code}`)).toEqual(
      expected,
    );
  });
});
