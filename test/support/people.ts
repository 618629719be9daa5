/** Units and officials for tests, with passwords that need no change. */
import type { Official, UnitInput } from '../../src/directory/types.ts';
import type { Parts } from '../../src/parts.ts';
import type { Installation } from './server.ts';

export const PASSWORD = 'Cao-Son-2026-thu-nghiem';

const unit = (code: string, name: string, parentCode: string | null, email: string | null): UnitInput => ({
  code,
  name,
  shortName: name,
  abbreviation: 'ĐV',
  kind: 'so',
  adminTier: 'tinh',
  parentCode,
  email,
  place: 'Cao Sơn',
  hasSeal: true,
  ownsRegisters: true,
  validFrom: '2025-07-01',
});

export interface People {
  hung: Official;
  nhung: Official;
  vu: Official;
  admin: Official;
}

export async function people(parts: Parts): Promise<People> {
  const { db, directory } = parts;
  await db.write(async (tx) => {
    await directory.addUnit(tx, unit('H99', 'Ủy ban nhân dân tỉnh Cao Sơn', null, 'ubnd@caoson.gov.vn'));
    await directory.addUnit(tx, unit('H99.01', 'Văn phòng Ủy ban nhân dân tỉnh', 'H99', 'vpubnd@caoson.gov.vn'));
    await directory.addUnit(tx, unit('H99.33', 'Ủy ban nhân dân xã Suối Vàng', 'H99', 'suoivang@caoson.gov.vn'));
  });
  const add = async (fullName: string, title: string, unitCode: string, role: string) =>
    (
      await db.write((tx) =>
        directory.addOfficial(tx, { fullName, title, unitCode, role }, { password: PASSWORD, mustChange: false }),
      )
    ).official;
  const hung = await add('Nguyễn Văn Hùng', 'Trưởng phòng Hành chính - Tổ chức', 'H99.01', 'lanh_dao_phong');
  const nhung = await add('Hoàng Thị Nhung', 'Văn thư', 'H99.01', 'van_thu');
  const vu = await add('Lê Hoàng Vũ', 'Chủ tịch UBND xã', 'H99.33', 'lanh_dao');
  const admin = await add('Tôn Nữ Hạ Vy', 'Kỹ sư hệ thống', 'H99', 'quan_tri');
  const office = await directory.unit({ code: 'H99.01' });
  if (office?.accountId != null) {
    const { accountId } = office;
    await db.write((tx) => directory.addDelegate(tx, accountId, nhung.id, { canSend: true }));
  }
  return { hung, nhung, vu, admin };
}

/** Our people in an installation that does not run yet, and what else the test wants there. */
export async function populate(
  installation: Pick<Installation, 'open'>,
  more: (parts: Parts) => Promise<void> = async () => undefined,
): Promise<People> {
  const parts = await installation.open();
  try {
    const all = await people(parts);
    await more(parts);
    return all;
  } finally {
    await parts.close();
  }
}
