/** Registering, reading and searching documents. */
import type { DocumentInput, DocumentRow, DocumentView, RegisterView } from '../base/api-types.ts';
import type { DocumentId, UnitId } from '../base/ids.ts';
import type { Tx } from '../db/database.ts';
import type { Principal, Unit } from '../directory/types.ts';
import type { Scope } from './access.ts';
import {
  cursorMalformed,
  documentNotFound,
  duplicate,
  numberMalformed,
  secretRefused,
  unitNotFound,
} from './documents.errors.ts';
import {
  documentIdentifier,
  isNotation,
  numberKey,
  parseNumberNotation,
  printNumberNotation,
  vietnamDate,
  type NumberNotation,
} from './documents.models.ts';
import type { DocumentRecord, NewDocument, RegisterRecord } from './documents.repository.ts';
import type { Parts } from './parts.ts';
import { documentRow, documentView } from './presenter.ts';
import type { Documents } from './types.ts';

const PAGE = 50;
const MAX_PAGE = 200;

export function documentUsecases(parts: Parts): Pick<Documents, 'create' | 'get' | 'search' | 'registers'> {
  return {
    create: (principal, input) => create(parts, principal, input),
    get: async (principal, id) => view(parts, await visible(parts, await parts.access.reading(principal), id)),
    search: (principal, query) => search(parts, principal, query),
    registers: (principal) => registers(parts, principal),
  };
}

/** @throws document.not_found also when the principal may not see it: existence is not told. */
export async function visible(parts: Parts, scope: Scope, id: DocumentId): Promise<DocumentRecord> {
  const found = await parts.documents.find(scope, id);
  if (!found) throw documentNotFound();
  return found;
}

export function actorOf(principal: Principal): string {
  if (principal.kind === 'official') return `official:${principal.officialId}`;
  return principal.kind === 'api_key' ? `key:${principal.apiKeyId}` : 'system';
}

async function create(parts: Parts, principal: Principal, input: DocumentInput): Promise<DocumentView> {
  if (input.secrecy !== undefined && input.secrecy !== 'thuong') throw secretRefused();
  const unit = await parts.directory.unit({ code: input.unitCode });
  if (!unit) throw unitNotFound(input.unitCode);
  await parts.access.mayRegister(principal, unit);
  const issuer = await parts.directory.unit({ code: input.issuerCode });
  const printed = input.numberNotation === undefined ? undefined : parsePrinted(input.numberNotation);
  const record = await parts.db.write(async (tx) => {
    const register = await registerFor(parts, tx, unit, input);
    const { numbered, arrivalNumber } = await number(parts, tx, register, input, printed);
    const document = recordOf(input, {
      unit,
      issuer,
      register,
      numbered,
      arrivalNumber,
      principal,
      now: parts.clock.now(),
    });
    const made = await parts.documents.insert(tx, document, input.recipientCodes ?? []);
    if (!made) throw duplicate(document.numberNotation);
    await parts.audit.record(tx, {
      actor: actorOf(principal),
      action: 'document.created',
      object: `document:${made.id}`,
      details: { identifier: made.identifier },
    });
    return made;
  });
  return view(parts, record);
}

function parsePrinted(printed: string): NumberNotation {
  const parsed = parseNumberNotation(printed);
  if (!parsed) throw numberMalformed(printed);
  return parsed;
}

async function registerFor(parts: Parts, tx: Tx, unit: Unit, input: DocumentInput): Promise<RegisterRecord> {
  // The register year is the local year: of issue for outgoing, of arrival for incoming.
  const day = input.direction === 'di' ? input.issuedDate : (input.arrivalDate ?? vietnamDate(parts.clock.now()));
  const year = Number(day.slice(0, 4));
  const name = `Sổ văn bản ${input.direction === 'di' ? 'đi' : 'đến'} ${year}`;
  return parts.documents.register(tx, { unitId: unit.id, direction: input.direction, year, name });
}

/** The number as printed, or the next of the register; the arrival number likewise. Gapless: taken in the same unit of work. */
async function number(
  parts: Parts,
  tx: Tx,
  register: RegisterRecord,
  input: DocumentInput,
  printed: NumberNotation | undefined,
) {
  const next = register.nextNumber;
  if (input.direction === 'den') {
    if (!printed) throw numberMalformed('');
    const arrivalNumber = input.arrivalNumber ?? next;
    await parts.documents.advance(tx, register.id, arrivalNumber + 1);
    return { numbered: { ...printed, numberNotation: input.numberNotation ?? '' }, arrivalNumber };
  }
  if (printed) {
    await parts.documents.advance(tx, register.id, Number(printed.codeNumber) + 1);
    return { numbered: { ...printed, numberNotation: input.numberNotation ?? '' }, arrivalNumber: null };
  }
  const codeNotation = input.codeNotation ?? '';
  if (!isNotation(codeNotation)) throw numberMalformed(codeNotation);
  const yearInNumber = input.legalNormative ? register.year : null;
  const numberNotation = printNumberNotation(next, codeNotation, yearInNumber);
  await parts.documents.advance(tx, register.id, next + 1);
  return {
    numbered: { codeNumber: String(next).padStart(2, '0'), yearInNumber, codeNotation, numberNotation },
    arrivalNumber: null,
  };
}

