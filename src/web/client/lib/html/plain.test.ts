import { expect, it } from 'vitest';
import { linkify, plainBlocks } from './plain.ts';

it('finds addresses without the punctuation of the sentence', () => {
  expect(linkify('Xem https://caoson.gov.vn/a?b=1. Hỏi vt@caoson.gov.vn!')).toEqual([
    { text: 'Xem ' },
    { text: 'https://caoson.gov.vn/a?b=1', href: 'https://caoson.gov.vn/a?b=1' },
    { text: '. Hỏi ' },
    { text: 'vt@caoson.gov.vn', href: 'mailto:vt@caoson.gov.vn' },
    { text: '!' },
  ]);
});
it('never makes a script address a link', () =>
  expect(linkify('javascript:alert(1)')).toEqual([{ text: 'javascript:alert(1)' }]));
it('puts quoted lines into blocks of their own', () => {
  const blocks = plainBlocks('Đồng ý.\r\n\r\n> một\r\n> hai\r\nHết');
  expect(blocks.map(({ quoted, lines }) => [quoted, lines.length])).toEqual([
    [false, 2],
    [true, 2],
    [false, 1],
  ]);
});
it.each(['a.'.repeat(600_000), `http://x${'.'.repeat(600_000)}a`, `${'\n'.repeat(600_000)}a`, 'a@'.repeat(300_000)])(
  'megabytes of the same are gone over once, not from each of their letters (%#)',
  (text) => {
    const shown = plainBlocks(text).flatMap(({ lines }) =>
      lines.map((line) => line.map((piece) => piece.text).join('')),
    );
    expect(shown.join('\n') === text).toBe(true);
  },
);
it('an address keeps its bounds', () => {
  const links = (line: string): string[] => linkify(line).flatMap((piece) => ('href' in piece ? [piece.text] : []));
  expect(links(`...vt@caoson.gov.vn ${'x'.repeat(64)}@b.vn (a.b+c@d-e.vn), đ@`)).toEqual([
    'vt@caoson.gov.vn',
    `${'x'.repeat(64)}@b.vn`,
    'a.b+c@d-e.vn',
  ]);
});
