import { fireEvent, screen, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeIntent } from '../../lib/compose-intent.ts';
import { online } from '../../lib/http.ts';
import { email, type FakeMail } from '../../testing/fake-mail.ts';
import { closeMailScreen, openMailScreen, press, rows } from '../../testing/mail-screen.tsx';

let fake: FakeMail;
beforeEach(async () => {
  fake = await openMailScreen([email(1, { keywords: {} }), email(2), email(3)]);
  await screen.findByText('Thư số 1');
});
afterEach(closeMailScreen);

describe('the list by keyboard', () => {
  it('j and k walk through the messages and open them', async () => {
    press('j');
    expect(await screen.findByText('Nội dung e1')).toBeTruthy();
    press('j');
    expect(await screen.findByText('Nội dung e2')).toBeTruthy();
    press('k');
    expect(await screen.findByText('Nội dung e1')).toBeTruthy();
    expect(location.pathname).toBe('/mail/a1/m1/e1');
  });
  it('what is opened becomes read, here and on the server', async () => {
    press('j');
    await screen.findByText('Nội dung e1');
    await waitFor(() => expect(fake.emails[0]?.keywords).toEqual({ $seen: true }));
  });
  it('e archives at once, goes on to the next, and undo brings it back', async () => {
    press('j');
    await screen.findByText('Nội dung e1');
    press('e');
    await waitFor(() => expect(rows()).toHaveLength(2));
    expect(location.pathname).toBe('/mail/a1/m1/e2');
    await waitFor(() => expect(fake.emails[0]?.mailboxIds).toEqual({ m2: true }));
    fireEvent.click(screen.getByRole('button', { name: 'Hoàn tác' }));
    await waitFor(() => expect(fake.emails[0]?.mailboxIds).toEqual({ m1: true }));
    expect(rows()).toHaveLength(3);
  });
  it('# moves to the trash', async () => {
    press('j');
    await screen.findByText('Nội dung e1');
    press('#');
    await waitFor(() => expect(fake.emails[0]?.mailboxIds).toEqual({ m3: true }));
  });
  it('x ticks, and an action then means what is ticked', async () => {
    press('j');
    await screen.findByText('Nội dung e1');
    press('x');
    expect(screen.getByRole('toolbar', { name: 'Thao tác với thư đã chọn' }).textContent).toContain('Đã chọn 1');
    fireEvent.click(screen.getByRole('checkbox', { name: /Thư số 3/ }), { shiftKey: true });
    await waitFor(() => expect(screen.getByText('Đã chọn 3')).toBeTruthy());
    press('e');
    await waitFor(() => expect(fake.emails.every(({ mailboxIds }) => mailboxIds['m2'])).toBe(true));
    expect(await screen.findByText('Không có thư nào')).toBeTruthy();
  });
  it('s stars', async () => {
    press('j');
    await screen.findByText('Nội dung e1');
    press('s');
    await waitFor(() => expect(fake.emails[0]?.keywords['$flagged']).toBe(true));
  });
  it('/ goes to the search, where letters are letters', () => {
    press('/');
    const search = screen.getByRole('searchbox', { name: 'Tìm kiếm' });
    expect(document.activeElement).toBe(search);
    fireEvent.keyDown(search, { key: 'j' });
    expect(location.pathname).toBe('/mail');
  });
  it('r answers what is open', async () => {
    press('j');
    await screen.findByText('Nội dung e1');
    press('r');
    expect(composeIntent.get()?.intent.kind).toBe('reply');
  });
});

describe('when the line breaks', () => {
  it('a message that could not be archived comes back, with the reason', async () => {
    press('j');
    await screen.findByText('Nội dung e1');
    fake.fail = true;
    press('e');
    expect((await screen.findAllByText(/Không kết nối được máy chủ/)).length).toBeGreaterThan(0);
    await waitFor(() => expect(rows()).toHaveLength(3));
    // It was not archived: nothing offers to undo it.
    expect(screen.queryByText('Đã lưu trữ 1 thư.')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Hoàn tác' })).toBeNull();
    expect(online.get()).toBe(false);
  });
});

it('the pill for unread shows only these', async () => {
  fireEvent.click(screen.getByRole('button', { name: 'Chưa đọc' }));
  await waitFor(() => expect(rows()).toHaveLength(1));
});
