import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import DocumentPicker from './document-picker.tsx';

const one = (id: number, numberNotation: string) => ({
  id,
  identifier: `D${id}`,
  numberNotation,
  typeName: 'Công văn',
  issuedDate: '2026-11-22',
  subject: `Trích yếu ${id}`,
  issuedFile: { id, name: `${id}.pdf`, size: 1, sha256: 'ab', type: 'application/pdf' },
});
/** Answers that are still held back, by what was searched. */
let held: Map<string, (documents: unknown[], status?: number) => void>;
const onPick = vi.fn<(document: { numberNotation: string }) => void>();

beforeEach(() => {
  held = new Map();
  vi.stubGlobal('fetch', (url: string) => {
    const q = new URL(url, 'http://x').searchParams.get('q') ?? '';
    return new Promise<Response>((answer) => {
      held.set(q, (documents, status = 200) =>
        answer(new Response(JSON.stringify(status === 200 ? { documents } : { code: 'http.503' }), { status })),
      );
    });
  });
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  render(<DocumentPicker onPick={onPick} onClose={() => undefined} />);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});
async function search(text: string): Promise<void> {
  fireEvent.input(screen.getByRole('searchbox'), { target: { value: text } });
  await vi.waitFor(() => expect(held.has(text)).toBe(true));
}
const rows = (): string[] => screen.queryAllByRole('button', { name: /UBND/ }).map((row) => row.textContent ?? '');

it('keeps what it found until more is known, so that a click meets the row it was meant for', async () => {
  held.get('')?.([one(1, '1427/UBND-KGVX'), one(2, '52/UBND-KT')]);
  const row = await screen.findByRole('button', { name: /1427/ });
  await search('1427');
  expect(rows()).toHaveLength(2);
  held.get('1427')?.([one(1, '1427/UBND-KGVX')]);
  await vi.waitFor(() => expect(rows()).toHaveLength(1));
  expect(row.isConnected).toBe(true);
  fireEvent.click(row);
  expect(onPick.mock.calls[0]?.[0].numberNotation).toBe('1427/UBND-KGVX');
});

it('shows no old rows under an error', async () => {
  held.get('')?.([one(1, '1427/UBND-KGVX')]);
  await screen.findByRole('button', { name: /1427/ });
  await search('lỗi');
  held.get('lỗi')?.([], 503);
  await screen.findByText('Máy chủ đang bận. Thử lại sau ít phút.');
  expect(rows()).toEqual([]);
});
