import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MailPrograms } from '../../../../base/api-types.ts';
import { sessionStore } from '../../lib/session.ts';
import { toasts } from '../../lib/toasts.ts';
import { session } from '../../testing/fake-mail.ts';
import SettingsRoute from './settings.tsx';

const told: MailPrograms = {
  hostname: 'thu.caoson.gov.vn',
  userName: 'hungnv@caoson.gov.vn',
  services: [
    { protocol: 'imap', port: 993, security: 'tls' },
    { protocol: 'smtp', port: 465, security: 'tls' },
    { protocol: 'smtp', port: 587, security: 'starttls' },
  ],
};
let answers: Record<string, () => [number, unknown]>;
let copied: string[];

beforeEach(() => {
  sessionStore.set(session);
  copied = [];
  vi.stubGlobal('navigator', {
    ...navigator,
    clipboard: { writeText: async (text: string) => void copied.push(text) },
  });
  answers = {
    'GET /app-passwords': () => [200, { appPasswords: [] }],
    'POST /app-passwords': () => [201, { id: 8, password: 'abcd-efgh' }],
    'GET /mail-programs': () => [200, told],
  };
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const [status, body] = answers[`${init.method ?? 'GET'} ${url.replace('/api/v1', '')}`]?.() ?? [404, {}];
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });
  });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStore.set(undefined);
  toasts.set([]);
});

const card = (name: string): Promise<HTMLElement> => screen.findByRole('region', { name });
const press = (within_: HTMLElement, name: string): void =>
  void fireEvent.click(within(within_).getByRole('button', { name }));

describe('setting up a phone or a mail program', () => {
  it('shows server, port and security for mail that comes and mail that goes, and the other port', async () => {
    render(<SettingsRoute />);
    const incoming = await card('Thư đến (IMAP)');
    expect(incoming.textContent).toContain('thu.caoson.gov.vn');
    expect(within(incoming).getByText('993')).toBeTruthy();
    expect(within(incoming).getByText('SSL/TLS')).toBeTruthy();
    expect(incoming.textContent).not.toContain('Nếu không kết nối được');
    const outgoing = await card('Thư đi (SMTP)');
    expect(within(outgoing).getByText('465')).toBeTruthy();
    expect(within(outgoing).getByText('Nếu không kết nối được: cổng 587, STARTTLS')).toBeTruthy();
    expect(screen.getByText('Mật khẩu ứng dụng, tạo ở mục trên')).toBeTruthy();
  });
  it('copies each value, and says so in the place of the button for a moment', async () => {
    render(<SettingsRoute />);
    const [incoming, outgoing] = [await card('Thư đến (IMAP)'), await card('Thư đi (SMTP)')];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const settled = (work: () => unknown): Promise<void> =>
      act(async () => {
        work();
        await new Promise((resolve) => setImmediate(resolve));
      });
    await settled(() => press(incoming, 'Chép Máy chủ'));
    expect(within(incoming).getByRole('button', { name: 'Đã chép' })).toBeTruthy();
    await settled(() => press(incoming, 'Chép Cổng'));
    await settled(() => press(outgoing, 'Chép Cổng'));
    await settled(() => fireEvent.click(screen.getByRole('button', { name: 'Chép Tên đăng nhập' })));
    expect(copied).toEqual(['thu.caoson.gov.vn', '993', '465', 'hungnv@caoson.gov.vn']);
    await settled(() => vi.advanceTimersByTime(2500));
    expect(within(incoming).getByRole('button', { name: 'Chép Máy chủ' })).toBeTruthy();
  });
  it('copies a new app password', async () => {
    render(<SettingsRoute />);
    const label = screen.getByLabelText('Tên chương trình');
    fireEvent.input(label, { target: { value: 'Điện thoại' } });
    fireEvent.submit(label.closest('form') as HTMLFormElement);
    fireEvent.click(await screen.findByRole('button', { name: 'Chép mật khẩu' }));
    await waitFor(() => expect(copied).toEqual(['abcd-efgh']));
  });
  it('says what to do where the browser refuses to copy, or the page has no clipboard', async () => {
    for (const clipboard of [undefined, { writeText: async () => Promise.reject(new Error('denied')) }]) {
      vi.stubGlobal('navigator', { ...navigator, clipboard });
      render(<SettingsRoute />);
      press(await card('Thư đến (IMAP)'), 'Chép Máy chủ');
      await waitFor(() => expect(toasts.get()[0]?.text).toMatch(/^Trình duyệt không cho chép/));
      cleanup();
      toasts.set([]);
    }
  });
  it('offers a profile for iPhone as a plain link, which Safari takes', async () => {
    render(<SettingsRoute />);
    const link = await screen.findByRole('link', { name: 'Tải cấu hình cho iPhone, iPad' });
    expect(link.getAttribute('href')).toBe('/api/v1/mail-programs/apple');
    expect(link.hasAttribute('download')).toBe(false);
  });
  it('says so where mail programs are not offered, and leaves the page whole when it cannot be asked', async () => {
    answers['GET /mail-programs'] = () => [200, { ...told, services: told.services.slice(1) }];
    render(<SettingsRoute />);
    await screen.findByText(/^Máy chủ này chưa mở cho chương trình thư/);
    expect(screen.queryByRole('link', { name: /iPhone/ })).toBeNull();
    cleanup();
    answers['GET /mail-programs'] = () => [503, { code: 'http.503' }];
    render(<SettingsRoute />);
    await screen.findByText('Máy chủ đang bận. Thử lại sau ít phút.');
    expect(screen.getByLabelText('Tên chương trình')).toBeTruthy();
  });
});
