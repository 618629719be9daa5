/** One document: what the eOffice record says of it, and every message that carried it. */
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CorrespondenceRow, DocumentView } from '../../../../../base/api-types.ts';
import { Toasts } from '../../../components/toasts.tsx';
import { composeIntent } from '../../../lib/compose-intent.ts';
import { online } from '../../../lib/http.ts';
import { toasts } from '../../../lib/toasts.ts';
import { carried, documentView } from '../../../testing/fake-documents.ts';
import { DocumentPage } from './document-page.tsx';

let document_: DocumentView;
let pages: Record<string, { rows: CorrespondenceRow[]; next: string | null } | number>;
const refused = (status: number, code: string): Response =>
  new Response(JSON.stringify({ code }), { status, headers: { 'content-type': 'application/problem+json' } });
let documentAnswer: () => Response;

beforeEach(() => {
  document_ = documentView();
  documentAnswer = () => Response.json(document_);
  pages = { '': { rows: [carried(1)], next: null } };
  vi.stubGlobal('fetch', async (path: string) => {
    const url = new URL(path, 'http://x');
    if (!url.pathname.endsWith('/correspondence')) return documentAnswer();
    const page = pages[url.searchParams.get('cursor') ?? ''] ?? 404;
    return typeof page === 'number'
      ? refused(page, `http.${page}`)
      : Response.json({ correspondence: page.rows, nextCursor: page.next });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  composeIntent.set(null);
  online.set(true);
  toasts.set([]);
});
const open = async (): Promise<void> => {
  render(
    <>
      <DocumentPage id={5} mailHref={({ accountId, emailId }) => `/mail/${accountId}/all/${emailId}`} />
      <Toasts />
    </>,
  );
  await screen.findByRole('heading', { level: 1, name: document_.subject });
};
const fact = (name: string): string | null | undefined =>
  screen.getByText(name, { selector: 'dt' }).nextElementSibling?.textContent;
const cells = (row: HTMLElement): (string | null)[] =>
  within(row)
    .getAllByRole('cell')
    .map((cell) => cell.textContent);

describe('the record of a document', () => {
  it('says who issued and signed it, when, its identifier and its number in eOffice', async () => {
    await open();
    expect(fact('Cơ quan ban hành')).toBe('UBND tỉnh Cao Sơn · H99');
    expect(fact('Ngày ban hành')).toBe('Cao Sơn, 22/11/2026');
    expect(fact('Người ký')).toBe('KT. CHỦ TỊCH · PHÓ CHỦ TỊCH · Trần Văn Dũng');
    expect(fact('Mã định danh')).toBe('H99,2026/11/22,1427/UBND-KGVX');
    expect(fact('Mã trên eOffice')).toBe('VB-D21');
    expect(screen.getByText('HỎA TỐC')).toBeTruthy();
    expect(screen.getByText('Đã phát hành')).toBeTruthy();
    // What the record does not say is not there.
    expect(screen.queryByText('Số đến')).toBeNull();
    expect(screen.queryByText('Phúc đáp văn bản')).toBeNull();
  });

  it('names the recipients, by code where no name is known', async () => {
    document_ = documentView({
      recipients: [
        { code: 'H99.02', name: 'Sở Nội vụ' },
        { code: 'H99.77', name: null },
      ],
    });
    await open();
    expect(screen.getByText('Nơi nhận (2)')).toBeTruthy();
    expect(screen.getByText('Sở Nội vụ; H99.77')).toBeTruthy();
  });

  it('that was recalled says so', async () => {
    document_ = documentView({ status: 'recalled' });
    await open();
    expect(screen.getByText('Đã thu hồi')).toBeTruthy();
    expect(screen.queryByText('Đã phát hành')).toBeNull();
  });

  it('is sent with a message by the newest file that was issued; without one it cannot be', async () => {
    const [file] = document_.files;
    document_ = documentView({ files: [file!, { ...file!, id: 9, version: 2, name: 'moi.pdf' }] });
    await open();
    fireEvent.click(screen.getByRole('button', { name: 'Gửi kèm thư' }));
    expect(composeIntent.get()?.intent).toMatchObject({
      kind: 'new',
      document: { documentId: 5, numberNotation: '1427/UBND-KGVX', file: { id: 9, name: 'moi.pdf' } },
    });
    cleanup();
    document_ = documentView({ files: [{ ...file!, kind: 'draft' }] });
    await open();
    expect(screen.getByRole('button', { name: 'Gửi kèm thư' })).toHaveProperty('disabled', true);
  });

  it.each([
    [403, 'document.forbidden', 'Bạn không có quyền xem văn bản này.'],
    [404, 'document.not_found', 'Không có văn bản này.'],
  ])('that cannot be shown (%i) says why', async (status, code, words) => {
    documentAnswer = () => refused(status, code);
    render(<DocumentPage id={5} mailHref={() => ''} />);
    expect(await screen.findByText(words)).toBeTruthy();
    expect(screen.getByText('Chưa tải được văn bản')).toBeTruthy();
  });
});

it('a document that the line kept from coming comes by itself once it is back', async () => {
  documentAnswer = () => {
    throw new TypeError('no network');
  };
  render(<DocumentPage id={5} mailHref={() => ''} />);
  expect(await screen.findByText(/^Không kết nối được máy chủ/)).toBeTruthy();
  documentAnswer = () => Response.json(document_);
  online.set(true);
  expect(await screen.findByRole('heading', { level: 1, name: document_.subject })).toBeTruthy();
});

describe('the messages that carried it', () => {
  it('say from whom to whom, what, whether the file is the issued one, and who vouches', async () => {
    pages[''] = {
      rows: [
        carried(1, { open: { accountId: 'a1', emailId: 'e1' } }),
        carried(2, {
          recipients: [{ address: 'vpubnd@caoson.gov.vn', name: 'Văn phòng' }],
          recipientCount: 1,
          match: 'different',
          verdict: 'unsigned',
          from: { name: '', address: 'huu@yahoo.com' },
        }),
        carried(3, { verdict: null }),
      ],
      next: null,
    };
    await open();
    const [, first, second, third] = await screen.findAllByRole('row');
    expect(cells(first!).slice(1)).toEqual(['Văn phòng UBND → 7 nơi nhận', 'Thư số 1', 'Gửi văn bản', 'Hợp lệ']);
    expect(cells(second!).slice(1)).toEqual([
      'huu@yahoo.com → Văn phòng',
      'Thư số 2',
      'Tệp khác bản phát hành',
      'Không ký',
    ]);
    expect(cells(third!)[4]).toBe('Đang kiểm tra');
    // Only who has the mailbox may open the message.
    expect(within(first!).getByRole('link', { name: 'Thư số 1' }).getAttribute('href')).toBe('/mail/a1/all/e1');
    expect(within(second!).queryByRole('link')).toBeNull();
  });

  it('that are none teach the next step', async () => {
    pages[''] = { rows: [], next: null };
    await open();
    expect(await screen.findByText(/Chưa có thư nào mang văn bản này/)).toBeTruthy();
    expect(screen.queryByRole('table')).toBeNull();
  });

  it('come page by page; a page that fails is said, and may be asked for again', async () => {
    pages = { '': { rows: [carried(1)], next: 'c2' }, c2: 503 };
    await open();
    const more = (): boolean => fireEvent.click(screen.getByRole('button', { name: 'Xem thêm' }));
    await screen.findByText('Thư số 1');
    more();
    expect(await screen.findByText('Máy chủ đang bận. Thử lại sau ít phút.')).toBeTruthy();
    pages['c2'] = { rows: [carried(2)], next: null };
    more();
    expect(await screen.findByText('Thư số 2')).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Xem thêm' })).toBeNull());
    expect(screen.getAllByText(/^Thư số/)).toHaveLength(2);
  });

  it('that cannot be had leave the record as it is', async () => {
    pages[''] = 503;
    await open();
    expect(await screen.findByText('Máy chủ đang bận. Thử lại sau ít phút.')).toBeTruthy();
    expect(fact('Mã trên eOffice')).toBe('VB-D21');
  });
});
