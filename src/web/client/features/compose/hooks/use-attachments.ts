/** Files of a message: chosen, dropped, brought along or taken from the register; each goes up once, with progress, and can be cancelled. */
import { useCallback, useEffect, useRef } from 'react';
import { documentFilePath } from '../../../lib/api/documents.ts';
import type { AttachedDocument } from '../../../lib/compose-intent.ts';
import { send } from '../../../lib/http.ts';
import type { JmapClient } from '../../../lib/jmap/client.ts';
import type { Attachment } from '../draft.ts';

type Update = (change: (now: readonly Attachment[]) => readonly Attachment[]) => void;
export interface AttachmentActions {
  addFiles: (files: Iterable<File>) => void;
  addDocument: (document: AttachedDocument) => void;
  addRemote: (file: { name: string; type: string; size: number; blobId: string; document?: AttachedDocument }) => void;
  remove: (key: string) => void;
  retry: (key: string) => void;
  /** Attachment key -> blob of this account. */
  blobs: ReadonlyMap<string, string>;
}
let next = 1;

export function useAttachments(
  client: JmapClient,
  accountId: string,
  update: Update,
  onUploaded: () => void,
): AttachmentActions {
  const blobs = useRef(new Map<string, string>()).current;
  const aborts = useRef(new Map<string, AbortController>()).current;
  const sources = useRef(new Map<string, (signal: AbortSignal) => Promise<Blob>>()).current;

  const patch = useCallback(
    (key: string, change: Partial<Attachment>) =>
      update((now) => now.map((one) => (one.key === key ? { ...one, ...change } : one))),
    [update],
  );
  const start = useCallback(
    (key: string) => {
      const abort = new AbortController();
      aborts.set(key, abort);
      const run = async (): Promise<void> => {
        const blob = await sources.get(key)?.(abort.signal);
        if (!blob) return;
        patch(key, { blob, size: blob.size });
        const id = await client.upload(accountId, blob, (progress) => patch(key, { progress }), abort.signal);
        blobs.set(key, id);
        patch(key, { state: 'ready', progress: 1 });
        onUploaded();
      };
      run().catch(() => !abort.signal.aborted && patch(key, { state: 'failed' }));
    },
    [client, accountId, patch, onUploaded],
  );
  const add = useCallback(
    (file: Pick<Attachment, 'name' | 'type' | 'size' | 'document'>, load: (signal: AbortSignal) => Promise<Blob>) => {
      const key = `f${next++}`;
      sources.set(key, load);
      const { document, ...rest } = file;
      update((now) => [
        ...now,
        { key, ...rest, blob: undefined, state: 'loading', progress: 0, ...(document ? { document } : {}) },
      ]);
      start(key);
    },
    [start, update],
  );
  useEffect(() => () => aborts.forEach((abort) => abort.abort()), []);
  return {
    addFiles: (files) => {
      for (const file of files)
        add(
          { name: file.name.normalize('NFC'), type: file.type || 'application/octet-stream', size: file.size },
          async () => file,
        );
    },
    addDocument: (document) => {
      const { file } = document;
      add({ name: file.name, type: file.type, size: file.size, document }, async (signal) =>
        (await send(documentFilePath(document.documentId, file.id), { signal })).blob(),
      );
    },
    addRemote: ({ blobId, ...file }) => add(file, (signal) => client.download(accountId, blobId, file.type, signal)),
    remove: (key) => {
      aborts.get(key)?.abort();
      blobs.delete(key);
      update((now) => now.filter((one) => one.key !== key));
    },
    retry: (key) => {
      patch(key, { state: 'loading', progress: 0 });
      start(key);
    },
    blobs,
  };
}
