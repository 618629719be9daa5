import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { putOwnKey, revokeOwnKey } from '../../lib/api/signing-key.ts';
import { passwordQuestion } from '../../lib/confirm-password.ts';
import { sessionStore } from '../../lib/session.ts';
import { signingDesk, type SigningDesk } from '../../lib/signer.ts';
import { toasts } from '../../lib/toasts.ts';
import { session } from '../../testing/fake-mail.ts';
import { ConfirmPassword } from '../confirm-password.tsx';
import SettingsRoute from './settings.tsx';

interface Asked {
  method: string;
  path: string;
  body: Record<string, unknown> | undefined;
}
let asked: Asked[];
let answers: Record<string, (body: Asked['body']) => [number, unknown]>;

beforeEach(() => {
  sessionStore.set(session);
  signingDesk.set({ lock: async () => undefined, close: () => undefined } as unknown as SigningDesk);
  asked = [];
  answers = {
    'GET /signing/key': () => [
      200,
      { fingerprint: 'AB12'.repeat(10), createdAt: '2026-11-01T00:00:00Z', publicKey: 'P', privateKey: 'K' },
    ],
    'GET /app-passwords': () => [
      200,
      { appPasswords: [{ id: 7, label: 'Điện thoại', createdAt: '2026-11-01T00:00:00Z', lastUsedAt: null }] },
    ],
  };
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const one = {
      method: init.method ?? 'GET',
      path: url.replace('/api/v1', ''),
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as Asked['body']) : undefined,
    };
    asked.push(one);
    const [status, body] = answers[`${one.method} ${one.path}`]?.(one.body) ?? [204, null];
    return new Response(status === 204 ? null : JSON.stringify(body), {
      status,
      headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' },
    });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  sessionStore.set(undefined);
  signingDesk.set(undefined);
  passwordQuestion.set(undefined);
  toasts.set([]);
});

const press = (name: string | RegExp, at = 0): void =>
  void fireEvent.click(screen.getAllByRole('button', { name, hidden: true })[at] as HTMLElement);
const type = (label: string, value: string): void =>
  void fireEvent.input(screen.getByLabelText(label), { target: { value } });
const sent = (method: string, path: string): Asked[] => asked.filter((a) => a.method === method && a.path === path);
const submit = (label: string): void =>
  void fireEvent.submit(screen.getByLabelText(label).closest('form') as HTMLFormElement);

describe('changing the password', () => {
  const open = (): void => {
    render(<SettingsRoute />);
    press('Đổi mật khẩu');
    type('Mật khẩu hiện tại', 'mật khẩu cũ');
    type('Mật khẩu mới', 'một hai ba bốn');
    type('Nhập lại mật khẩu mới', 'một hai ba bốn');
  };
  it('leaves mail programs alone when it is routine', async () => {
    open();
    submit('Mật khẩu mới');
    await waitFor(() => expect(toasts.get()[0]?.text).toBe('Đã đổi mật khẩu.'));
    expect(sent('POST', '/session/password')[0]?.body).toEqual({
      current: 'mật khẩu cũ',
      next: 'một hai ba bốn',
      endAppPasswords: false,
    });
    expect(screen.queryByLabelText('Mật khẩu hiện tại')).toBeNull();
  });
  it('ends app passwords when somebody else may know it, and shows the list anew', async () => {
    open();
    await screen.findByText('Điện thoại');
    fireEvent.click(screen.getByLabelText('Có thể người khác đã biết mật khẩu.'));
    expect(screen.getByLabelText<HTMLInputElement>(/^Thu hồi cả mật khẩu ứng dụng/).checked).toBe(true);
    answers['GET /app-passwords'] = () => [200, { appPasswords: [] }];
    submit('Mật khẩu mới');
    await waitFor(() => expect(screen.queryByText('Điện thoại')).toBeNull());
    expect(sent('POST', '/session/password')[0]?.body).toMatchObject({ endAppPasswords: true });
  });
  it('says what is wrong before and after the server is asked, and keeps what was typed', async () => {
    open();
    type('Nhập lại mật khẩu mới', 'khác');
    submit('Mật khẩu mới');
    await screen.findByText('Hai lần nhập mật khẩu mới không giống nhau.');
    expect(sent('POST', '/session/password')).toEqual([]);
    type('Nhập lại mật khẩu mới', 'một hai ba bốn');
    answers['POST /session/password'] = () => [403, { code: 'password.wrong' }];
    submit('Mật khẩu mới');
    await screen.findByText('Mật khẩu hiện tại không đúng.');
    expect(screen.getByLabelText<HTMLInputElement>('Mật khẩu mới').value).toBe('một hai ba bốn');
  });
});

