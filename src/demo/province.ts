/** Fills an empty installation with the demo province: units, officials, delegates, keys, documents, weeks of mail. Once. */
import { readFileSync } from 'node:fs';

import { parse } from 'csv-parse/sync';
import type { PrivateKey } from 'openpgp';

import { DomainError } from '../base/errors.ts';
import type { DocumentId } from '../base/ids.ts';
import { vietnamDate } from '../documents/documents.models.ts';
import { firstPassword } from '../directory/passwords.ts';
import type { Official, UnitInput } from '../directory/types.ts';
import type { Parts } from '../parts.ts';
import { leastCost, makeKey } from '../web/client/features/signing/keys.ts';
import { initialise } from '../init.ts';
import { letters, weekly } from './letters.ts';
import { documentPdf } from './pdf.ts';
import { documentInput, sampleDocuments, samplePath, type SampleDocument } from './sample.ts';
import { seedLetters } from './seed-mail.ts';

export const DEMO_DOMAIN = 'caoson.gov.vn';
/** Everybody's password in the demo, known to all: never on a network. */
export const DEMO_PASSWORD = 'Cao-Son-2026-cong-vu';
export const DEMO_PASSPHRASE = 'ruong bac thang mua lua chin';
export const DEMO_EOFFICE_KEY = 'cv_demo_eoffice_cao_son_2026_0123456789abcdef';

/** Those who have signed in before and have a key; everybody else makes one at the first sign-in. */
const WITH_KEY = [
  'thuybtt',
  'vulh',
  'duongpt',
  'vytnh',
  'nghiaht',
  'tueqm',
  'khoind',
  'diemtn',
  'xuanmt',
  'phongad',
  'gamvth',
  'linhdk',
  'thinhlq',
  'quyenhs',
  'nguyenlt',
  'ducdd',
];

/** Who runs a unit's mailbox beside its records clerks. */
const DELEGATES: [unit: string, official: string][] = [
  ['H99.01', 'thuybtt'],
  ['H99.01', 'hungnv'],
  ['H99.02', 'xuanmt'],
  ['H99.06', 'yenvh'],
  ['H99.06.01', 'vytnh'],
  ['H99.03', 'nguyetdta'],
  ['H99.32', 'diemtn'],
  ['H99.33', 'nhanht'],
  ['H99.01.01', 'vannt'],
  ['H99', 'thuybtt'],
  ['K99.01', 'ngalb'],
];

/** Beside the sample: the document of the main job, one day old. */
const MAIN_DOCUMENT = { id: 'D21', soKyHieu: '1427/UBND-KGVX', fileName: '1427_UBND-KGVX.signed.pdf' };

const DAY = 86_400_000;

/** `travel` sets the parts' clock: people and keys are older than the letters that they signed, documents than those that carry them. */
export async function seedProvince(parts: Parts, travel: (to: number | undefined) => void): Promise<void> {
  const now = parts.clock.now();
  travel(now - 60 * DAY);
  await initialise(parts);
  const officials = await seedDirectory(parts);
  const keys = await seedKeys(parts, officials);
  const documents = await seedDocuments(parts, now, travel);
  travel(undefined);
  const today = Date.parse(`${vietnamDate(now)}T00:00:00+07:00`);
  const everyone = officials.map((o) => o.address);
  const context = { parts, domain: DEMO_DOMAIN, keys, documents, everyone, today };
  await seedLetters(context, [...letters(), ...[0, 1, 2, 3].flatMap(weekly)]);
}

async function seedDirectory(parts: Parts): Promise<Official[]> {
  const { directory, db } = parts;
  const { units } = JSON.parse(readFileSync(samplePath('sample-units.json'), 'utf8')) as { units: UnitInput[] };
  // The file names parents before children.
  await db.write(async (tx) => {
    for (const unit of units) await directory.addUnit(tx, unit);
  });
  await seedOfficials(parts);
  const officials = await directory.officials({ limit: 1000 });
  const byName = new Map(officials.map((o) => [o.address.split('@')[0], o]));
  for (const [code, name] of DELEGATES) {
    const unit = await directory.unit({ code });
    const official = byName.get(name);
    if (unit?.accountId == null || !official) throw new Error(`the sample lacks ${code} or ${name}`);
    const { accountId } = unit;
    await db.write((tx) => directory.addDelegate(tx, accountId, official.id, { canSend: true }));
  }
  const admin = byName.get('vytnh');
  if (admin) await db.write((tx) => directory.grantRole(tx, admin.id, { role: 'system_admin', unitId: 0 as never }));
  return officials;
}

