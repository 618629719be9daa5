/** What an import of officials would do. Pure: the same plan serves the dry run and the real one. */
import type { OfficialId, UnitId } from '../base/ids.ts';
import {
  firstFree,
  givableAddress,
  localPartByRule,
  splitName,
  type Domains,
  type PersonName,
} from './addresses.models.ts';
import { rowError, type Language, type RowError, type RowErrorCode } from './import-messages.ts';
import type { TableRow } from './import-table.ts';
import type { OfficialInput } from './types.ts';
import { isDay, isUnitCode, postRoles } from './units.models.ts';
import { fold } from '../base/text.ts';

export interface KnownOfficial extends PersonName {
  id: OfficialId;
  fullName: string;
  status: 'active' | 'disabled';
  externalId: string | null;
  addresses: string[];
  /** Primary post that stands today. */
  post: { unitId: UnitId; title: string; role: string } | undefined;
}
export interface KnownState {
  today: string;
  domains: Domains;
  units: ReadonlyMap<string, { id: UnitId; validTo: string | null }>;
  officials: readonly KnownOfficial[];
  /** Every address ever given. */
  taken: ReadonlySet<string>;
  titleMailboxes: ReadonlyMap<string, { unitId: UnitId; holders: ReadonlySet<OfficialId> }>;
  /** What the importer administers; undefined: all. */
  within: ReadonlySet<UnitId> | undefined;
}

export type OfficialPlan = { line: number; address: string; input: OfficialInput } & (
  | { action: 'create' }
  | { action: 'update'; id: OfficialId; changes: string[] }
  | { action: 'unchanged'; id: OfficialId }
);

export const officialHeaders: ReadonlyMap<string, string> = new Map(
  Object.entries({
    fullName: ['full name', 'ho va ten', 'ho ten', 'ho va ten day du', 'ten day du'],
    familyName: ['family name', 'ho'],
    middleName: ['middle name', 'dem', 'ten dem', 'chu dem'],
    givenName: ['given name', 'ten'],
    title: ['title', 'chuc vu', 'chuc danh'],
    unitCode: ['unit code', 'ma don vi', 'ma dinh danh', 'ma dinh danh don vi'],
    address: [
      'desired address',
      'address',
      'email',
      'e mail',
      'dia chi',
      'dia chi thu',
      'dia chi email',
      'dia chi thu dien tu',
      'thu dien tu',
    ],
    titleMailbox: ['title mailbox', 'hop thu chuc danh', 'dia chi chuc danh'],
    role: ['role', 'vai tro'],
    externalId: ['external id', 'ma can bo', 'ma nhan su', 'ma cong chuc', 'ma cbccvc'],
    validFrom: ['valid from', 'tu ngay', 'ngay bat dau'],
  }).flatMap(([field, names]) => names.map((name) => [name, field] as const)),
);

export function planOfficials(
  rows: readonly TableRow[],
  known: KnownState,
  language: Language,
): { plans: OfficialPlan[]; errors: RowError[] } {
  const errors: RowError[] = [];
  const index = indexOf(known.officials);
  const matched = new Set<OfficialId>();
  const seen = new Set<string>();
  const byHand = new Set<string>();
  const pending: { row: TableRow; input: OfficialInput; found: KnownOfficial | undefined }[] = [];
  for (const row of rows) {
    const report = (field: string, code: RowErrorCode) => errors.push(rowError(row.line, field, code, language));
    const before = errors.length;
    const input = readOfficial(row, known, report);
    if (!input) continue;
    for (const [field, value] of [
      ['address', input.address],
      ['externalId', input.externalId],
    ] as const) {
      if (value && seen.size === seen.add(`${field}:${value}`).size) report(field, 'row.duplicate');
    }
    const found = match(input, known, index, matched, report);
    if (errors.length > before) continue;
    if (found) matched.add(found.id);
    else if (input.address) byHand.add(input.address);
    pending.push({ row, input, found });
  }
  // Addresses set by hand first: the rule must not give one away that a later line asks for.
  const taken = new Set([...known.taken, ...byHand, ...pending.flatMap(({ input }) => input.titleMailbox ?? [])]);
  const plans = pending.map(({ row: { line }, input, found }) =>
    found ? planUpdate(line, input, found, known) : planCreate(line, input, taken, known.domains),
  );
  return { plans, errors };
}

