/** A fresh installation with the officials of the bench, made by the same parts as `congvu init` and `congvu official add`. */
import { createLog } from '../../src/base/log.ts';
import { loadConfig } from '../../src/config.ts';
import { firstPassword } from '../../src/directory/passwords.ts';
import { initialise } from '../../src/init.ts';
import { createMasterKey } from '../../src/installation.ts';
import { openParts, type Parts } from '../../src/parts.ts';

const PASSWORD = 'bench-bench-2026-mat-khau';

export interface Installed {
  domain: string;
  password: string;
  /** Of u001, u002 …: what mail programs sign in with. */
  appPasswords: string[];
}

export async function install(data: string, env: NodeJS.ProcessEnv, officials: number): Promise<Installed> {
  await createMasterKey(data);
  const parts = await openParts(loadConfig({ env, data }), { log: createLog('warn') });
  try {
    await initialise(parts);
    const { domain } = parts.config.directory;
    await parts.db.write((tx) => parts.directory.addUnit(tx, unit));
    // The same for all: hashing it for each would only take time.
    const prepared = await firstPassword(PASSWORD, parts.config.credentials);
    const appPasswords: string[] = [];
    for (let n = 1; n <= officials; n++) appPasswords.push(await addOfficial(parts, n, prepared));
    return { domain, password: PASSWORD, appPasswords };
  } finally {
    await parts.close();
  }
}

const unit = {
  code: 'B01',
  name: 'Sở Đo lường',
  shortName: 'Sở Đo lường',
  abbreviation: 'SĐL',
  kind: 'so_nganh',
  adminTier: 'tinh' as const,
  parentCode: null,
  email: null,
  place: 'Cao Sơn',
  hasSeal: false,
  ownsRegisters: false,
  validFrom: '2020-01-01',
};

async function addOfficial(
  { db, directory, credentials }: Parts,
  n: number,
  prepared: Awaited<ReturnType<typeof firstPassword>>,
): Promise<string> {
  const number = String(n).padStart(3, '0');
  const input = {
    fullName: `Cán Bộ Số ${number}`,
    title: 'Chuyên viên',
    unitCode: unit.code,
    address: `u${number}@${directory.domain}`,
  };
  const { official } = await db.write((tx) => directory.addOfficial(tx, input, { prepared, mustChange: false }));
  return (await credentials.createAppPassword(official.id, 'bench')).password;
}
