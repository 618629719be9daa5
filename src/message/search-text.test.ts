import { expect, it } from 'vitest';

import { deriveMessage } from './derive.ts';
import { searchText } from './search-text.ts';

async function bodyOf(plain: string, html: string): Promise<string> {
  const part = (type: string, text: string): string =>
    `--x\r\nContent-Type: text/${type}; charset=utf-8\r\n\r\n${text}\r\n`;
  const bytes = Buffer.from(
    `Content-Type: multipart/alternative; boundary=x\r\n\r\n${part('plain', plain)}${part('html', html)}--x--\r\n`,
  );
  return (await searchText((start, end) => bytes.subarray(start, end), deriveMessage(bytes))).body;
}

it('what HTML says that the plain text said too is there once', async () => {
  expect(await bodyOf('Kính gửi', '<p>Kính gửi<p>Nơi nhận')).toBe('Kính gửi Nơi nhận');
});

it('a long text is not gone over for each of many thousand lines: beyond a budget they are taken as they are', async () => {
  const text = `${'a'.repeat(250_000)} hết`;
  expect(await bodyOf(text, '<p>hết'.repeat(799))).toBe(text);
  const body = await bodyOf(text, '<p>hết'.repeat(30_000));
  expect(body).toBe(`${text}${' hết'.repeat(body.split('hết').length - 2)}`);
  expect(body.length).toBeGreaterThan(text.length);
  expect(body.length).toBeLessThanOrEqual(400_000);
});

it.each(['<!-->Kính gửi', '<!--->Kính gửi', '<!-- x --!>Kính gửi', '<!--!>x-->Kính gửi', '<!-- -- > -!> -->Kính gửi'])(
  'a comment ends where a reader sees it end: %s',
  async (html) => expect(await bodyOf('', html)).toBe('Kính gửi'),
);
