import type { DocumentInput } from '../../src/base/api-types.ts';
import type { DocumentId } from '../../src/base/ids.ts';
import type { Parts } from '../../src/parts.ts';

/** The document 1427/UBND-KGVX of the province's office, issued with this file. @returns its id */
export async function issued1427(
  { documents }: Parts,
  bytes: Uint8Array,
  more: Partial<DocumentInput> = {},
): Promise<DocumentId> {
  const system = { kind: 'system' } as const;
  const document = await documents.create(system, {
    unitCode: 'H99.01',
    direction: 'di',
    numberNotation: '1427/UBND-KGVX',
    typeName: 'Công văn',
    issuerCode: 'H99',
    issuedDate: '2026-11-20',
    subject: 'V/v triển khai hệ thống thư điện tử công vụ đến cấp xã',
    signer: { authority: 'KT. CHỦ TỊCH', position: 'PHÓ CHỦ TỊCH', fullName: 'Trịnh Khải Sơn' },
    ...more,
  });
  const id = document.id as DocumentId;
  await documents.addFile(system, id, {
    kind: 'issued',
    name: '1427_UBND-KGVX.signed.pdf',
    type: 'application/pdf',
    bytes,
  });
  return id;
}
