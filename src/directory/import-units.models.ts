/** What an import of units would do. Pure. */
import type { UnitId } from '../base/ids.ts';
import { fold } from '../base/text.ts';
import { givableAddress, type Domains } from './addresses.models.ts';
import { rowError, type Language, type RowError, type RowErrorCode } from './import-messages.ts';
import { dayCell } from './import-officials.models.ts';
import type { TableRow } from './import-table.ts';
import type { Unit, UnitInput } from './types.ts';
import { adminTiers, isDay, isLegacyCode, isUnitCode } from './units.models.ts';

export interface KnownUnits {
  domains: Domains;
  today: string;
  units: readonly Unit[];
  taken: ReadonlySet<string>;
  within: ReadonlySet<UnitId> | undefined;
}
export interface UnitPlan {
  line: number;
  action: 'create' | 'update' | 'unchanged';
  input: UnitInput;
  changes: string[];
}

export const unitHeaders: ReadonlyMap<string, string> = new Map(
  Object.entries({
    code: ['code', 'unit code', 'ma don vi', 'ma dinh danh', 'ma'],
    legacyCode: ['legacy code', 'ma cu'],
    name: ['name', 'unit name', 'ten don vi', 'ten'],
    shortName: ['short name', 'ten ngan', 'ten goi tat'],
    abbreviation: ['abbreviation', 'viet tat', 'ten viet tat'],
    kind: ['kind', 'loai', 'loai don vi'],
    adminTier: ['admin tier', 'cap', 'cap hanh chinh'],
    parentCode: ['parent code', 'ma cap tren', 'ma don vi cap tren', 'don vi cap tren'],
    email: ['email', 'e mail', 'dia chi', 'dia chi thu', 'dia chi thu dien tu', 'hop thu don vi'],
    place: ['place', 'dia danh'],
    hasSeal: ['has seal', 'con dau', 'co con dau'],
    ownsRegisters: ['owns registers', 'so van ban', 'co so van ban'],
    validFrom: ['valid from', 'tu ngay', 'ngay bat dau'],
    validTo: ['valid to', 'den ngay', 'ngay ket thuc'],
  }).flatMap(([field, names]) => names.map((name) => [name, field] as const)),
);

export function planUnits(
  rows: readonly TableRow[],
  known: KnownUnits,
  language: Language,
): { plans: UnitPlan[]; errors: RowError[] } {
  const errors: RowError[] = [];
  const byCode = new Map(known.units.map((unit) => [unit.code, unit]));
  const codeOf = new Map(known.units.map((unit) => [unit.id, unit.code]));
  const inFile = new Map<string, UnitPlan>();
  const emails = new Set<string>();
  for (const row of rows) {
    const before = errors.length;
    const report = (field: string, code: RowErrorCode) => errors.push(rowError(row.line, field, code, language));
    const input = readUnit(row, known, report);
    const now = byCode.get(input.code);
    if (inFile.has(input.code)) report('code', 'row.duplicate');
    checkEmail(input, now, known, emails, report);
    if (errors.length > before) continue;
    inFile.set(input.code, planUnit(row.line, input, now, codeOf));
  }
  const plans = [...inFile.values()];
  for (const plan of plans) {
    const wrong = parentError(plan, inFile, byCode, known);
    if (wrong) errors.push(rowError(plan.line, 'parentCode', wrong, language));
  }
  return { plans: parentsFirst(plans, inFile), errors: errors.sort((a, b) => a.line - b.line) };
}

type Report = (field: string, code: RowErrorCode) => void;

