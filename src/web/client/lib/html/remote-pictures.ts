/** Pictures that the reader asked for come through our server, so that the sender learns no address of the reader, and enter as data:. */
import { send } from '../http.ts';
import type { SafeHtml } from './sanitise.ts';

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : '');
    reader.onerror = () => resolve('');
    reader.readAsDataURL(blob);
  });
}

/** Replaces every https picture by its bytes; one that cannot be had stays empty. At most 60, as the server's limits would have it. */
export async function bringPictures(safe: SafeHtml, signal: AbortSignal): Promise<void> {
  const pictures = [...safe.fragment.querySelectorAll('img[src^="https:" i]')];
  const fetched = pictures.map(async (picture, at) => {
    const url = picture.getAttribute('src') ?? '';
    picture.removeAttribute('src');
    if (at >= 60) return;
    const response = await send(`/api/v1/remote-image?url=${encodeURIComponent(url)}`, {
      signal,
      cache: 'default',
    }).catch(() => undefined);
    const found = response ? await dataUrl(await response.blob()) : '';
    if (/^data:image\/(?:png|jpe?g|gif|webp|bmp);base64,/i.test(found)) picture.setAttribute('src', found);
  });
  await Promise.all(fetched);
}
