import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, sqliteDatabase, type TestDatabase } from '../../test/support/databases.ts';
import { packageRoot } from '../base/paths.ts';
import type { DomainError } from '../base/errors.ts';
import { directoryParts, testUnit, type DirectoryParts } from './testing/parts.ts';
import { workbook } from './testing/workbook.ts';

const sample = (name: string) => readFileSync(join(packageRoot, 'src/demo/sample', name));
const bytes = (text: string) => Buffer.from(text, 'utf8');
const real = { dryRun: false };
const dry = { dryRun: true };

describe.each(dialects)('the sample province on $dialect', ({ open }) => {
  let test: TestDatabase;
  let parts: DirectoryParts;
  beforeAll(async () => {
    test = await open();
    parts = directoryParts(test.db);
  });
  afterAll(() => test.dispose());
  const csv = () => sample('sample-officials.csv').toString('utf8');
  const expected = () =>
    csv().match(
      /[\w.]+@caoson\.gov\.vn(?=,[\w.@]*,(?:lanh_dao|lanh_dao_phong|van_thu|chuyen_vien|quan_tri|mot_cua),)/g,
    ) ?? [];

  it('brings in 30 units with their mailboxes, children after parents', async () => {
    const shown = await parts.imports.units(sample('sample-units.json'), dry);
    expect(shown).toMatchObject({ dryRun: true, created: 30, errors: [] });
    expect(await parts.directory.units()).toEqual([]);
    const done = await parts.imports.units(sample('sample-units.json'), real);
    expect(done).toMatchObject({ created: 30, updated: 0, unchanged: 0 });
    const units = await parts.directory.units();
    expect(units).toHaveLength(30);
    const byId = new Map(units.map((unit) => [unit.id, unit.code]));
    for (const unit of units)
      if (unit.parentId !== null) expect(unit.code.startsWith(byId.get(unit.parentId)!)).toBe(true);
    expect(await parts.directory.resolve('ttcds.skhcn@caoson.gov.vn')).toMatchObject({
      kind: 'unit',
      unit: { code: 'H99.06.01', legacyCode: '000.01.06.H99' },
    });
  });

  it('shows 40 officials, each with the address that one expects, and does nothing yet', async () => {
    const shown = await parts.imports.officials(sample('sample-officials.csv'), dry);
    expect(shown).toMatchObject({ created: 40, updated: 0, unchanged: 0, errors: [] });
    expect(expected()).toHaveLength(40);
    expect(shown.rows.map((row) => row.key)).toEqual(expected());
    expect(shown.rows.every((row) => row.password === undefined)).toBe(true);
    expect(await parts.directory.officials()).toEqual([]);
  });

  it('makes the same addresses by the rule alone', async () => {
    const withoutAddresses = csv()
      .split('\n')
      .map((line) =>
        /address set by hand/.test(line)
          ? line
          : line.replace(/[\w.]+@caoson\.gov\.vn(?=,[\w.@]*,(?:lanh|van|chuyen|quan|mot))/, ''),
      );
    const shown = await parts.imports.officials(bytes(withoutAddresses.join('\n')), dry);
    expect(shown.rows.map((row) => row.key)).toEqual(expected());
  });

  it('imports them: names as written, posts, title mailboxes, first passwords to be changed', async () => {
    const done = await parts.imports.officials(sample('sample-officials.csv'), { ...real, actor: 'cli' });
    expect(done).toMatchObject({ created: 40 });
    const row = done.rows.find((r) => r.key === 'thuybtt@caoson.gov.vn');
    const signed = await parts.credentials.authenticate({
      address: row!.key,
      password: row!.password!,
      remote: 'x',
      allowAppPassword: false,
    });
    expect(signed.mustChange).toBe(true);
    expect(await parts.directory.official({ address: 'thuybtt@caoson.gov.vn' })).toMatchObject({
      fullName: 'Bùi Thị Thanh Thuý',
      posts: [{ unitCode: 'H99.01', role: 'van_thu' }],
    });
    expect(await parts.directory.official({ address: 'phongad@caoson.gov.vn' })).toMatchObject({
      familyName: 'Âu Dương',
      middleName: '',
      givenName: 'Phong',
    });
    const [chairman] = await parts.directory.officials({ limit: 1 });
    expect(await parts.directory.accessibleAccounts(chairman!.id)).toMatchObject([
      { kind: 'person' },
      { kind: 'title', name: 'Chủ tịch UBND tỉnh' },
    ]);
    expect(new Set(done.rows.map((r) => r.password)).size).toBe(40);
  });

  it('changes nothing when imported again, in any of the forms offices use', async () => {
    const accounts = async () => (await test.db.read.select().from(test.db.t.accounts)).length;
    const count = await accounts();
    expect(count).toBe(40 + 30 + 17);
    const text = csv();
    const semicolons = text
      .replaceAll(/("[^"]*")|,/g, (_, quoted: string | undefined) => quoted ?? ';')
      .replaceAll('\n', '\r\n');
    const vietnamese = text.replace(
      /^.*\n/,
      'Họ và tên,Họ,Đệm,Tên,Chức vụ,Mã đơn vị,Tên đơn vị,Địa chỉ,Hộp thư chức danh,Vai trò,Ghi chú\n',
    );
    const forms = [text, `\ufeff${semicolons}`, text.normalize('NFD'), vietnamese, vietnamese.normalize('NFD')].map(
      bytes,
    );
    forms.push(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]));
    for (const form of forms) {
      expect(await parts.imports.officials(form, real)).toMatchObject({ created: 0, updated: 0, unchanged: 40 });
    }
    const noAddresses = text.replaceAll(/[\w.]+@caoson\.gov\.vn(?=,[\w.@]*,(?:lanh|van|chuyen|quan|mot))/g, '');
    expect(await parts.imports.officials(bytes(noAddresses), real)).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: 40,
    });
    expect(await parts.imports.units(sample('sample-units.json'), real)).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: 30,
    });
    expect(await accounts()).toBe(count);
  });

  it('reads the same list as a workbook', async () => {
    const rows = [
      ['Họ và tên', 'Chức vụ', 'Mã đơn vị', 'Mã cán bộ'],
      ['Nguyễn Văn Hùng', 'Trưởng phòng Hành chính - Tổ chức', 'H99.01', '007'],
      ['Mới Thị Tinh', 'Chuyên viên', 'H99.10', '008'],
    ];
    const shown = await parts.imports.officials(workbook(rows), dry);
    expect(shown.errors).toEqual([]);
    expect(shown.rows).toMatchObject([
      { line: 2, action: 'update', key: 'hungnv@caoson.gov.vn', changes: ['externalId'] },
      { line: 3, action: 'create', key: 'tinhmt@caoson.gov.vn' },
    ]);
  });

  it('moves an official to another post and keeps the address', async () => {
    const list =
      'full_name,title,unit_code,address\nHà Mạnh Trường,Phó Chánh Văn phòng,H99.02,truonghm@caoson.gov.vn\n';
    expect(await parts.imports.officials(bytes(list), real)).toMatchObject({
      updated: 1,
      rows: [{ changes: ['unitCode', 'title'] }],
    });
    expect(await parts.directory.official({ address: 'truonghm@caoson.gov.vn' })).toMatchObject({
      posts: [{ title: 'Phó Chánh Văn phòng', unitCode: 'H99.02' }],
    });
    expect(await parts.imports.officials(bytes(list), real)).toMatchObject({ updated: 0, unchanged: 1 });
  });

  it('updates a renamed unit', async () => {
    const list = bytes('code,name,short name,parent code\nH99.06.02,Phòng Kinh tế số,Phòng KTS,H99.06\n');
    const shown = await parts.imports.units(list, dry);
    expect(shown.rows).toMatchObject([{ action: 'update', key: 'H99.06.02' }]);
    await parts.imports.units(list, real);
    expect(await parts.directory.unit({ code: 'H99.06.02' })).toMatchObject({
      name: 'Phòng Kinh tế số',
      email: 'pcds.skhcn@caoson.gov.vn',
    });
  });
});

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
