/** Beside a message: the documents that it carries. */
import { cleanup, render, screen, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CorrespondenceRow, DocumentMark, DocumentView } from '../../../../../base/api-types.ts';
import { carried, documentView, mark } from '../../../testing/fake-documents.ts';
import LinkedDocuments from './linked-documents.tsx';

let documents: Record<number, DocumentView | number>;
let course: CorrespondenceRow[];
beforeEach(() => {
  documents = { 5: documentView() };
  course = [];
  vi.stubGlobal('fetch', async (path: string) => {
    if (path.includes('/correspondence')) return Response.json({ correspondence: course, nextCursor: null });
    const found = documents[Number(/documents\/(\d+)/.exec(path)?.[1])] ?? 404;
    return typeof found === 'number'
      ? new Response(JSON.stringify({ code: found === 403 ? 'document.forbidden' : 'document.not_found' }), {
          status: found,
          headers: { 'content-type': 'application/problem+json' },
        })
      : Response.json(found);
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
const show = (...marks: DocumentMark[]): void => void render(<LinkedDocuments marks={marks} known />);
const cards = (): Promise<HTMLElement[]> => screen.findAllByRole('article');

describe('the documents of a message', () => {
  it('are none: the panel says so, once that is known', () => {
    show();
    expect(screen.getByText('Thư này không mang văn bản nào.')).toBeTruthy();
    cleanup();
    render(<LinkedDocuments marks={[]} known={false} />);
    expect(screen.queryByText('Thư này không mang văn bản nào.')).toBeNull();
  });

  it('lead to the register, with issuer, signer and urgency', async () => {
    show(mark());
    const [card] = await cards();
    expect(within(card!).getByRole('link', { name: '1427/UBND-KGVX' }).getAttribute('href')).toBe('/documents/5');
    expect(await within(card!).findByText('UBND tỉnh Cao Sơn, 22/11/2026')).toBeTruthy();
    expect(within(card!).getByText('Trần Văn Dũng')).toBeTruthy();
    expect(within(card!).getByText('Hỏa tốc')).toBeTruthy();
    expect(within(card!).queryByText(/khác bản phát hành/)).toBeNull();
  });

  it('stand there once each; a file that differs from what was issued is told, whichever comes last', async () => {
    documents[6] = documentView({ id: 6 });
    show(
      mark({ partId: '2', match: 'different' }),
      mark({ partId: '3', match: 'same' }),
      mark({ documentId: 6, numberNotation: '88/BC-UBND', partId: '4' }),
    );
    const [first, second, ...more] = await cards();
    expect(more).toEqual([]);
    expect(within(first!).getByText('Tệp trong thư khác bản phát hành trong sổ.')).toBeTruthy();
    expect(within(second!).getByRole('link', { name: '88/BC-UBND' })).toBeTruthy();
    expect(within(second!).queryByText(/khác bản phát hành/)).toBeNull();
    expect(screen.getByRole('heading', { name: /^Văn bản liên kết/ }).textContent).toBe('Văn bản liên kết2');
  });

  it.each([
    ['2026-12-05', '05/12/2026 · còn 13 ngày'],
    ['2026-11-22', '22/11/2026 · hết hạn hôm nay'],
    ['2026-11-20', '20/11/2026 · quá hạn 2 ngày'],
  ])('with a term until %s say on 22/11/2026 “%s”', async (dueDate, words) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-22T03:00:00Z') });
    documents[5] = documentView({ dueDate });
    show(mark());
    expect(await screen.findByText(words)).toBeTruthy();
  });

  it('tell their course: who sent them on, how many received them, when they were registered', async () => {
    course = [carried(1, { recipientCount: 103, receivedCount: 71 })];
    show(mark());
    const steps = await screen.findAllByRole('listitem');
    expect(steps.map((one) => one.textContent?.replace(/^.*?(?=Văn phòng|Vào sổ)/, ''))).toEqual([
      'Văn phòng UBND gửi đến 103 nơi nhận · 71 đã nhận',
      'Vào sổ văn bản đi số 1427/UBND-KGVX',
    ]);
  });

  it('that one may not see leave what the message itself says, and the reason', async () => {
    documents[5] = 403;
    show(mark());
    const [card] = await cards();
    expect(await within(card!).findByText('Bạn không có quyền xem văn bản này.')).toBeTruthy();
    expect(within(card!).getByText(/^V\/v triển khai/)).toBeTruthy();
  });
});