type Report = (field: string, code: RowErrorCode) => void;

function readOfficial({ cells }: TableRow, known: KnownState, report: Report): OfficialInput | undefined {
  let good = true;
  const complain: Report = (field, code) => {
    good = false;
    report(field, code);
  };
  const parts = [cells['familyName'], cells['middleName'], cells['givenName']].filter((part) => part !== undefined);
  const fullName = cells['fullName'] ?? parts.join(' ');
  const [title = '', unitCode = ''] = [cells['title'], cells['unitCode']];
  for (const [field, value, most] of [
    ['fullName', fullName, 100],
    ['title', title, 200],
  ] as const) {
    if (value === '') complain(field, 'row.missing');
    else if (value.length > most) complain(field, 'row.too_long');
  }
  checkUnit(unitCode, known, complain);
  const name =
    cells['givenName'] === undefined
      ? splitName(fullName)
      : { familyName: cells['familyName'] ?? '', middleName: cells['middleName'] ?? '', givenName: cells['givenName'] };
  const address = addressCell(cells['address'], 'address', known, complain);
  if (fullName !== '' && cells['address'] === undefined && localPartByRule(name) === undefined)
    complain('fullName', 'name.no_letters');
  const titleMailbox = addressCell(cells['titleMailbox'], 'titleMailbox', known, complain);
  checkTitleMailbox(titleMailbox, known, complain);
  const role = cells['role'] === undefined ? undefined : fold(cells['role']).replace(/[ -]+/g, '_');
  if (role !== undefined && !postRoles.some((one) => one === role)) complain('role', 'row.unknown_value');
  const validFrom = cells['validFrom'] === undefined ? undefined : dayCell(cells['validFrom']);
  if (validFrom !== undefined && !isDay(validFrom)) complain('validFrom', 'row.not_a_day');
  if (!good) return undefined;
  const rest = { ...(role === undefined ? {} : { role }), ...(validFrom === undefined ? {} : { validFrom }) };
  return {
    fullName,
    ...name,
    title,
    unitCode,
    address: address ?? null,
    titleMailbox: titleMailbox ?? null,
    externalId: cells['externalId'] ?? null,
    ...rest,
  };
}

function checkUnit(code: string, { units, today, within }: KnownState, complain: Report): void {
  const unit = units.get(code);
  if (code === '') complain('unitCode', 'row.missing');
  else if (!isUnitCode(code)) complain('unitCode', 'unit.code_invalid');
  else if (!unit) complain('unitCode', 'unit.not_found');
  else if (unit.validTo !== null && unit.validTo <= today) complain('unitCode', 'unit.closed');
  else if (within && !within.has(unit.id)) complain('unitCode', 'unit.outside');
}

function addressCell(
  cell: string | undefined,
  field: string,
  { domains }: KnownState,
  complain: Report,
): string | undefined {
  const address = cell === undefined ? undefined : givableAddress(cell, domains);
  if (cell !== undefined && address === undefined) complain(field, 'address.invalid');
  return address;
}

function checkTitleMailbox(
  address: string | undefined,
  { titleMailboxes, taken, within }: KnownState,
  complain: Report,
): void {
  if (address === undefined) return;
  const mailbox = titleMailboxes.get(address);
  if (!mailbox && taken.has(address)) complain('titleMailbox', 'address.taken');
  if (mailbox && within && !within.has(mailbox.unitId)) complain('titleMailbox', 'unit.outside');
}

/** dd/mm/yyyy as people write it here. */
export function dayCell(text: string): string {
  const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text) ?? [];
  return year === undefined
    ? text.slice(0, 10)
    : `${year}-${(month ?? '').padStart(2, '0')}-${(day ?? '').padStart(2, '0')}`;
}

