import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DirectoryEntryView } from '../../../../../base/api-types.ts';
import { composeIntent } from '../../../lib/compose-intent.ts';
import { DirectoryScreen } from './directory-screen.tsx';

const person = (name: string, address: string, change: Partial<DirectoryEntryView> = {}): DirectoryEntryView => ({
  ...{ kind: 'person', name, address, title: 'Chuyên viên', unitCode: 'H99.02', unitName: 'Sở Nội vụ' },
  ...change,
});
const unit = (code: string, name: string, email: string | null, validTo: string | null = null) => ({
  ...{ code, name, email, shortName: name, abbreviation: 'SNV', kind: 'so', adminTier: 'tinh', parentCode: null },
  ...{ place: 'Cao Sơn', validFrom: '2020-01-01', validTo },
});
let answer: (path: string) => [number, unknown];
let asked: string[];

beforeEach(() => {
  asked = [];
  answer = (path) =>
    path.startsWith('/api/v1/directory/units')
      ? [200, { units: [unit('H99.02', 'Sở Nội vụ', 'snv@caoson.gov.vn'), unit('H99.09', 'Tổ soạn thảo', null)] }]
      : [200, { entries: path.includes('q=&') ? [] : [person('Hoàng Thị Nhung', 'nhunght@caoson.gov.vn')] }];
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    const [status, body] = answer(path);
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  composeIntent.set(null);
});
const people = (): HTMLElement => screen.getByRole('region', { name: 'Người và hộp thư' });
const units = (): HTMLElement => screen.getByRole('region', { name: 'Đơn vị' });
const search = (text: string): void => void fireEvent.input(screen.getByRole('searchbox'), { target: { value: text } });

describe('the directory', () => {
  it('asks for people as one types, once it rested, and finds units without marks', async () => {
    render(<DirectoryScreen />);
    await within(units()).findByText('Tổ soạn thảo');
    expect(within(people()).getByText('Tìm người để viết thư')).toBeTruthy();
    search('noi');
    search('noi vu');
    await within(people()).findByText('Hoàng Thị Nhung');
    expect(asked.filter((path) => path.includes('q=noi'))).toEqual(['/api/v1/directory/entries?q=noi%20vu&limit=50']);
    expect(within(units()).queryByText('Tổ soạn thảo')).toBeNull();
    expect(within(units()).getByText('Sở Nội vụ')).toBeTruthy();
  });
  it('begins a letter to a person or a unit; a unit without an address is written to by nobody', async () => {
    render(<DirectoryScreen />);
    search('nhung');
    fireEvent.click(await screen.findByRole('button', { name: 'Viết thư cho Hoàng Thị Nhung' }));
    expect(composeIntent.get()?.intent).toEqual({
      kind: 'new',
      to: [{ name: 'Hoàng Thị Nhung', email: 'nhunght@caoson.gov.vn' }],
    });
    search('');
    fireEvent.click(await screen.findByRole('button', { name: 'Viết thư cho Sở Nội vụ' }));
    expect(composeIntent.get()?.intent).toMatchObject({ to: [{ email: 'snv@caoson.gov.vn' }] });
    expect(screen.queryByRole('button', { name: 'Viết thư cho Tổ soạn thảo' })).toBeNull();
  });
  it('calls a unit closed from its last day on, and offers no letter that could not arrive', async () => {
    const good = answer;
    answer = (path) =>
      path.startsWith('/api/v1/directory/units')
        ? [
            200,
            {
              units: [
                unit('H99.04', 'Sở cũ', 'cu@caoson.gov.vn', '2025-01-01'),
                unit('H99.05', 'Sở sắp nhập', 'sapnhap@caoson.gov.vn', '2999-01-01'),
              ],
            },
          ]
        : good(path);
    render(<DirectoryScreen />);
    await within(units()).findByText('Sở sắp nhập');
    expect(
      within(units())
        .getAllByText(/đã ngừng hoạt động/)
        .map((line) => line.textContent),
    ).toEqual(['H99.04 · đã ngừng hoạt động']);
    expect(
      within(units())
        .getAllByRole('button')
        .map((button) => button.getAttribute('aria-label')),
    ).toEqual(['Viết thư cho Sở sắp nhập']);
  });
  it('says on each side what could not be read, and leaves the other', async () => {
    const good = answer;
    answer = (path) => (path.includes('/entries') ? [503, { code: 'http.503' }] : good(path));
    render(<DirectoryScreen />);
    await within(people()).findByText('Chưa tải được danh bạ');
    await within(units()).findByText('Sở Nội vụ');
    expect(within(units()).queryByText('Chưa tải được danh bạ')).toBeNull();
    answer = good;
    search('nhung');
    await within(people()).findByText('Hoàng Thị Nhung');
    await waitFor(() => expect(within(people()).queryByText('Chưa tải được danh bạ')).toBeNull());
  });
});