function readUnit({ cells }: TableRow, known: KnownUnits, report: Report): UnitInput {
  const get = (field: string) => cells[field] ?? '';
  const [code, name] = [get('code'), get('name')];
  if (code === '') report('code', 'row.missing');
  else if (!isUnitCode(code)) report('code', 'unit.code_invalid');
  if (name === '') report('name', 'row.missing');
  else if (name.length > 200) report('name', 'row.too_long');
  const legacyCode = get('legacyCode') || null;
  if (legacyCode !== null && !isLegacyCode(legacyCode)) report('legacyCode', 'unit.code_invalid');
  const tier = fold(get('adminTier') || 'tinh').replace(/[ -]+/g, '_');
  const adminTier = adminTiers.find((one) => one === tier);
  if (adminTier === undefined) report('adminTier', 'row.unknown_value');
  const validFrom = get('validFrom') === '' ? known.today : dayCell(get('validFrom'));
  const validTo = get('validTo') === '' ? null : dayCell(get('validTo'));
  if (!isDay(validFrom)) report('validFrom', 'row.not_a_day');
  if (validTo !== null && (!isDay(validTo) || validTo < validFrom)) report('validTo', 'row.not_a_day');
  const email = get('email') === '' ? null : givableAddress(get('email'), known.domains);
  if (email === undefined) report('email', 'address.invalid');
  return {
    ...{ code, legacyCode, name, validFrom, validTo, email: email ?? null, adminTier: adminTier ?? 'tinh' },
    shortName: get('shortName') || name,
    abbreviation: get('abbreviation'),
    kind: get('kind') || 'khac',
    parentCode: get('parentCode') || null,
    place: get('place'),
    hasSeal: yes(get('hasSeal')),
    ownsRegisters: yes(get('ownsRegisters')),
  };
}

const yes = (text: string) => ['true', '1', 'x', 'co', 'yes'].includes(fold(text));

function checkEmail(
  { email }: UnitInput,
  now: Unit | undefined,
  { taken }: KnownUnits,
  emails: Set<string>,
  report: Report,
): void {
  if (email === null || email === now?.email) return;
  if (now?.email) report('email', 'address.fixed');
  else if (taken.has(email)) report('email', 'address.taken');
  else if (emails.has(email)) report('email', 'row.duplicate');
  emails.add(email);
}

function planUnit(
  line: number,
  input: UnitInput,
  now: Unit | undefined,
  codeOf: ReadonlyMap<UnitId, string>,
): UnitPlan {
  if (!now) return { line, action: 'create', input, changes: [] };
  const { parentId, ...rest } = now;
  // What the file leaves empty is kept: an address, a date of closing.
  const next: UnitInput = {
    ...input,
    email: input.email ?? now.email,
    validTo: input.validTo ?? now.validTo,
    legacyCode: input.legacyCode ?? now.legacyCode,
  };
  const before: Record<string, unknown> = {
    ...rest,
    parentCode: parentId === null ? null : (codeOf.get(parentId) ?? null),
  };
  const changes = Object.entries(next)
    .filter(([field, value]) => before[field] !== value)
    .map(([field]) => field);
  return { line, action: changes.length === 0 ? 'unchanged' : 'update', input: next, changes };
}

function parentError(
  { input, action }: UnitPlan,
  inFile: ReadonlyMap<string, UnitPlan>,
  byCode: ReadonlyMap<string, Unit>,
  known: KnownUnits,
): RowErrorCode | undefined {
  const { parentCode } = input;
  const own = byCode.get(input.code);
  const outside = (id: UnitId | undefined) => known.within !== undefined && (id === undefined || !known.within.has(id));
  if (action !== 'unchanged' && own && outside(own.id)) return 'unit.outside';
  if (parentCode === null) return action === 'create' && known.within ? 'unit.outside' : undefined;
  const parent = byCode.get(parentCode);
  if (!parent && !inFile.has(parentCode)) return 'unit.not_found';
  if (action !== 'unchanged' && parent && outside(parent.id)) return 'unit.outside';
  const seen = new Set<string>();
  for (
    let at: string | null = parentCode;
    at !== null && !seen.has(at);
    at = inFile.get(at)?.input.parentCode ?? null
  ) {
    if (at === input.code) return 'unit.loop';
    seen.add(at);
  }
  return undefined;
}

function parentsFirst(plans: readonly UnitPlan[], inFile: ReadonlyMap<string, UnitPlan>): UnitPlan[] {
  const ordered = new Set<UnitPlan>();
  const visit = (plan: UnitPlan, depth: number) => {
    const parent = plan.input.parentCode === null ? undefined : inFile.get(plan.input.parentCode);
    if (parent && !ordered.has(parent) && depth < 40) visit(parent, depth + 1);
    ordered.add(plan);
  };
  for (const plan of plans) visit(plan, 0);
  return [...ordered];
}