/** Finds an official without looking at all of them for each line. */
interface Index {
  byKey: ReadonlyMap<string, KnownOfficial>;
  byAddress: ReadonlyMap<string, KnownOfficial>;
  byName: ReadonlyMap<string, KnownOfficial[]>;
}

const nameKey = (unitId: UnitId | undefined, fullName: string) => `${unitId ?? 0} ${fullName.normalize('NFC')}`;

function indexOf(officials: readonly KnownOfficial[]): Index {
  const byName = new Map<string, KnownOfficial[]>();
  for (const official of officials.filter(({ status }) => status === 'active')) {
    const key = nameKey(official.post?.unitId, official.fullName);
    byName.set(key, [...(byName.get(key) ?? []), official]);
  }
  return {
    byKey: new Map(
      officials.flatMap((official) => (official.externalId === null ? [] : [[official.externalId, official]])),
    ),
    byAddress: new Map(officials.flatMap((official) => official.addresses.map((address) => [address, official]))),
    byName,
  };
}

/** By the staff list's own key, else by address, else by name within the unit; each official at most once. */
function match(
  input: OfficialInput,
  known: KnownState,
  index: Index,
  matched: ReadonlySet<OfficialId>,
  report: Report,
): KnownOfficial | undefined {
  const free = (official: KnownOfficial | undefined) => (official && !matched.has(official.id) ? official : undefined);
  const address = input.address ?? undefined;
  const byKey = free(index.byKey.get(input.externalId ?? ''));
  const byAddress = free(index.byAddress.get(address ?? ''));
  const namesakes = index.byName.get(nameKey(known.units.get(input.unitCode)?.id, input.fullName)) ?? [];
  const byName =
    address === undefined || !known.taken.has(address) ? namesakes.find((official) => free(official)) : undefined;
  const found = byKey ?? byAddress ?? byName;
  if (!found) {
    if (address !== undefined && known.taken.has(address)) report('address', 'address.taken');
    return undefined;
  }
  // An address alone must not turn one person into another.
  if (!byKey && byAddress && fold(byAddress.fullName) !== fold(input.fullName)) report('address', 'address.taken');
  else if (address !== undefined && !found.addresses.includes(address)) report('address', 'address.fixed');
  else if (found.status === 'disabled') report('fullName', 'official.disabled');
  else if (known.within && (found.post === undefined || !known.within.has(found.post.unitId)))
    report('fullName', 'official.outside');
  return found;
}

function planCreate(line: number, input: OfficialInput, taken: Set<string>, { domain }: Domains): OfficialPlan {
  const rule = localPartByRule({
    familyName: input.familyName ?? '',
    middleName: input.middleName ?? '',
    givenName: input.givenName ?? '',
  });
  const address =
    input.address ?? `${firstFree(rule ?? '', (candidate) => taken.has(`${candidate}@${domain}`))}@${domain}`;
  taken.add(address);
  return { action: 'create', line, address, input: { ...input, address } };
}

function planUpdate(line: number, input: OfficialInput, found: KnownOfficial, known: KnownState): OfficialPlan {
  const { post } = found;
  const holds = input.titleMailbox
    ? (known.titleMailboxes.get(input.titleMailbox)?.holders.has(found.id) ?? false)
    : true;
  const differs: [string, boolean][] = [
    [
      'fullName',
      found.fullName !== input.fullName ||
        found.givenName !== input.givenName ||
        found.familyName !== input.familyName ||
        found.middleName !== input.middleName,
    ],
    ['unitCode', post?.unitId !== known.units.get(input.unitCode)?.id],
    ['title', post?.title !== input.title],
    ['role', input.role !== undefined && post?.role !== input.role],
    ['titleMailbox', !holds],
    ['externalId', Boolean(input.externalId) && found.externalId !== input.externalId],
  ];
  const changes = differs.filter(([, different]) => different).map(([field]) => field);
  const common = { line, address: found.addresses[0] ?? '', input, id: found.id };
  return changes.length === 0 ? { action: 'unchanged', ...common } : { action: 'update', ...common, changes };
}
