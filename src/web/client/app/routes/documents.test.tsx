import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DocumentRow } from '../../../../base/api-types.ts';
import { sessionStore } from '../../lib/session.ts';
import { toasts } from '../../lib/toasts.ts';
import { session } from '../../testing/fake-mail.ts';
import DocumentsRoute from './documents.tsx';

const row = (id: number, more: Partial<DocumentRow> = {}): DocumentRow =>
  ({
    id,
    numberNotation: `${id}/UBND-VX`,
    typeName: 'Công văn',
    subject: `V/v việc số ${id}`,
    issuerName: 'UBND tỉnh Cao Sơn',
    issuedDate: '2026-11-20',
    direction: 'di',
    urgency: 'thuong',
    status: 'issued',
    arrivalNumber: null,
    correspondenceCount: 0,
    ...more,
  }) as DocumentRow;

let asked: URLSearchParams[];
let answer: (query: URLSearchParams) => [number, unknown];
beforeEach(() => {
  asked = [];
  answer = () => [200, { documents: [row(1)], nextCursor: null }];
  sessionStore.set(session);
  history.replaceState(null, '', '/documents');
  vi.stubGlobal('fetch', async (path: string) => {
    const url = new URL(path, 'http://x');
    if (url.pathname === '/api/v1/registers') {
      const one = { unitCode: 'H99', unitName: 'UBND tỉnh', direction: 'di', year: 2026, name: 'Sổ', documentCount: 3 };
      return Response.json({ registers: [one] });
    }
    asked.push(url.searchParams);
    const [status, body] = answer(url.searchParams);
    return new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' },
    });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  sessionStore.set(undefined);
  toasts.set([]);
});

describe('the register of documents', () => {
  it('shows what a row must tell: urgency, recall, the number on arrival', async () => {
    answer = () => [
      200,
      {
        documents: [
          row(1, { urgency: 'hoa_toc', correspondenceCount: 4 }),
          row(2, { status: 'recalled' }),
          row(3, { direction: 'den', arrivalNumber: 12 }),
        ],
        nextCursor: null,
      },
    ];
    render(<DocumentsRoute />);
    await screen.findByText('V/v việc số 1');
    expect(screen.getByText('HỎA TỐC')).toBeTruthy();
    expect(screen.getByText('Số đến 12')).toBeTruthy();
    expect(screen.getByText('4')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Xem thêm' })).toBeNull();
    fireEvent.click(screen.getByText('V/v việc số 2'));
    await waitFor(() => expect(location.pathname).toBe('/documents/2'));
  });

  it('asks for what the address bar names, and for what is typed once it rested', async () => {
    history.replaceState(null, '', '/documents?direction=den&unit=H99&year=2026&direction=odd');
    render(<DocumentsRoute />);
    await screen.findByText('V/v việc số 1');
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ direction: 'den', unit: 'H99', year: '2026', limit: '50' });
    answer = () => [200, { documents: [], nextCursor: null }];
    fireEvent.input(screen.getByRole('searchbox'), { target: { value: ' trien khai ' } });
    await screen.findByText('Không tìm thấy văn bản nào');
    expect(asked.at(-1)?.get('q')).toBe('trien khai');
    expect(asked).toHaveLength(2);
  });

  it('an odd year or direction in the address asks for everything', async () => {
    history.replaceState(null, '', '/documents?direction=ngang&year=-1');
    render(<DocumentsRoute />);
    await screen.findByText('V/v việc số 1');
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ limit: '50' });
  });

  it('says that it is empty, or that it could not be read', async () => {
    answer = () => [200, { documents: [], nextCursor: null }];
    const { unmount } = render(<DocumentsRoute />);
    await screen.findByText('Sổ chưa có văn bản');
    unmount();
    answer = () => [503, { code: 'http.503' }];
    render(<DocumentsRoute />);
    await screen.findByText('Chưa tải được văn bản');
    expect(screen.getByText('Máy chủ đang bận. Thử lại sau ít phút.')).toBeTruthy();
  });

  it('goes on page by page; a page that fails is said, and may be asked for again', async () => {
    answer = (query) => {
      const cursor = query.get('cursor');
      if (cursor === null) return [200, { documents: [row(1)], nextCursor: 'c2' }];
      return cursor === 'c2'
        ? [200, { documents: [row(2)], nextCursor: 'c3' }]
        : [200, { documents: [row(3)], nextCursor: null }];
    };
    render(<DocumentsRoute />);
    const more = () => fireEvent.click(screen.getByRole('button', { name: 'Xem thêm' }));
    await screen.findByText('V/v việc số 1');
    more();
    await screen.findByText('V/v việc số 2');
    const good = answer;
    answer = () => [503, { code: 'http.503' }];
    more();
    await waitFor(() => expect(toasts.get()[0]?.text).toBe('Máy chủ đang bận. Thử lại sau ít phút.'));
    answer = good;
    more();
    await screen.findByText('V/v việc số 3');
    expect(screen.getAllByText(/^V\/v việc số/)).toHaveLength(3);
    expect(screen.queryByRole('button', { name: 'Xem thêm' })).toBeNull();
  });
});
