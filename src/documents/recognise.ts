/**
 * Which registered documents the attachments of a message are, or claim to be. In this order:
 * 1. the bytes are those of a registered file -> same;
 * 2. the part itself names a document (X-CongVu-Document), but its bytes differ -> different;
 * 3. the file bears the name or number of an issued document and is of the same kind of file, but its bytes differ -> different.
 */
import type { BlobHash, DocumentId } from '../base/ids.ts';
import type { AttachmentInfo } from '../message/types.ts';
import { fold } from '../base/text.ts';
import { claimedKeys, extension } from './documents.models.ts';
import type { FileRecord } from './documents.repository.ts';
import type { Parts } from './parts.ts';
import type { RecognisedDocument } from './types.ts';

/** More attachments than this are not looked at: nobody sends so many documents, an attacker might. */
const MAX_ATTACHMENTS = 200;

export async function recognise(parts: Parts, attachments: readonly AttachmentInfo[]): Promise<RecognisedDocument[]> {
  const looked = attachments.slice(0, MAX_ATTACHMENTS);
  if (looked.length === 0) return [];
  const registered = groupByHash(await parts.documents.byHash([...new Set(looked.map((a) => a.contentHash))]));
  const found: RecognisedDocument[] = [];
  const strangers: AttachmentInfo[] = [];
  for (const attachment of looked) {
    const files = registered.get(attachment.contentHash) ?? [];
    if (files.length === 0) strangers.push(attachment);
    for (const file of oncePerDocument(files)) {
      found.push({
        documentId: file.documentId,
        fileId: file.id,
        part: attachment.part,
        contentHash: attachment.contentHash,
        match: 'same',
      });
    }
  }
  return [...found, ...(await claims(parts, strangers))];
}

async function claims(parts: Parts, attachments: readonly AttachmentInfo[]): Promise<RecognisedDocument[]> {
  const identifiers = attachments.flatMap((a) => (a.document === undefined ? [] : [a.document]));
  const keys = attachments.flatMap((a) => (a.name === null ? [] : claimedKeys(a.name)));
  if (identifiers.length === 0 && keys.length === 0) return [];
  const documents = await parts.documents.claimed({ identifiers, keys });
  if (documents.length === 0) return [];
  const files = (await parts.documents.ofDocuments([...new Set(documents.map((d) => d.id))])).filter(
    (f) => f.kind === 'issued',
  );
  const found: RecognisedDocument[] = [];
  for (const attachment of attachments) {
    const byIdentifier = documents.filter((d) => d.identifier === attachment.document);
    const claimed = byIdentifier.length > 0 ? byIdentifier.map((d) => d.id) : byName(attachment, documents, files);
    for (const documentId of new Set(claimed)) {
      const issued = files.find((f) => f.documentId === documentId);
      // Without an issued file there is nothing to differ from.
      if (issued)
        found.push({
          documentId,
          fileId: issued.id,
          part: attachment.part,
          contentHash: attachment.contentHash,
          match: 'different',
        });
    }
  }
  return found;
}

/** The newest document whose number the name bears; a number returns every year, so only one. */
function byName(
  attachment: AttachmentInfo,
  documents: readonly { id: DocumentId; numberKey: string }[],
  files: readonly FileRecord[],
): DocumentId[] {
  if (attachment.name === null) return [];
  const name = attachment.name;
  const keys = new Set(claimedKeys(name));
  const candidates = documents.filter((d) => keys.has(d.numberKey));
  // The longest number wins: 1427/UBND-KGVX over 1427/UBND.
  const longest = Math.max(0, ...candidates.map((d) => d.numberKey.length));
  for (const document of candidates.filter((d) => d.numberKey.length === longest)) {
    const issued = files.filter((f) => f.documentId === document.id);
    if (issued.some((f) => extension(f.name) === extension(name) || fold(f.name) === fold(name))) return [document.id];
  }
  return [];
}

function groupByHash(files: readonly FileRecord[]): Map<BlobHash, FileRecord[]> {
  const groups = new Map<BlobHash, FileRecord[]>();
  for (const file of files) groups.set(file.hash, [...(groups.get(file.hash) ?? []), file]);
  return groups;
}

/** The issued file first, when a document holds the same bytes twice. */
function oncePerDocument(files: readonly FileRecord[]): FileRecord[] {
  const byDocument = new Map<DocumentId, FileRecord>();
  for (const file of files) {
    const known = byDocument.get(file.documentId);
    if (!known || (known.kind !== 'issued' && file.kind === 'issued')) byDocument.set(file.documentId, file);
  }
  return [...byDocument.values()];
}
