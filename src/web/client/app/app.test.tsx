/** The whole client as it stands on the screen: where an address leads, and what happens when session, line or server go. */
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLocale } from '../lib/i18n/i18n.ts';
import { composeIntent } from '../lib/compose-intent.ts';
import { online } from '../lib/http.ts';
import { closeHub } from '../lib/jmap/hub.ts';
import { endedSession, sessionStore } from '../lib/session.ts';
import { signingDesk, type SigningDesk } from '../lib/signer.ts';
import { tellTabs } from '../lib/tabs.ts';
import { toasts } from '../lib/toasts.ts';
import { email, fakeMail, session, type FakeMail } from '../testing/fake-mail.ts';
import { press, Silent } from '../testing/mail-screen.tsx';
import { App } from './app.tsx';

const problem = (status: number, code: string): Response =>
  new Response(JSON.stringify({ code }), { status, headers: { 'content-type': 'application/problem+json' } });
let fake: FakeMail;
/** What the server answers instead of what it usually would, by path. */
let instead: Record<string, () => Response>;

beforeEach(() => {
  fake = fakeMail([email(1)]);
  instead = {};
  vi.stubGlobal('fetch', (async (input, init) => {
    const path = typeof input === 'string' ? input : '';
    const answer = instead[`${init?.method ?? 'GET'} ${path}`] ?? instead[path];
    if (answer) return answer();
    if (path === '/api/v1/session') return Response.json(session);
    if (path.startsWith('/api/v1/documents?')) return Response.json({ documents: [], nextCursor: null });
    if (path === '/api/v1/registers') return Response.json({ registers: [] });
    if (path.startsWith('/api/v1/directory?')) return Response.json({ entries: [] });
    return fake.fetch(input, init);
  }) satisfies typeof fetch);
  vi.stubGlobal('EventSource', Silent);
  vi.stubGlobal('ResizeObserver', Silent);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(356);
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  signingDesk.set({ close: () => undefined, isUnlocked: () => false } as unknown as SigningDesk);
  history.replaceState(null, '', '/mail');
});
afterEach(async () => {
  cleanup();
  closeHub();
  sessionStore.set(undefined);
  endedSession.set(undefined);
  signingDesk.set(undefined);
  composeIntent.set(null);
  online.set(true);
  toasts.set([]);
  sessionStorage.clear();
  await setLocale('vi', false);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const signIn = (password: string): void => {
  fireEvent.input(screen.getByLabelText('Mật khẩu'), { target: { value: password } });
  fireEvent.submit(screen.getByRole('button', { name: 'Đăng nhập' }).closest('form')!);
};
/** Its shortcut listens from a moment after the screen stands there. */
const compose = (): Promise<HTMLElement> =>
  waitFor(() => {
    if (!composeIntent.get()) press('c');
    return screen.getByLabelText('Nội dung thư');
  });
/** The session is gone, and the next thing that is asked finds out. */
const endSession = (): void => {
  instead['/api/v1/session'] = () => problem(401, 'sign_in.required');
  instead['/jmap/api'] = () => problem(401, 'sign_in.required');
  document.dispatchEvent(new Event('visibilitychange'));
};

describe('an address', () => {
  it.each([
    ['/', 'Thư', 'Hộp thư đến'],
    ['/mail/a1/m2', 'Thư', 'Lưu trữ'],
    ['/khong/co', 'Thư', 'Hộp thư đến'],
    ['/mail/not-mine/m9', 'Thư', 'Hộp thư đến'],
    ['/documents', 'Văn bản', 'Tất cả văn bản'],
    ['/directory', 'Danh bạ', 'Danh bạ'],
    ['/settings', 'Cài đặt', 'Cài đặt'],
  ])('%s leads to %s, and the rail says so', async (path, entry, heading) => {
    history.replaceState(null, '', path);
    render(<App />);
    expect(await screen.findByRole('heading', { level: 1, name: heading })).toBeTruthy();
    const here = screen.getByRole('navigation', { name: 'Điều hướng chính' }).querySelectorAll('[aria-current=page]');
    expect([...here].map((one) => one.textContent)).toEqual([expect.stringContaining(entry)]);
  });
});

describe('before the desk', () => {
  it('stands the sign-in page for nobody, without a word about an ended session', async () => {
    instead['/api/v1/session'] = () => problem(401, 'sign_in.required');
    render(<App />);
    expect(await screen.findByRole('heading', { name: 'Đăng nhập' })).toBeTruthy();
    expect(screen.queryByText(/Phiên làm việc đã hết/)).toBeNull();
    expect(screen.getByLabelText('Địa chỉ thư')).toHaveProperty('value', '');
  });

  it('a first password is changed, then a key is offered; put off, it is not asked about again in this tab', async () => {
    instead['/api/v1/session'] = () => Response.json({ ...session, mustChangePassword: true, signingKey: null });
    render(<App />);
    await screen.findByRole('heading', { name: 'Đổi mật khẩu lần đầu' });
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Mật khẩu hiện tại')));
    instead['/api/v1/session'] = () => Response.json({ ...session, signingKey: null });
    instead['POST /api/v1/session/password'] = () => new Response(null, { status: 204 });
    for (const [label, value] of [
      ['Mật khẩu hiện tại', 'được cấp'],
      ['Mật khẩu mới', 'một hai ba bốn'],
      ['Nhập lại mật khẩu mới', 'một hai ba bốn'],
    ] as const)
      fireEvent.input(screen.getByLabelText(label), { target: { value } });
    fireEvent.submit(screen.getByRole('button', { name: 'Lưu và tiếp tục' }).closest('form')!);
    await screen.findByRole('heading', { name: 'Tạo khóa ký số' });
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Cụm mật khẩu ký')));
    fireEvent.click(screen.getByRole('button', { name: 'Để sau, chỉ đọc thư' }));
    expect(await screen.findByText('Thư số 1')).toBeTruthy();
    cleanup();
    closeHub();
    render(<App />);
    expect(await screen.findByText('Thư số 1')).toBeTruthy();
  });

  it('a server that cannot be reached is said, with a way to try again', async () => {
    instead['/api/v1/session'] = () => {
      throw new TypeError('no network');
    };
    render(<App />);
    expect(await screen.findByText('Chưa mở được Công Vụ')).toBeTruthy();
    expect(screen.getByText(/Không kết nối được máy chủ/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Thử lại' })).toBeTruthy();
  });

  it('mail that cannot be opened is said too', async () => {
    instead['/.well-known/jmap'] = () => problem(503, 'http.503');
    render(<App />);
    expect(await screen.findByText('Máy chủ đang bận. Thử lại sau ít phút.')).toBeTruthy();
  });
});

describe('a session that ends in the middle of work', () => {
  const write = async (): Promise<void> => {
    await screen.findByText('Thư số 1');
    fireEvent.input(await compose(), { target: { value: 'Đoạn rất quan trọng.' } });
  };

  it('says so, and has what was being written back at once when its author signs in again', async () => {
    render(<App />);
    await write();
    endSession();
    expect(await screen.findByText(/^Phiên làm việc đã hết\./)).toHaveProperty('role', 'status');
    expect(screen.queryByText('Thư số 1')).toBeNull();
    expect(screen.getByLabelText('Địa chỉ thư')).toHaveProperty('value', 'van@caoson.gov.vn');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Mật khẩu')));
    instead = {};
    signIn('đúng');
    await waitFor(() => expect(screen.getByLabelText('Nội dung thư')).toHaveProperty('value', 'Đoạn rất quan trọng.'));
    expect(await screen.findByText('Thư số 1')).toBeTruthy();
  });

  it('shows what was written to nobody else who signs in here', async () => {
    render(<App />);
    await write();
    endSession();
    await screen.findByText(/^Phiên làm việc đã hết\./);
    const other = { ...session.official, id: 2, address: 'khac@caoson.gov.vn', fullName: 'Người Khác' };
    instead = { '/api/v1/session': () => Response.json({ ...session, official: other }) };
    signIn('đúng');
    await screen.findByText('Thư số 1');
    expect(screen.queryByLabelText('Nội dung thư')).toBeNull();
    expect(sessionStorage.getItem('congvu.draft')).toBeNull();
  });
});

describe('another tab of the same browser', () => {
  it('that signs out takes this one along, and nothing written stays', async () => {
    render(<App />);
    await screen.findByText('Thư số 1');
    fireEvent.input(await compose(), { target: { value: 'Riêng tư' } });
    tellTabs(null);
    expect(await screen.findByRole('heading', { name: 'Đăng nhập' })).toBeTruthy();
    expect(screen.queryByText(/Phiên làm việc đã hết/)).toBeNull();
    expect(sessionStorage.getItem('congvu.draft')).toBeNull();
  });
  it('where somebody else signs in makes this tab theirs: it never goes on with the mail of the first', async () => {
    render(<App />);
    await screen.findByText('Thư số 1');
    fireEvent.input(await compose(), { target: { value: 'Riêng tư' } });
    const official = { ...session.official, id: 2, address: 'khac@caoson.gov.vn', fullName: 'Người Khác' };
    instead['/api/v1/session'] = () => Response.json({ ...session, official });
    tellTabs(2);
    await waitFor(() => expect(sessionStore.get()?.official.fullName).toBe('Người Khác'));
    expect(await screen.findByText('Thư số 1')).toBeTruthy();
    await waitFor(() => expect(screen.queryByDisplayValue('Riêng tư')).toBeNull());
    expect(toasts.get()).toEqual([]);
    expect(sessionStorage.getItem('congvu.draft')).toBeNull();
  });
  it('where one signs in saves doing it here again', async () => {
    instead['/api/v1/session'] = () => problem(401, 'sign_in.required');
    render(<App />);
    await screen.findByRole('heading', { name: 'Đăng nhập' });
    instead = {};
    tellTabs(1);
    expect(await screen.findByText('Thư số 1')).toBeTruthy();
  });
});

describe('the line', () => {
  it('that breaks is said, and taken back once the server answers', async () => {
    render(<App />);
    await screen.findByText('Thư số 1');
    expect(screen.queryByText('Đang ngoại tuyến')).toBeNull();
    fake.fail = true;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(await screen.findByText('Đang ngoại tuyến')).toHaveProperty('role', 'status');
    fake.fail = false;
    document.dispatchEvent(new Event('visibilitychange'));
    await waitFor(() => expect(screen.queryByText('Đang ngoại tuyến')).toBeNull());
  });
});

it('another language is spoken at once, and what is being written stays in its window', async () => {
  history.replaceState(null, '', '/settings');
  render(<App />);
  await screen.findByRole('heading', { name: 'Cài đặt' });
  fireEvent.input(await compose(), { target: { value: 'Viết dở' } });
  fireEvent.click(screen.getByRole('radio', { name: 'English' }));
  await screen.findByRole('heading', { name: 'Settings' });
  await waitFor(() => expect(screen.getByLabelText('Message text')).toHaveProperty('value', 'Viết dở'));
});
