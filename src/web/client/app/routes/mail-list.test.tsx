/** The list: what a row says, windows as one scrolls, search, filters, and what is shown when there is nothing. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, describe, expect, it } from 'vitest';
import { online } from '../../lib/http.ts';
import { hubStore } from '../../lib/jmap/hub.ts';
import type { EmailRow } from '../../lib/jmap/types.ts';
import { email, type FakeMail } from '../../testing/fake-mail.ts';
import { closeMailScreen, openMailScreen, rows } from '../../testing/mail-screen.tsx';

afterEach(closeMailScreen);

const searchFor = (text: string): void => {
  const field = screen.getByRole('searchbox', { name: 'Tìm kiếm' });
  fireEvent.input(field, { target: { value: text } });
  const form = field.closest('form');
  if (form) fireEvent.submit(form);
};

describe('a row', () => {
  it('says who, what, how many, and what is unread, answered, starred or attached', async () => {
    const file = { partId: '2', blobId: 'b', name: 'a.pdf', type: 'application/pdf', size: 9 };
    await openMailScreen([
      email(1, { keywords: {}, threadId: 't9', hasAttachment: true, attachments: [file] as never }),
      email(2, { threadId: 't9', keywords: { $seen: true, $answered: true } }),
      email(3, { keywords: { $seen: true, $flagged: true }, subject: null, from: [{ name: null, email: 'x@y.vn' }] }),
    ]);
    await screen.findByText('Thư số 1');
    const [first, , third] = screen.getAllByRole('listitem');
    expect(within(first!).getByText(/chưa đọc,/)).toBeTruthy();
    expect(within(first!).getByText('2')).toBeTruthy();
    expect(within(third!).getByText('x@y.vn')).toBeTruthy();
    expect(within(third!).getByText('(không có tiêu đề)')).toBeTruthy();
    expect(within(third!).getByRole('button', { name: 'Gắn sao', pressed: true })).toBeTruthy();
  });

  it('is starred by its star, and at once', async () => {
    const fake = await openMailScreen([email(1), email(2)]);
    await screen.findByText('Thư số 1');
    const [star] = screen.getAllByRole('button', { name: 'Gắn sao' });
    fireEvent.click(star!);
    await waitFor(() => expect(star?.getAttribute('aria-pressed')).toBe('true'));
    await waitFor(() => expect(fake.emails[0]?.keywords['$flagged']).toBe(true));
  });
});

describe('a long list', () => {
  it('has the rows on the screen and asks for no more than a window', async () => {
    const fake = await openMailScreen(Array.from({ length: 300 }, (_, i) => email(i + 1)));
    await screen.findByText('Thư số 1');
    expect(rows().length).toBeLessThan(60);
    expect(screen.getAllByRole('listitem')[0]?.getAttribute('aria-setsize')).toBe('300');
    const queries = fake.calls.filter(([name]) => name === 'Email/query').map(([, args]) => args['limit']);
    expect(new Set(queries)).toEqual(new Set([50]));
  });
});

describe('mail that comes in', () => {
  const forty = (): EmailRow[] => Array.from({ length: 40 }, (_, i) => email(i + 1));
  const scroller = (): HTMLElement => screen.getByRole('list', { name: 'Danh sách thư' }).parentElement!;
  const scrollTo = (top: number): void => {
    scroller().scrollTop = top;
    fireEvent.scroll(scroller());
  };
  const comesIn = async (fake: FakeMail, n: number): Promise<void> => {
    fake.emails.unshift(email(n));
    await act(() => hubStore.get()?.accounts.get('a1')?.sync());
    await waitFor(() => expect(screen.getAllByRole('listitem')[0]?.getAttribute('aria-setsize')).toBe('41'));
  };

  it('stands on top of what is looked at there', async () => {
    const fake = await openMailScreen(forty());
    await screen.findByText('Thư số 1');
    await comesIn(fake, 99);
    expect([rows()[0], scroller().scrollTop]).toEqual([expect.stringContaining('Thư số 99'), 0]);
  });

  it('moves no row that is looked at further down', async () => {
    const fake = await openMailScreen(forty());
    await screen.findByText('Thư số 1');
    scrollTo(800);
    await screen.findByText('Thư số 11');
    await comesIn(fake, 99);
    // One row of 78 more above, and the list scrolled on by as much.
    expect(scroller().scrollTop).toBe(878);
  });

  it('does not call the list back to the open message', async () => {
    const fake = await openMailScreen(forty(), { path: '/mail/a1/m1/e2' });
    await screen.findByText('Nội dung e2');
    scrollTo(1600);
    await screen.findByText('Thư số 21');
    await comesIn(fake, 99);
    expect(scroller().scrollTop).toBe(1678);
  });
});

it('all that is loaded is ticked at once; of a long folder the bar says how many there are, and what “all” means', async () => {
  const fake = await openMailScreen(Array.from({ length: 3 }, (_, n) => email(n + 1)));
  await screen.findByText('Thư số 1');
  fake.answers['Email/query'] = () => ({
    queryState: 'q2',
    canCalculateChanges: false,
    position: 0,
    ids: ['e1', 'e2', 'e3'],
    total: 1200,
  });
  fireEvent.click(screen.getByRole('button', { name: 'Chưa đọc' }));
  await waitFor(() => expect(screen.getAllByRole('listitem')[0]?.getAttribute('aria-setsize')).toBe('1200'));
  fireEvent.click(screen.getByRole('checkbox', { name: /Thư số 1/ }));
  const bar = screen.getByRole('toolbar', { name: 'Thao tác với thư đã chọn' });
  expect(within(bar).getByText('Đã chọn 1')).toBeTruthy();
  const all = within(bar).getByRole('button', { name: 'Chọn hết' });
  expect(all.title).toBe('Chọn 3 thư đã tải; cuộn xuống để tải thêm');
  fireEvent.click(all);
  expect(await within(bar).findByText('Đã chọn 3/1.200')).toBeTruthy();
  expect(within(bar).queryByRole('button', { name: 'Chọn hết' })).toBeNull();
});

describe('the search', () => {
  it('asks the server on Enter, stands in the address, marks what was found and goes back', async () => {
    const fake = await openMailScreen([email(1), email(2, { subject: 'Kế hoạch năm' }), email(3)]);
    await screen.findByText('Thư số 1');
    searchFor(' Kế hoạch ');
    expect((await screen.findByText('Kế hoạch')).tagName).toBe('MARK');
    expect(rows()).toHaveLength(1);
    // Escaped on its way, never HTML.
    expect(screen.getByText('x < y')).toBeTruthy();
    expect(new URLSearchParams(location.search).get('q')).toBe('Kế hoạch');
    const filter = fake.calls.findLast(([name]) => name === 'Email/query')?.[1]['filter'];
    expect(filter).toEqual({ text: 'Kế hoạch', inMailboxOtherThan: ['m3'] });
    fireEvent.click(screen.getByRole('button', { name: 'Xóa tìm kiếm' }));
    await waitFor(() => expect(rows()).toHaveLength(3));
    expect(location.search).toBe('');
  });

  it('says that nothing was found, and for what', async () => {
    await openMailScreen([email(1)]);
    await screen.findByText('Thư số 1');
    searchFor('không đâu');
    expect(await screen.findByText(/không đâu/)).toBeTruthy();
    expect(screen.queryAllByRole('listitem')).toEqual([]);
  });

  it('that does not reach the server says so and keeps what was asked; it goes on by itself once the line is back', async () => {
    const fake = await openMailScreen([email(1), email(2)]);
    await screen.findByText('Thư số 1');
    fake.fail = true;
    searchFor('số 2');
    expect(await screen.findByText('Chưa tải được danh sách thư')).toBeTruthy();
    expect(screen.getByRole('searchbox', { name: 'Tìm kiếm' })).toHaveProperty('value', 'số 2');
    fireEvent.click(screen.getByRole('button', { name: 'Thử lại' }));
    expect(await screen.findByText('Chưa tải được danh sách thư')).toBeTruthy();
    fake.fail = false;
    online.set(true);
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(screen.queryByText('Chưa tải được danh sách thư')).toBeNull();
  });

  it('is emptied by Escape, and the letters typed there are no shortcuts', async () => {
    const fake = await openMailScreen([email(1)], { path: '/mail/a1/m1?q=Th%C6%B0' });
    await waitFor(() => expect(rows()).toHaveLength(1));
    const box = screen.getByRole('searchbox', { name: 'Tìm kiếm' });
    fireEvent.keyDown(box, { key: 'e' });
    fireEvent.keyDown(box, { key: 'Escape' });
    expect(box).toHaveProperty('value', '');
    expect(location.search).toBe('');
    expect(fake.calls.some(([name]) => name === 'Email/set')).toBe(false);
  });

  it('with a filter asks for both, and stays when the filter goes', async () => {
    const fake = await openMailScreen([email(1, { keywords: {} }), email(2)], { path: '/mail/a1/m1?q=Th%C6%B0' });
    await waitFor(() => expect(rows()).toHaveLength(2));
    fireEvent.click(screen.getByRole('button', { name: 'Chưa đọc' }));
    await waitFor(() => expect(rows()).toHaveLength(1));
    const filter = fake.calls.findLast(([name]) => name === 'Email/query')?.[1]['filter'];
    expect(filter).toMatchObject({ text: 'Thư', notKeyword: '$seen' });
    fireEvent.click(screen.getByRole('button', { name: 'Tất cả' }));
    await waitFor(() => expect(rows()).toHaveLength(2));
    expect(new URLSearchParams(location.search).get('q')).toBe('Thư');
  });

  it('is taken from the address, as after a reload or from a link', async () => {
    await openMailScreen([email(1), email(2)], { path: '/mail/a1/m1?q=s%E1%BB%91%202' });
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(screen.getByRole('searchbox', { name: 'Tìm kiếm' })).toHaveProperty('value', 'số 2');
  });
});

describe('an empty place', () => {
  it('says so, and another thing when only the filter is empty', async () => {
    await openMailScreen([email(1)]);
    await screen.findByText('Thư số 1');
    fireEvent.click(screen.getByRole('button', { name: 'Chưa đọc' }));
    expect(await screen.findByText('Không có thư nào phù hợp')).toBeTruthy();
    closeMailScreen();
    await openMailScreen([]);
    expect(await screen.findByText('Không có thư nào')).toBeTruthy();
  });
});
