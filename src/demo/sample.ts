/** The fictional province of the demo: tỉnh Cao Sơn. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { packageRoot } from '../base/paths.ts';
import type { DocumentInput, Urgency } from '../base/api-types.ts';

export interface SampleDocument {
  id: string;
  registerOwnerCode: string;
  direction: 'di' | 'den';
  soKyHieu: string;
  typeName: string;
  typeAbbr: string | null;
  legalNormative: boolean;
  issuerCode: string;
  issuerName: string;
  draftingUnitCode: string | null;
  place: string;
  issuedDate: string;
  subject: string;
  urgency: Urgency;
  secrecy: string;
  signer: { authority: string | null; position: string; fullName: string };
  recipientCodes: string[];
  pageAmount: number | null;
  dueDate: string | null;
  arrivalNumber: number | null;
  arrivalDate: string | null;
  responseFor: string | null;
  fileName: string;
}

export const samplePath = (name: string): string => join(packageRoot, 'src/demo/sample', name);

export function sampleDocuments(): SampleDocument[] {
  return (JSON.parse(readFileSync(samplePath('sample-documents.json'), 'utf8')) as { documents: SampleDocument[] })
    .documents;
}

export function documentInput(d: SampleDocument): DocumentInput {
  return {
    unitCode: d.registerOwnerCode,
    direction: d.direction,
    numberNotation: d.soKyHieu,
    typeName: d.typeName,
    legalNormative: d.legalNormative,
    issuerCode: d.issuerCode,
    issuerName: d.issuerName,
    draftingUnitCode: d.draftingUnitCode,
    place: d.place,
    issuedDate: d.issuedDate,
    subject: d.subject,
    urgency: d.urgency,
    secrecy: d.secrecy,
    signer: d.signer,
    recipientCodes: d.recipientCodes,
    pageAmount: d.pageAmount,
    dueDate: d.dueDate,
    arrivalNumber: d.arrivalNumber,
    arrivalDate: d.arrivalDate,
    responseFor: d.responseFor,
    externalId: `VB-${d.id}`,
  };
}
