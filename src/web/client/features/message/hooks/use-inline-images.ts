/** The pictures that the message itself carries, as data: URLs; the frame cannot fetch anything by itself. */
import { useEffect, useState } from 'react';
import { useHub } from '../../../lib/jmap/hub.ts';
import type { EmailBody } from '../../../lib/jmap/types.ts';
import { shownParts } from '../parts.ts';

const LIMIT = 8_000_000;
const none: ReadonlyMap<string, string> = new Map();

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : '');
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(blob);
  });
}

/** undefined while they are being fetched. */
export function useInlineImages(accountId: string, body: EmailBody): ReadonlyMap<string, string> | undefined {
  const { client } = useHub();
  const html = shownParts(body).some(
    (part) => part.type === 'text/html' && /cid:/i.test(body.bodyValues[part.partId ?? '']?.value ?? ''),
  );
  const wanted = html
    ? [...body.attachments, ...body.htmlBody].filter(
        (part) => part.cid && part.blobId && part.size < LIMIT && /^image\/(png|jpe?g|gif|webp|bmp)$/.test(part.type),
      )
    : [];
  const [images, setImages] = useState<ReadonlyMap<string, string> | undefined>(wanted.length > 0 ? undefined : none);
  useEffect(() => {
    if (wanted.length === 0) return setImages(none);
    const abort = new AbortController();
    const load = async (): Promise<void> => {
      const found = new Map<string, string>();
      await Promise.all(
        wanted.map(async (part) => {
          const blob = await client
            .download(accountId, part.blobId ?? '', part.type, abort.signal)
            .catch(() => undefined);
          if (blob && part.cid)
            found.set(part.cid.replace(/^<|>$/g, ''), await dataUrl(new Blob([blob], { type: part.type })));
        }),
      );
      if (!abort.signal.aborted) setImages(found);
    };
    void load();
    return () => abort.abort();
  }, [body.id]);
  return images;
}
