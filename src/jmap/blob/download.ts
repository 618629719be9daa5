/**
 * Downloading (RFC 8620 §6.2). Whatever the bytes are, a browser only saves them: attachment, no sniffing, and, should one
 * show them all the same, a sandbox without origin and without anything.
 */
import type { FoundBlob } from './resolve.ts';
import { mediaType } from './media-type.ts';

export interface DownloadOptions {
  name: string;
  /** As the URL asks; the blob's own otherwise. */
  type: string | undefined;
  range: string | null;
  method: string;
  /** The blob id: equal ids are equal bytes. */
  tag: string;
  ifNoneMatch: string | null;
}

export async function downloadBlob(blob: FoundBlob, options: DownloadOptions): Promise<Response> {
  const headers = downloadHeaders(blob, options);
  if (options.ifNoneMatch?.split(',').some((tag) => tag.trim() === headers['ETag']))
    return new Response(null, { status: 304, headers });
  // A part's size is known once it is decoded.
  const whole = blob.size === undefined || !blob.range ? await blob.bytes() : undefined;
  const size = whole?.length ?? blob.size ?? 0;
  const range = options.range === null ? undefined : parseRange(options.range, size);
  if (range === 'unsatisfiable')
    return new Response(null, { status: 416, headers: { ...headers, 'Content-Range': `bytes */${size}` } });
  const [start, end] = range ?? [0, size];
  const length = {
    ...headers,
    'Content-Length': String(end - start),
    ...(range ? { 'Content-Range': `bytes ${start}-${end - 1}/${size}` } : {}),
  };
  const status = range ? 206 : 200;
  if (options.method === 'HEAD') return new Response(null, { status, headers: length });
  const bytes = whole ? whole.subarray(start, end) : await (blob.range?.(start, end) ?? blob.bytes());
  return new Response(Uint8Array.from(bytes), { status, headers: length });
}

function downloadHeaders(blob: FoundBlob, { name, type, tag }: DownloadOptions): Record<string, string> {
  return {
    'Content-Type': mediaType(type ?? '') ?? mediaType(blob.type) ?? 'application/octet-stream',
    'Content-Disposition': contentDisposition(name),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'Accept-Ranges': 'bytes',
    ETag: `"${tag}"`,
    // RFC 8620 §6.2: the bytes of an id never change; they are for this official only.
    'Cache-Control': 'private, immutable, max-age=31536000',
  };
}

/** RFC 6266, RFC 8187: a plain name for old clients, the true one beside it. */
export function contentDisposition(name: string): string {
  const clean =
    name.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]/g, '_').slice(0, 200) || 'file';
  const ascii = clean
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[đĐ]/g, 'd')
    .replace(/[^\x20-\x7e]|["%]/g, '_');
  const encoded = encodeURIComponent(
    clean.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '_'),
  ).replace(/['()*!]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** RFC 9110 §14.2: one range; anything else is answered in full (undefined). [start, end) */
export function parseRange(text: string, size: number): [number, number] | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text.trim());
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : [size - length, size];
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return [start, last === '' ? size : Math.min(Number(last) + 1, size)];
}
