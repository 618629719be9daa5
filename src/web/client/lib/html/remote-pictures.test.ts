import { afterEach, describe, expect, it, vi } from 'vitest';
import { bringPictures } from './remote-pictures.ts';
import { sanitise } from './sanitise.ts';

afterEach(() => vi.unstubAllGlobals());

async function shown(html: string, answer: (url: string) => Response): Promise<{ html: string; asked: string[] }> {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string) => {
    const url = new URL(path, 'http://thu.example').searchParams.get('url') ?? '';
    asked.push(`${path.split('?')[0]} ${url}`);
    return Promise.resolve(answer(url));
  });
  const safe = sanitise(html, { allowRemote: true, inline: new Map() });
  await bringPictures(safe, new AbortController().signal);
  const holder = document.createElement('div');
  holder.append(safe.fragment);
  return { html: holder.innerHTML, asked };
}
// A Blob of the page's own kind, which its FileReader reads.
const picture = (type: string): Response =>
  Object.assign(new Response(null), { blob: () => Promise.resolve(new Blob(['x'], { type })) });

describe('pictures that the reader asked for', () => {
  it('come from our own server alone and stand in the message as data', async () => {
    const out = await shown('<img src="https://a.vn/b.png?c=1&d=2">', () => picture('image/png'));
    expect(out.asked).toEqual(['/api/v1/remote-image https://a.vn/b.png?c=1&d=2']);
    expect(out.html).toMatch(/^<img src="data:image\/png;base64,/);
  });
  it('leave no address behind that could load, whatever came', async () => {
    const html =
      '<img src="https://a.vn/1"><img src="HTTPS://a.vn/2"><img src="http://a.vn/3" srcset="https://a.vn/4 2x">';
    for (const answer of [picture('image/svg+xml'), picture('text/html'), new Response('', { status: 404 })])
      expect((await shown(html, () => answer)).html).not.toMatch(/src|https?:/i);
  });
});
