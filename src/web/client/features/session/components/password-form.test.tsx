/** The first password, on the screen. */
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sessionStore } from '../../../lib/session.ts';
import { session } from '../../../testing/fake-mail.ts';
import { PasswordForm } from './password-form.tsx';

let posted: unknown[];
let answer: () => Response | Promise<Response>;
beforeEach(() => {
  posted = [];
  answer = () => new Response(null, { status: 204 });
  sessionStore.set({ ...session, mustChangePassword: true });
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    if (path === '/api/v1/session') return Response.json(session);
    posted.push(JSON.parse(init.body as string));
    return answer();
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  sessionStore.set(undefined);
});
const form = (current: string, next: string, again: string): HTMLFormElement => {
  render(<PasswordForm />);
  for (const [label, value] of [
    ['Mật khẩu hiện tại', current],
    ['Mật khẩu mới', next],
    ['Nhập lại mật khẩu mới', again],
  ] as const)
    fireEvent.input(screen.getByLabelText(label), { target: { value } });
  return screen.getByRole('button', { name: 'Lưu và tiếp tục' }).closest('form')!;
};

describe('the first password', () => {
  it.each([
    ['', 'một hai ba bốn', 'một hai ba bốn', 'Nhập đủ mật khẩu hiện tại và mật khẩu mới.'],
    ['được cấp', 'ngắn', 'ngắn', 'Mật khẩu mới cần ít nhất 10 ký tự.'],
    ['một hai ba bốn', 'một hai ba bốn', 'một hai ba bốn', 'Mật khẩu mới phải khác mật khẩu hiện tại.'],
    ['được cấp', 'một hai ba bốn', 'một hai ba năm', 'Hai lần nhập mật khẩu mới không giống nhau.'],
  ])('%s → %s, %s is not sent: the page says what is wrong', async (current, next, again, words) => {
    fireEvent.submit(form(current, next, again));
    expect((await screen.findByRole('alert')).textContent).toBe(words);
    expect(posted).toEqual([]);
  });

  it.each([
    ['password.wrong', 'Mật khẩu hiện tại không đúng.'],
    ['password.too_weak', 'Mật khẩu mới quá dễ đoán. Dùng dài hơn, tránh tên mình và từ quen thuộc.'],
    ['password.reused', 'Mật khẩu này đã dùng trước đây. Chọn mật khẩu khác.'],
  ])('that the server refuses (%s) is told, and what was typed stays', async (code, words) => {
    answer = () =>
      new Response(JSON.stringify({ code }), { status: 403, headers: { 'content-type': 'application/problem+json' } });
    fireEvent.submit(form('được cấp', 'một hai ba bốn', 'một hai ba bốn'));
    expect((await screen.findByRole('alert')).textContent).toBe(words);
    expect(screen.getByLabelText('Mật khẩu mới')).toHaveProperty('value', 'một hai ba bốn');
    expect(screen.getByRole('button', { name: 'Lưu và tiếp tục' })).toHaveProperty('disabled', false);
    expect(sessionStore.get()?.mustChangePassword).toBe(true);
  });

  it('goes to the server once, however often Enter is pressed, and opens the way', async () => {
    let go: (response: Response) => void = () => undefined;
    answer = () => new Promise((resolve) => (go = resolve));
    const element = form('được cấp', 'một hai ba bốn', 'một hai ba bốn');
    fireEvent.submit(element);
    await waitFor(() =>
      expect(screen.getByRole('button', { name: 'Lưu và tiếp tục' })).toHaveProperty('disabled', true),
    );
    fireEvent.submit(element);
    go(new Response(null, { status: 204 }));
    await waitFor(() => expect(sessionStore.get()?.mustChangePassword).toBe(false));
    expect(posted).toEqual([{ current: 'được cấp', next: 'một hai ba bốn', endAppPasswords: false }]);
  });
});
