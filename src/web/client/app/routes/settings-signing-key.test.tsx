/** The signing key in the settings: changing its passphrase, taking it along, revoking it, over a desk of the test's own. */
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sessionStore } from '../../lib/session.ts';
import { signingDesk, type SigningDesk } from '../../lib/signer.ts';
import { toasts } from '../../lib/toasts.ts';
import { session } from '../../testing/fake-mail.ts';
import SettingsRoute from './settings.tsx';

const OLD = 'cụm mật khẩu cũ';
const NEW = 'đồi thông xanh mưa bay 27';
const KEY = { fingerprint: 'ab12'.repeat(10), createdAt: '2026-11-01T00:00:00Z', publicKey: 'P', privateKey: 'K' };
let key: typeof KEY | undefined;
let asked: [string, string, unknown][];
let desk: Record<string, ReturnType<typeof vi.fn>>;

const guarded = (answer: unknown) => async (_: unknown, passphrase: string) => {
  if (passphrase !== OLD) throw Object.assign(new Error('no'), { code: 'wrong_passphrase' });
  return answer;
};
beforeEach(() => {
  key = KEY;
  asked = [];
  desk = {
    changePassphrase: vi.fn(guarded({ privateKey: 'K2' })),
    exportForGpg: vi.fn(guarded('-----BEGIN PGP PRIVATE KEY BLOCK-----')),
    lock: vi.fn(async () => undefined),
    close: vi.fn(),
  };
  sessionStore.set(session);
  signingDesk.set(desk as unknown as SigningDesk);
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const [method, path] = [init.method ?? 'GET', url.replace('/api/v1', '')];
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    if (method !== 'GET') asked.push([method, path, body]);
    if (path === '/app-passwords') return Response.json({ appPasswords: [] });
    if (method === 'PUT') return Response.json(KEY);
    if (method === 'POST') return ((key = undefined), new Response(null, { status: 204 }));
    if (path === '/signing/key' && key) return Response.json(key);
    return new Response(JSON.stringify({ code: 'http.404' }), {
      status: 404,
      headers: { 'content-type': 'application/problem+json' },
    });
  });
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  sessionStore.set(undefined);
  signingDesk.set(undefined);
  toasts.set([]);
});

const open = async (name: string): Promise<HTMLElement> => {
  render(<SettingsRoute />);
  fireEvent.click(await screen.findByRole('button', { name }));
  return screen.findByRole('dialog', { name });
};
const type = (dialog: HTMLElement, label: string, value: string): void =>
  void fireEvent.input(within(dialog).getByLabelText(label), { target: { value } });
const submit = (): void => void fireEvent.submit(document.getElementById('settings-dialog')!);
const alert = async (dialog: HTMLElement): Promise<string | null> =>
  (await within(dialog).findByRole('alert')).textContent;

describe('changing the passphrase of the key', () => {
  const fill = async (current: string, next: string, again = next): Promise<HTMLElement> => {
    const dialog = await open('Đổi cụm mật khẩu');
    type(dialog, 'Cụm mật khẩu hiện tại', current);
    type(dialog, 'Cụm mật khẩu mới', next);
    type(dialog, 'Nhập lại cụm mật khẩu', again);
    return dialog;
  };
  it('stores the same key under the new one, and says so', async () => {
    const dialog = await fill(OLD, NEW);
    expect(within(dialog).queryByRole('alert')).toBeNull();
    submit();
    await waitFor(() => expect(toasts.get()[0]?.text).toBe('Đã đổi cụm mật khẩu ký.'));
    expect(asked).toEqual([['PUT', '/signing/key', { publicKey: 'P', privateKey: 'K2', revocation: '' }]]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });
  it('with the wrong old one says so, keeps what was typed and stores nothing', async () => {
    const dialog = await fill('sai', NEW);
    submit();
    expect(await alert(dialog)).toBe('Cụm mật khẩu không đúng.');
    expect(within(dialog).getByLabelText('Cụm mật khẩu mới')).toHaveProperty('value', NEW);
    expect(asked).toEqual([]);
  });
  it('to a weak one is refused before the key is touched', async () => {
    const dialog = await fill(OLD, 'abc');
    submit();
    expect(await alert(dialog)).toBe('Quá ngắn: cần ít nhất 8 ký tự.');
    expect(desk['changePassphrase']).not.toHaveBeenCalled();
  });
  it('says once that both do not match, and not while one is still typing', async () => {
    const dialog = await fill(OLD, NEW, `${NEW} khác`);
    expect(within(dialog).queryByRole('alert')).toBeNull();
    submit();
    expect(await alert(dialog)).toBe('Hai lần nhập cụm mật khẩu không giống nhau.');
    expect(desk['changePassphrase']).not.toHaveBeenCalled();
    expect(asked).toEqual([]);
  });
});

describe('taking the key along', () => {
  it('gives a file for GnuPG, named after the key, against the passphrase', async () => {
    const links: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      links.push(`${this.download} ${this.href}`);
    });
    // jsdom has no addresses for bytes; they are taken back some seconds after the test.
    URL.createObjectURL = () => 'blob:x';
    URL.revokeObjectURL = () => undefined;
    const dialog = await open('Xuất khóa');
    type(dialog, 'Cụm mật khẩu ký', 'sai');
    submit();
    expect(await alert(dialog)).toBe('Cụm mật khẩu không đúng.');
    expect(links).toEqual([]);
    type(dialog, 'Cụm mật khẩu ký', OLD);
    submit();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(links).toEqual(['ab12ab12ab12ab12.secret.asc blob:x']);
  });
  it.each([
    ['key_unreadable', 'Không đọc được khóa. Tải lại trang rồi thử lại.'],
    ['failed', 'Trình duyệt không làm được việc này với khóa. Tải lại trang rồi thử lại.'],
  ])('that fails (%s) is told in words', async (code, words) => {
    desk['exportForGpg']?.mockRejectedValue(Object.assign(new Error('no'), { code }));
    const dialog = await open('Xuất khóa');
    type(dialog, 'Cụm mật khẩu ký', OLD);
    submit();
    expect(await alert(dialog)).toBe(words);
  });
});

describe('revoking the key', () => {
  it('says what it means, asks why, locks it in this tab, and offers to make a new one', async () => {
    const dialog = await open('Thu hồi khóa');
    expect(within(dialog).getByText(/Khóa đã thu hồi không dùng lại được/)).toBeTruthy();
    expect(within(dialog).getByRole('radio', { name: /Chữ ký cũ vẫn có giá trị/ })).toHaveProperty('checked', true);
    fireEvent.click(within(dialog).getByRole('radio', { name: /^Nghi lộ khóa/ }));
    submit();
    expect(await screen.findByText(/Bạn chưa có khóa ký/)).toBeTruthy();
    expect(asked).toEqual([['POST', '/signing/key/revoke', { reason: 'compromised' }]]);
    expect(desk['lock']).toHaveBeenCalledOnce();
    expect(sessionStore.get()?.signingKey).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Tạo khóa ký' }));
    expect(await screen.findByRole('dialog', { name: 'Tạo khóa ký số' })).toBeTruthy();
  });
  it('is not done when one closes the question', async () => {
    const dialog = await open('Thu hồi khóa');
    fireEvent.click(within(dialog).getByRole('button', { name: 'Hủy' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked).toEqual([]);
    expect(screen.getByText(/AB12 AB12/)).toBeTruthy();
  });
});
