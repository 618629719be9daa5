/** The list: what a row says, windows as one scrolls, search, filters, and what is shown when there is nothing. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, describe, expect, it } from 'vitest';
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
