import { act, cleanup, fireEvent, render, screen } from '@testing-library/preact';
import type { ComponentType, JSX } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { lazily } from '../lib/lazily.tsx';
import { toasts } from '../lib/toasts.ts';
import { Fetched } from './fetched.tsx';

let broken: boolean;
let asked: number;
let Part: ComponentType<{ word: string }>;

beforeEach(() => {
  broken = true;
  asked = 0;
  Part = lazily(async () => {
    asked++;
    if (broken) throw new TypeError('Failed to fetch dynamically imported module');
    return { default: ({ word }: { word: string }): JSX.Element => <p>Đã tải {word}</p> };
  });
  vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  toasts.set([]);
});
const Pane = ({ waiting = 'Đang chờ' }: { waiting?: string }): JSX.Element => (
  <>
    <b>Phần khác</b>
    <Fetched waiting={waiting}>
      <Part word="xong" />
    </Fetched>
  </>
);

it('a part that could not be fetched says so in its place, and comes when it is asked for again', async () => {
  render(<Pane />);
  expect(screen.getByText(/Đang chờ/)).toBeTruthy();
  await screen.findByText(/^Phần này gặp lỗi/);
  expect(screen.getByText('Phần khác')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Thử lại' }));
  await screen.findByText(/^Phần này gặp lỗi/);
  broken = false;
  fireEvent.click(screen.getByRole('button', { name: 'Thử lại' }));
  await screen.findByText('Đã tải xong');
});

it('it is not asked for over and over while the line is broken', async () => {
  const { rerender } = render(<Pane />);
  await screen.findByText(/^Phần này gặp lỗi/);
  for (const waiting of ['một', 'hai']) await act(() => rerender(<Pane waiting={waiting} />));
  expect(asked).toBe(1);
});

it('a part that was fetched once is there at once the next time', async () => {
  broken = false;
  const { unmount } = render(<Pane />);
  await screen.findByText('Đã tải xong');
  unmount();
  broken = true;
  render(<Pane />);
  await screen.findByText('Đã tải xong');
  expect(asked).toBe(1);
});

it('a window that could not be fetched is closed with the reason, and opens once the line is back', async () => {
  const closed = vi.fn();
  const window = (
    <Fetched onFail={closed}>
      <Part word="cửa sổ" />
    </Fetched>
  );
  const { unmount } = render(window);
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
  expect(toasts.get().map(({ text, tone }) => [text, tone])).toEqual([
    ['Chưa mở được phần này. Kiểm tra kết nối rồi thử lại.', 'danger'],
  ]);
  expect(screen.queryByText(/^Phần này gặp lỗi/)).toBeNull();
  unmount();
  broken = false;
  render(window);
  await screen.findByText('Đã tải cửa sổ');
});
