import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DocumentFileView, DocumentView } from '../../../../../base/api-types.ts';
import { toasts } from '../../../lib/toasts.ts';
import { DocumentFiles } from './document-files.tsx';

const file = (id: number, change: Partial<DocumentFileView>): DocumentFileView => ({
  id,
  version: id,
  kind: 'draft',
  name: `ban ${id}.docx`,
  type: 'application/msword',
  size: 2048,
  sha256: String(id).repeat(64),
  createdAt: '2026-11-20T01:00:00Z',
  createdBy: 'official:1',
  ...change,
});
const show = (files: DocumentFileView[], onShow: (one: DocumentFileView) => void = () => undefined): void =>
  void render(<DocumentFiles document={{ id: 7, files } as DocumentView} onShow={onShow} />);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  toasts.set([]);
});

describe('the files of a document', () => {
  it('have what was issued first, then the newest draft; each is fetched under its name', () => {
    show([file(1, {}), file(2, {}), file(3, { kind: 'issued', version: 1, name: 'Quyết định.pdf' })]);
    const links = screen.getAllByRole('link');
    expect(links.map((link) => [link.getAttribute('download'), link.getAttribute('href')])).toEqual([
      ['Quyết định.pdf', '/api/v1/documents/7/files/3/content'],
      ['ban 2.docx', '/api/v1/documents/7/files/2/content'],
      ['ban 1.docx', '/api/v1/documents/7/files/1/content'],
    ]);
  });
  it('are opened on the page when they are PDF, and only then', () => {
    const onShow = vi.fn();
    const pdf = file(2, { type: 'application/pdf', name: 'Quyết định.pdf' });
    show([file(1, {}), pdf], onShow);
    expect(screen.queryByRole('button', { name: 'ban 1.docx' })).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Quyết định.pdf' }));
    expect(onShow).toHaveBeenCalledWith(pdf);
  });
  it('have a hash to compare: copied whole, or shown whole where a page may not copy', async () => {
    const copied: string[] = [];
    vi.stubGlobal('navigator', { clipboard: { writeText: async (text: string) => void copied.push(text) } });
    show([file(4, {})]);
    fireEvent.click(screen.getByRole('button', { name: 'Chép mã băm' }));
    await waitFor(() => expect(toasts.get().at(-1)?.text).toBe('Đã chép mã băm SHA-256.'));
    expect(copied).toEqual(['4'.repeat(64)]);
    vi.stubGlobal('navigator', {});
    fireEvent.click(screen.getByRole('button', { name: 'Chép mã băm' }));
    await waitFor(() => expect(toasts.get().at(-1)?.text).toBe('4'.repeat(64)));
  });
  it('say that there are none', () => {
    show([]);
    expect(screen.queryAllByRole('listitem')).toEqual([]);
    expect(screen.getByText(/Chưa có tệp|không có tệp/i)).toBeTruthy();
  });
});
