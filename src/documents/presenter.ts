/** What leaves the server of a document. */
import type { DocumentFileView, DocumentRow, DocumentView } from '../base/api-types.ts';
import type { DocumentRecord, FileRecord } from './documents.repository.ts';

export function fileView(file: FileRecord): DocumentFileView {
  const { id, version, kind, name, type, size, hash, createdAt, createdBy } = file;
  return { id, version, kind, name, type, size, sha256: hash, createdAt: new Date(createdAt).toISOString(), createdBy };
}

export interface DocumentContext {
  unit: { code: string; name: string } | undefined;
  files: readonly FileRecord[];
  correspondenceCount: number;
}

function common(d: DocumentRecord, context: DocumentContext): Omit<DocumentRow, 'issuedFile'> {
  return {
    id: d.id,
    direction: d.direction,
    unitCode: context.unit?.code ?? '',
    unitName: context.unit?.name ?? '',
    identifier: d.identifier,
    numberNotation: d.numberNotation,
    typeName: d.typeName,
    legalNormative: d.legalNormative,
    issuerCode: d.issuerCode,
    issuerName: d.issuerName,
    draftingUnitCode: d.draftingUnitCode,
    place: d.place,
    issuedDate: d.issuedDate,
    subject: d.subject,
    urgency: d.urgency,
    signer: { authority: d.signerAuthority, position: d.signerPosition, fullName: d.signerName },
    pageAmount: d.pageAmount,
    dueDate: d.dueDate,
    arrivalNumber: d.arrivalNumber,
    arrivalDate: d.arrivalDate,
    responseFor: d.responseFor,
    status: d.status,
    externalId: d.externalId,
    correspondenceCount: context.correspondenceCount,
    createdAt: new Date(d.createdAt).toISOString(),
  };
}

export function documentRow(d: DocumentRecord, context: DocumentContext): DocumentRow {
  // Files come newest version first.
  const issued = context.files.find((f) => f.kind === 'issued');
  return { ...common(d, context), issuedFile: issued ? fileView(issued) : null };
}

export function documentView(
  d: DocumentRecord,
  context: DocumentContext & { recipients: { code: string; name: string | null }[] },
): DocumentView {
  return { ...common(d, context), recipients: context.recipients, files: context.files.map(fileView) };
}
