/** Files of a message: chosen, dropped, brought along or taken from the register; each goes up once, with progress, and can be cancelled. */
import { useCallback, useEffect, useRef } from 'react';
import { documentFilePath } from '../../../lib/api/documents.ts';
import type { AttachedDocument } from '../../../lib/compose-intent.ts';
import { ApiError, send } from '../../../lib/http.ts';
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

/** Where the bytes come from, and the account that has them as a blob already. */
interface Source {
  load: (signal: AbortSignal) => Promise<Blob>;
  home?: { accountId: string; blobId: string };
}
interface Upload {
  client: JmapClient;
  accountId: string;
  source: Source;
  signal: AbortSignal;
  patch: (change: Partial<Attachment>) => void;
}
async function upload({ client, accountId, source, signal, patch }: Upload): Promise<string> {
  const blob = await source.load(signal);
  patch({ blob, size: blob.size });
  // What was forwarded or lies in a draft is in this account already.
  if (source.home?.accountId === accountId) return source.home.blobId;
  if (blob.size > client.maxUpload) throw new ApiError('upload.too_large', 413);
  return await client.upload(accountId, blob, (progress) => patch({ progress }), signal);
}
/** Blobs belong to an account: a message that moves to another one takes its files along. */
function useReupload(
  accountId: string,
  blobs: Map<string, string>,
  aborts: Map<string, AbortController>,
  start: (key: string) => void,
): void {
  const home = useRef(accountId);
  useEffect(() => {
    if (home.current === accountId) return;
    home.current = accountId;
    for (const key of [...blobs.keys()]) start(key);
    blobs.clear();
  }, [accountId, start]);
  useEffect(() => () => aborts.forEach((abort) => abort.abort()), []);
}

interface Uploader {
  blobs: Map<string, string>;
  aborts: Map<string, AbortController>;
  sources: Map<string, Source>;
  patch: (key: string, change: Partial<Attachment>) => void;
  start: (key: string) => void;
}
function useUploader(client: JmapClient, accountId: string, update: Update, onUploaded: () => void): Uploader {
  const blobs = useRef(new Map<string, string>()).current;
  const aborts = useRef(new Map<string, AbortController>()).current;
  const sources = useRef(new Map<string, Source>()).current;

  const patch = useCallback(
    (key: string, change: Partial<Attachment>) =>
      update((now) => now.map((one) => (one.key === key ? { ...one, ...change } : one))),
    [update],
  );
  const start = useCallback(
    (key: string) => {
      const abort = new AbortController();
      aborts.set(key, abort);
      const source = sources.get(key);
      if (!source) return;
      upload({ client, accountId, source, signal: abort.signal, patch: (change) => patch(key, change) }).then(
        (blobId) => {
          blobs.set(key, blobId);
          patch(key, { state: 'ready', progress: 1 });
          onUploaded();
        },
        (reason: unknown) =>
          !abort.signal.aborted &&
          patch(key, { state: 'failed', tooLarge: reason instanceof ApiError && reason.status === 413 }),
      );
    },
    [client, accountId, patch, onUploaded],
  );
  useReupload(accountId, blobs, aborts, start);
  return { blobs, aborts, sources, patch, start };
}

export function useAttachments(
  client: JmapClient,
  accountId: string,
  update: Update,
  onUploaded: () => void,
): AttachmentActions {
  const { blobs, aborts, sources, patch, start } = useUploader(client, accountId, update, onUploaded);
  const add = useCallback(
    (file: Pick<Attachment, 'name' | 'type' | 'size' | 'document'>, load: Source['load'], home?: Source['home']) => {
      const key = `f${next++}`;
      sources.set(key, { load, ...(home ? { home } : {}) });
      const { document, ...rest } = file;
      update((now) => [
        ...now,
        { key, ...rest, blob: undefined, state: 'loading', progress: 0, ...(document ? { document } : {}) },
      ]);
      start(key);
    },
    [start, update],
  );
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
    addRemote: ({ blobId, ...file }) =>
      add(file, (signal) => client.download(accountId, blobId, file.type, signal), { accountId, blobId }),
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
