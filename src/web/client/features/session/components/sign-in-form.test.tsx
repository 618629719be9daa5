import { fireEvent, render, screen } from '@testing-library/preact';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sessionStore } from '../../../lib/session.ts';
import { session } from '../../../testing/fake-mail.ts';
import { passwordProblem } from '../password-rules.ts';
import { SignInForm } from './sign-in-form.tsx';

const answer = (body: unknown, status: number): void => {
  vi.stubGlobal(
    'fetch',
    async () => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } }),
  );
};
const signIn = (password = 'mật khẩu'): void => {
  render(<SignInForm />);
  fireEvent.input(screen.getByLabelText('Địa chỉ thư'), { target: { value: 'van@caoson.gov.vn' } });
  fireEvent.input(screen.getByLabelText('Mật khẩu'), { target: { value: password } });
  const form = screen.getByRole('button', { name: 'Đăng nhập' }).closest('form');
  if (form) fireEvent.submit(form);
};
afterEach(() => {
  vi.unstubAllGlobals();
  sessionStore.set(undefined);
});

describe('signing in', () => {
  it.each([
    ['wrong words', { code: 'sign_in.failed' }, 401, 'Địa chỉ hoặc mật khẩu không đúng.'],
    [
      'a lock, with its time',
      { code: 'sign_in.locked', retryAfter: 700 },
      429,
      'Tài khoản tạm khóa vì nhập sai nhiều lần. Thử lại sau 12 phút.',
    ],
    [
      'too many attempts',
      { code: 'sign_in.rate_limited', retryAfter: 20 },
      429,
      'Đăng nhập quá nhiều lần. Thử lại sau 20 giây.',
    ],
    ['something unknown, with its code', { code: 'teapot.short' }, 418, /mã teapot\.short/],
  ])('says %s', async (_, body, status, words) => {
    answer(body, status);
    signIn();
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toMatch(words);
    expect(screen.getByLabelText<HTMLInputElement>('Địa chỉ thư').value).toBe('van@caoson.gov.vn');
  });
  it('asks for both before it asks the server', async () => {
    signIn('');
    expect((await screen.findByRole('alert')).textContent).toContain('Nhập địa chỉ thư và mật khẩu');
  });
  it('opens the session', async () => {
    answer(session, 200);
    signIn();
    await vi.waitFor(() => expect(sessionStore.get()?.official.fullName).toBe('Lê Vân'));
  });
});
describe('the first password', () => {
  it.each([
    ['', 'một hai ba bốn', 'một hai ba bốn', 'session.fillAll'],
    ['cũ', 'ngắn', 'ngắn', 'session.passwordShort'],
    ['một hai ba bốn', 'một hai ba bốn', 'một hai ba bốn', 'session.passwordSame'],
    ['cũ', 'một hai ba bốn', 'một hai ba năm', 'session.passwordDiffers'],
    ['cũ', 'một hai ba bốn', 'một hai ba bốn', undefined],
  ])('%s → %s, %s: %s', (current, next, again, problem) => expect(passwordProblem(current, next, again)).toBe(problem));
});
