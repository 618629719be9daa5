import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import { packageRoot } from '../base/paths.ts';
import { directoryParts, type DirectoryParts } from './testing/parts.ts';
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
