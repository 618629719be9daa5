/** The first key: what the official is told before, while and after it is made, over a desk of the test's own. */
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import type { JSX } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { strengthFor } from '../../../app/signing.ts';
import { sessionStore } from '../../../lib/session.ts';
import { signingDesk, type SigningDesk } from '../../../lib/signer.ts';
import { session } from '../../../testing/fake-mail.ts';
import { useKeyMaking } from '../hooks/use-key-making.ts';
import { KeyForm } from './key-form.tsx';

const GOOD = 'đồi thông xanh mưa bay 27';
interface Made {
  publicKey: string;
  privateKey: string;
  revocation: string;
}
/** Settled by the test; what is stored is what was made. */
let made: { promise: Promise<Made>; resolve: (made: Made) => void; reject: (reason: unknown) => void };
let asked: unknown[];
let stored: unknown[];
let store: () => Response;

function Screen({ onLater }: { onLater?: () => void }): JSX.Element {
  return (
    <KeyForm
      making={useKeyMaking()}
      strengthOf={strengthFor(['Lê Vân', 'van@caoson.gov.vn'])}
      {...(onLater ? { onLater } : {})}
    />
  );
}
beforeEach(() => {
  made = {} as typeof made;
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  asked = [];
  stored = [];
  store = () => Response.json({ fingerprint: 'FF' });
  sessionStore.set({ ...session, signingKey: null });
  signingDesk.set({ makeKey: (input: unknown) => (asked.push(input), made.promise) } as unknown as SigningDesk);
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    stored.push([init.method, path, JSON.parse(init.body as string)]);
    return store();
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  sessionStore.set(undefined);
  signingDesk.set(undefined);
});

const type = (label: string, value: string): void =>
  void fireEvent.input(screen.getByLabelText(label), { target: { value } });
const submit = (passphrase: string, again = passphrase): void => {
  type('Cụm mật khẩu ký', passphrase);
  type('Nhập lại cụm mật khẩu', again);
  fireEvent.submit(screen.getByRole('button', { name: 'Tạo khóa ký' }).closest('form')!);
};

describe('the first key', () => {
  it.each([
    ['too short', 'ngắn', 'ngắn', 'Quá ngắn: cần ít nhất 8 ký tự.'],
    ["the official's own name", 'lê vân lê vân', 'lê vân lê vân', 'Đừng dùng tên hoặc đơn vị của mình.'],
    ['typed differently', GOOD, `${GOOD}8`, 'Hai lần nhập cụm mật khẩu không giống nhau.'],
  ])('is not made with a passphrase that is %s, and what was typed stays', async (_, passphrase, again, words) => {
    render(<Screen />);
    submit(passphrase, again);
    expect((await screen.findByRole('alert')).textContent).toBe(words);
    expect(screen.getByLabelText('Cụm mật khẩu ký')).toHaveProperty('value', passphrase);
    expect(asked).toEqual([]);
  });

  it('says under the field how strong the passphrase is, as it is typed, also to a screen reader', () => {
    render(<Screen />);
    const field = screen.getByLabelText('Cụm mật khẩu ký');
    const note = (): string | null | undefined =>
      document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent;
    expect(note()).toMatch(/^Bốn, năm từ/);
    type('Cụm mật khẩu ký', 'abc');
    expect(note()).toBe('Quá ngắn: cần ít nhất 8 ký tự.');
    type('Cụm mật khẩu ký', GOOD);
    expect(note()).toBe('Đủ mạnh.');
  });

  it('says what it is doing while the key is made and stored; then the official has one', async () => {
    render(<Screen />);
    submit(GOOD);
    expect((await screen.findByRole('status')).textContent).toBe('Đang tạo khóa trên máy này…');
    expect(asked).toEqual([
      { fullName: 'Lê Vân', address: 'van@caoson.gov.vn', passphrase: GOOD, at: expect.any(Number) as number },
    ]);
    made.resolve({ publicKey: 'P', privateKey: 'K', revocation: 'R' });
    await waitFor(() => expect(sessionStore.get()?.signingKey).toEqual({ fingerprint: 'FF' }));
    // The passphrase goes nowhere.
    expect(stored).toEqual([['PUT', '/api/v1/signing/key', { publicKey: 'P', privateKey: 'K', revocation: 'R' }]]);
  });

  it.each([
    ['failed', 'Trình duyệt không tạo được khóa. Cập nhật trình duyệt rồi thử lại.'],
    ['argon2_unavailable', 'Trình duyệt này không mở được khóa ký. Cập nhật trình duyệt rồi thử lại.'],
    ['name_or_address_invalid', 'Họ tên hoặc địa chỉ của bạn không dùng được cho khóa. Báo quản trị của đơn vị.'],
  ])('that the browser cannot make (%s) is told in words, and may be tried again', async (code, words) => {
    render(<Screen />);
    submit(GOOD);
    made.reject(Object.assign(new Error('no'), { code }));
    expect((await screen.findByRole('alert')).textContent).toBe(words);
    expect(screen.getByRole('button', { name: 'Tạo khóa ký' })).toBeTruthy();
  });

  it('that the server does not take leaves the official without one, and says why', async () => {
    store = () =>
      new Response(JSON.stringify({ code: 'signing.no_certification_key' }), {
        status: 503,
        headers: { 'content-type': 'application/problem+json' },
      });
    render(<Screen />);
    submit(GOOD);
    made.resolve({ publicKey: 'P', privateKey: 'K', revocation: 'R' });
    expect((await screen.findByRole('alert')).textContent).toMatch(/chưa có khóa chứng nhận của tỉnh/);
    expect(sessionStore.get()?.signingKey).toBeNull();
  });

  it('may be put off where that is offered, and only there', () => {
    const onLater = vi.fn();
    const { unmount } = render(<Screen onLater={onLater} />);
    fireEvent.click(screen.getByRole('button', { name: 'Để sau, chỉ đọc thư' }));
    expect(onLater).toHaveBeenCalledOnce();
    unmount();
    render(<Screen />);
    expect(screen.queryByRole('button', { name: 'Để sau, chỉ đọc thư' })).toBeNull();
  });
});
