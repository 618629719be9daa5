/** Files of a document: versions, each with its SHA-256; the issued one is what mail is compared with. */
import type { DocumentFileView } from '../base/api-types.ts';
import type { DocumentId } from '../base/ids.ts';
import type { Principal } from '../directory/types.ts';
import { fileNotFound, fileTooLarge, notAllowed, tooManyFiles } from './documents.errors.ts';
import { actorOf, visible } from './documents.usecases.ts';
import type { Parts } from './parts.ts';
import { fileView } from './presenter.ts';
import type { Documents } from './types.ts';

type NewFile = Parameters<Documents['addFile']>[2];

export function fileUsecases(parts: Parts): Pick<Documents, 'addFile' | 'fileContent' | 'referenced'> {
  return {
    addFile: (principal, id, file) => addFile(parts, principal, id, file),
    async fileContent(principal, id, fileId) {
      const document = await visible(parts, await parts.access.reading(principal), id);
      const file = (await parts.documents.ofDocuments([document.id])).find((f) => f.id === fileId);
      if (!file) throw fileNotFound();
      return { file: fileView(file), bytes: await parts.blobs.read(file.hash) };
    },
    referenced: (hashes) => parts.documents.referenced(hashes),
  };
}

async function addFile(parts: Parts, principal: Principal, id: DocumentId, file: NewFile): Promise<DocumentFileView> {
  const { settings, clock } = parts;
  const scope =
    principal.kind === 'api_key'
      ? { units: undefined, accounts: [], apiKeyId: principal.apiKeyId }
      : await parts.access.reading(principal);
  const document = await visible(parts, scope, id);
  const unit = await parts.directory.unit({ id: document.unitId });
  if (!unit) throw notAllowed('the unit of this document is gone');
  await parts.access.mayRegister(principal, unit);
  if (file.bytes.length > settings.maxFileBytes) throw fileTooLarge(settings.maxFileBytes);
  const staged = await parts.blobs.stage(file.bytes);
  const record = await parts.db.write(async (tx) => {
    await parts.blobs.record(tx, staged);
    const made = await parts.documents.addFile(
      tx,
      {
        documentId: document.id,
        kind: file.kind,
        name: safeName(file.name),
        type: file.type,
        size: staged.size,
        hash: staged.hash,
        createdAt: clock.now(),
        createdBy: actorOf(principal),
      },
      settings.maxFiles,
    );
    if (!made) throw tooManyFiles(settings.maxFiles);
    if (file.kind === 'issued') await parts.documents.issue(tx, document.id);
    await parts.audit.record(tx, {
      actor: actorOf(principal),
      action: 'document.file_added',
      object: `document:${document.id}`,
      details: { kind: file.kind, sha256: staged.hash },
    });
    return made;
  });
  return fileView(record);
}

/** A name, not a path. */
function safeName(name: string): string {
  const last = name.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  return (
    last
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 200) || 'tep'
  );
}
