/**
 * A picture that a message points to, fetched by us when its reader asks: its sender learns neither the reader's address nor
 * browser, and the page need not be allowed to load from anywhere. Nothing but a raster image comes back.
 */
import { DomainError } from '../../base/errors.ts';
import {
  AnswerTooLarge,
  getOutside,
  InsideAddress,
  outsideAddresses,
  type OutsideOptions,
} from '../../base/outside-get.ts';

export interface RemoteImage {
  type: string;
  bytes: Uint8Array;
}
export type RemoteImageOptions = Omit<OutsideOptions, 'accept'>;

const HOPS = 4;

const refused = () =>
  new DomainError('invalid', 'remote_image.refused', 'pictures come from http and https addresses of other sites only');
const noImage = () => new DomainError('notFound', 'remote_image.none', 'there is no picture that may be shown');
const failed = (cause?: unknown) =>
  new DomainError('unavailable', 'remote_image.failed', 'the other server gave no picture', {}, cause);

/** @throws remote_image.refused, remote_image.none, remote_image.too_large, remote_image.failed */
export async function fetchRemoteImage(asked: string, options: RemoteImageOptions): Promise<RemoteImage> {
  let url = readUrl(asked);
  for (let hop = 0; hop < HOPS; hop++) {
    const { status, body, location } = await get(url, options);
    if (status === 200) {
      const type = rasterType(body);
      if (type === undefined) throw noImage();
      return { type, bytes: body };
    }
    if (status === 404 || status === 410) throw noImage();
    if (status < 300 || status > 399 || location === undefined) throw failed();
    // Each hop is looked at like the first.
    url = readUrl(location, url);
  }
  throw failed();
}

async function get(url: URL, options: RemoteImageOptions) {
  const { protocol } = url;
  if (protocol !== 'http:' && protocol !== 'https:') throw refused();
  const host = url.hostname.replace(/^\[|\]$/g, '');
  try {
    const addresses = await outsideAddresses(host, options);
    if (!addresses) throw noImage();
    const path = `${url.pathname}${url.search}`;
    return await getOutside({ protocol, host, path }, addresses, {
      ...options,
      accept: 'image/webp,image/png,image/jpeg,image/gif',
    });
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (error instanceof InsideAddress) throw refused();
    if (error instanceof AnswerTooLarge)
      throw new DomainError('tooLarge', 'remote_image.too_large', 'the picture is too large', {
        max: options.maxBytes,
      });
    throw failed(error);
  }
}

/** The usual ports only: nobody looks through us at what else listens somewhere. */
function readUrl(text: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    throw refused();
  }
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  if (!web || url.port !== '' || url.username !== '' || url.password !== '' || url.hostname === '') throw refused();
  return url;
}

/** By the first bytes, whatever the other server calls it; SVG is a document and no picture. */
export function rasterType(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  if (head.startsWith('\u0089PNG\r\n\u001a\n')) return 'image/png';
  if (head.startsWith('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(head)) return 'image/gif';
  if (/^RIFF[^]{4}WEBP/.test(head)) return 'image/webp';
  return undefined;
}
