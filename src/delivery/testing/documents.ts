import type { DocumentView } from '../../base/api-types.ts';
import { input } from '../../documents/testing/parts.ts';
import type { World } from './world.ts';

export const defaultFile: Uint8Array = Buffer.from('%PDF-1.7\nnội dung\n%%EOF\n');

/** A registered document whose issued file has these bytes. */
export async function documentWith({ documents }: World, bytes: Uint8Array): Promise<DocumentView> {
  const principal = { kind: 'system' as const };
  const document = await documents.create(principal, input({ unitCode: 'H99', issuerCode: 'H99', recipientCodes: [] }));
  await documents.addFile(principal, document.id as never, {
    kind: 'issued',
    name: 'a.pdf',
    type: 'application/pdf',
    bytes,
  });
  return document;
}