interface SampleOfficial {
  full_name: string;
  family_name: string;
  middle_name: string;
  given_name: string;
  title: string;
  unit_code: string;
  desired_address: string;
  title_mailbox: string;
  role: string;
}

async function seedOfficials({ directory, db, config }: Parts): Promise<void> {
  const rows = parse<SampleOfficial>(readFileSync(samplePath('sample-officials.csv')), { columns: true, bom: true });
  // Everybody may sign in at once: the demo's password is known and needs no change.
  const hashed = rows.map(async (row) => ({ row, prepared: await firstPassword(DEMO_PASSWORD, config.credentials) }));
  for (const { row, prepared } of await Promise.all(hashed)) {
    const official = {
      fullName: row.full_name,
      familyName: row.family_name,
      middleName: row.middle_name,
      givenName: row.given_name,
      title: row.title,
      unitCode: row.unit_code,
      role: row.role,
      address: row.desired_address,
      titleMailbox: row.title_mailbox || null,
    };
    await db.write((tx) => directory.addOfficial(tx, official, { prepared, mustChange: false }));
  }
}

async function seedKeys(parts: Parts, officials: readonly Official[]): Promise<Map<string, PrivateKey>> {
  const keys = new Map<string, PrivateKey>();
  for (const official of officials) {
    if (!WITH_KEY.includes(official.address.split('@')[0] ?? '')) continue;
    const { fullName, address } = official;
    // The demo's passphrase is known to all: a dear guess would only make the first start slow.
    const { made, unlocked } = await makeKey(
      { fullName, address, passphrase: DEMO_PASSPHRASE, at: parts.clock.now() },
      leastCost,
    );
    await parts.signing.enrol(official.id, made);
    keys.set(official.address, unlocked);
  }
  return keys;
}

async function seedDocuments(
  parts: Parts,
  now: number,
  travel: (to: number) => void,
): Promise<Map<string, { sample: SampleDocument; pdf: Uint8Array }>> {
  const { id: apiKeyId } = await parts.db.write((tx) =>
    parts.credentials.createApiKey(tx, {
      name: 'eOffice tỉnh Cao Sơn',
      scopes: ['documents:read', 'documents:write', 'webhooks', 'directory:read'],
      secret: DEMO_EOFFICE_KEY,
    }),
  );
  const eoffice = await parts.credentials.apiKey(DEMO_EOFFICE_KEY);
  if (!eoffice)
    throw new DomainError('unavailable', 'demo.key_missing', `the demo's eOffice key ${apiKeyId} is missing`);
  const names = new Map((await parts.directory.units()).map((u) => [u.code, u.name]));
  const made = new Map<string, { sample: SampleDocument; pdf: Uint8Array }>();
  const samples = sampleDocuments();
  const all = [...samples, mainDocument(now, samples)];
  for (const sample of all.sort((a, b) => a.issuedDate.localeCompare(b.issuedDate))) {
    const pdf = await documentPdf(sample, names);
    // In the morning of its day; what is older than the installation was brought along.
    travel(Math.max(now - 60 * DAY, Math.min(now, Date.parse(`${sample.issuedDate}T08:00:00+07:00`))));
    const { id } = await parts.documents.create(eoffice, documentInput(sample));
    await parts.documents.addFile(eoffice, id as DocumentId, {
      kind: 'issued',
      name: sample.fileName,
      type: 'application/pdf',
      bytes: pdf,
    });
    made.set(sample.id, { sample, pdf });
  }
  return made;
}

function mainDocument(now: number, samples: readonly SampleDocument[]): SampleDocument {
  const like = samples.find((d) => d.id === 'D06');
  if (!like) throw new Error('the sample has no document D06');
  const day = (offset: number) => vietnamDate(now + offset * DAY);
  return {
    ...like,
    ...MAIN_DOCUMENT,
    typeName: 'Công văn',
    typeAbbr: null,
    draftingUnitCode: 'H99.06',
    subject: 'V/v triển khai hệ thống thư điện tử công vụ đến cấp xã',
    issuedDate: day(-1),
    dueDate: day(13),
    pageAmount: 3,
    signer: { authority: 'KT. CHỦ TỊCH', position: 'PHÓ CHỦ TỊCH', fullName: 'Trịnh Khải Sơn' },
    recipientCodes: ['H99.01', 'H99.02', 'H99.03', 'H99.06', 'H99.31', 'H99.32', 'H99.33', 'H99.34', 'H99.35'],
  };
}