interface Circumstances {
  unit: Unit;
  issuer: Unit | undefined;
  register: RegisterRecord;
  numbered: NumberNotation & { numberNotation: string };
  arrivalNumber: number | null;
  principal: Principal;
  now: number;
}

function recordOf(
  input: DocumentInput,
  { unit, issuer, register, numbered, arrivalNumber, principal, now }: Circumstances,
): NewDocument {
  return {
    ...numbered,
    registerId: register.id,
    unitId: unit.id,
    direction: input.direction,
    identifier: documentIdentifier(input.issuerCode, input.issuedDate, numbered.numberNotation),
    numberKey: numberKey(numbered.numberNotation),
    typeName: input.typeName,
    typeAbbr: null,
    legalNormative: input.legalNormative ?? false,
    issuerCode: input.issuerCode,
    issuerName: input.issuerName ?? issuer?.name ?? input.issuerCode,
    draftingUnitCode: input.draftingUnitCode ?? null,
    place: input.place ?? issuer?.place ?? unit.place,
    issuedDate: input.issuedDate,
    subject: input.subject,
    urgency: input.urgency ?? 'thuong',
    signerAuthority: input.signer.authority ?? null,
    signerPosition: input.signer.position,
    signerName: input.signer.fullName,
    pageAmount: input.pageAmount ?? null,
    dueDate: input.dueDate ?? null,
    arrivalNumber,
    arrivalDate: input.direction === 'den' ? (input.arrivalDate ?? vietnamDate(now)) : null,
    responseFor: input.responseFor ?? null,
    // An incoming document was issued by its author; an outgoing one is, once its issued file is here.
    status: input.direction === 'den' ? 'issued' : 'draft',
    apiKeyId: principal.kind === 'api_key' ? principal.apiKeyId : null,
    externalId: input.externalId ?? null,
    createdAt: now,
    createdBy: actorOf(principal),
    updatedAt: now,
  };
}

async function view(parts: Parts, record: DocumentRecord): Promise<DocumentView> {
  const [files, counts, recipients, units] = await Promise.all([
    parts.documents.ofDocuments([record.id]),
    parts.links.counts([record.id]),
    parts.documents.recipients([record.id]),
    parts.directory.units(),
  ]);
  const names = new Map(units.map((u) => [u.code, u.name]));
  return documentView(record, {
    unit: units.find((u) => u.id === record.unitId),
    files,
    correspondenceCount: counts.get(record.id) ?? 0,
    recipients: (recipients.get(record.id) ?? []).map((code) => ({ code, name: names.get(code) ?? null })),
  });
}

async function search(
  parts: Parts,
  principal: Principal,
  query: Parameters<Documents['search']>[1],
): ReturnType<Documents['search']> {
  const limit = Math.min(Math.max(query.limit ?? PAGE, 1), MAX_PAGE);
  const unit = query.unitCode === undefined ? undefined : await parts.directory.unit({ code: query.unitCode });
  if (query.unitCode !== undefined && !unit) throw unitNotFound(query.unitCode);
  const found = await parts.documents.search({
    scope: await parts.access.reading(principal),
    text: query.q,
    direction: query.direction,
    unitId: unit?.id,
    year: query.year,
    after: query.cursor === undefined ? undefined : parseCursor(query.cursor),
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: await rows(parts, page),
    nextCursor: found.length > limit && last ? `${last.issuedDate}_${last.id}` : null,
  };
}

function parseCursor(cursor: string): { issuedDate: string; id: DocumentId } {
  const match = /^(\d{4}-\d{2}-\d{2})_(\d{1,15})$/.exec(cursor);
  if (!match) throw cursorMalformed();
  return { issuedDate: match[1] ?? '', id: Number(match[2]) as DocumentId };
}

async function rows(parts: Parts, page: DocumentRecord[]): Promise<DocumentRow[]> {
  const ids = page.map((d) => d.id);
  const [files, counts, units] = await Promise.all([
    parts.documents.ofDocuments(ids),
    parts.links.counts(ids),
    unitsById(parts),
  ]);
  return page.map((d) =>
    documentRow(d, {
      unit: units.get(d.unitId),
      files: files.filter((f) => f.documentId === d.id),
      correspondenceCount: counts.get(d.id) ?? 0,
    }),
  );
}

async function unitsById(parts: Parts): Promise<Map<UnitId, Unit>> {
  return new Map((await parts.directory.units()).map((u) => [u.id, u]));
}

async function registers(parts: Parts, principal: Principal): Promise<RegisterView[]> {
  const [found, units] = await Promise.all([
    parts.documents.registers(await parts.access.reading(principal)),
    unitsById(parts),
  ]);
  return found.map(({ register, documentCount }) => {
    const unit = units.get(register.unitId);
    return {
      unitCode: unit?.code ?? '',
      unitName: unit?.name ?? '',
      direction: register.direction,
      year: register.year,
      name: register.name,
      documentCount,
    };
  });
}