describe('the password for the signing key', () => {
  /** Asks for it, and takes the right one only. */
  const guarded = (body: Asked['body']): [number, unknown] =>
    body?.['password'] === undefined
      ? [403, { code: 'password.confirm' }]
      : body['password'] === 'đúng'
        ? [204, null]
        : [403, { code: 'password.wrong' }];

  it('is asked for only when the server wants it', async () => {
    render(<ConfirmPassword />);
    await revokeOwnKey('superseded');
    expect(sent('POST', '/signing/key/revoke')).toHaveLength(1);
    expect(screen.queryByLabelText('Mật khẩu')).toBeNull();
  });
  it('is asked for again when it was wrong, and the request goes on with the right one', async () => {
    answers['POST /signing/key/revoke'] = guarded;
    render(<ConfirmPassword />);
    const done = revokeOwnKey('compromised');
    await screen.findByText('Nhập lại mật khẩu');
    type('Mật khẩu', 'sai');
    submit('Mật khẩu');
    await screen.findByText('Mật khẩu hiện tại không đúng.');
    expect(screen.getByLabelText<HTMLInputElement>('Mật khẩu').value).toBe('');
    type('Mật khẩu', 'đúng');
    submit('Mật khẩu');
    await done;
    expect(sent('POST', '/signing/key/revoke').map((a) => a.body)).toEqual([
      { reason: 'compromised' },
      { reason: 'compromised', password: 'sai' },
      { reason: 'compromised', password: 'đúng' },
    ]);
    await waitFor(() => expect(screen.queryByText('Nhập lại mật khẩu')).toBeNull());
  });
  it('may be refused: nothing is changed, and the screen says what it needs', async () => {
    answers['PUT /signing/key'] = guarded;
    render(<ConfirmPassword />);
    const refused = putOwnKey({ publicKey: 'P', privateKey: 'K', revocation: '' }).catch((e: unknown) => e);
    await screen.findByText('Nhập lại mật khẩu');
    press('Hủy');
    expect(await refused).toMatchObject({ code: 'password.confirm' });
    expect(sent('PUT', '/signing/key')).toHaveLength(1);
    expect(passwordQuestion.get()).toBeUndefined();
  });
  it('shows another failure where the work was begun', async () => {
    answers['POST /signing/key/revoke'] = (body) =>
      body?.['password'] === undefined
        ? [403, { code: 'password.confirm' }]
        : [429, { code: 'sign_in.locked', retryAfter: 700 }];
    render(
      <>
        <SettingsRoute />
        <ConfirmPassword />
      </>,
    );
    await screen.findByText(/AB12 AB12/);
    press('Thu hồi khóa');
    press('Thu hồi khóa này');
    fireEvent.submit(document.getElementById('settings-dialog') as HTMLFormElement);
    await screen.findByText('Nhập lại mật khẩu');
    type('Mật khẩu', 'đúng');
    submit('Mật khẩu');
    await screen.findByText(/Tài khoản tạm khóa/);
    expect(screen.queryByText('Nhập lại mật khẩu')).toBeNull();
  });
});

describe('app passwords', () => {
  it('are shown once when made, need a name, and are taken back one by one', async () => {
    render(<SettingsRoute />);
    await screen.findByText('Điện thoại');
    submit('Tên chương trình');
    await screen.findByText('Đặt tên cho chương trình, ví dụ Thunderbird.');
    answers['POST /app-passwords'] = () => [201, { id: 8, password: 'abcd-efgh' }];
    type('Tên chương trình', ' Thunderbird ');
    submit('Tên chương trình');
    await screen.findByText('abcd-efgh');
    expect(sent('POST', '/app-passwords')[0]?.body).toEqual({ label: 'Thunderbird' });
    press('Thu hồi mật khẩu của Điện thoại');
    await waitFor(() => expect(sent('DELETE', '/app-passwords/7')).toHaveLength(1));
  });
  it('are made only with the password, where the server wants it', async () => {
    answers['POST /app-passwords'] = (body) =>
      body?.['password'] === 'đúng' ? [201, { id: 8, password: 'abcd-efgh' }] : [403, { code: 'password.confirm' }];
    render(
      <>
        <SettingsRoute />
        <ConfirmPassword />
      </>,
    );
    type('Tên chương trình', 'Thunderbird');
    submit('Tên chương trình');
    await screen.findByText('Nhập lại mật khẩu');
    type('Mật khẩu', 'đúng');
    submit('Mật khẩu');
    await screen.findByText('abcd-efgh');
  });
  it('that cannot be read or made leave an error on the screen', async () => {
    answers['GET /app-passwords'] = () => [503, { code: 'http.503' }];
    answers['POST /app-passwords'] = () => [429, { code: 'app_password.too_many' }];
    render(<SettingsRoute />);
    await screen.findByText('Máy chủ đang bận. Thử lại sau ít phút.');
    type('Tên chương trình', 'Thunderbird');
    submit('Tên chương trình');
    await screen.findByText(/mã app_password\.too_many/);
  });
});
