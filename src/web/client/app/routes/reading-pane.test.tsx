/** The open message: its thread, its text, its files, and what is said when it cannot be shown. */
import { fireEvent, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, describe, expect, it } from 'vitest';
import { composeIntent } from '../../lib/compose-intent.ts';
import { email } from '../../testing/fake-mail.ts';
import { closeMailScreen, openMailScreen, press } from '../../testing/mail-screen.tsx';

afterEach(closeMailScreen);
const pane = (): HTMLElement => screen.getByRole('region', { name: 'Thư đang đọc' });

describe('a thread', () => {
  it('opens what was chosen and what is new, folds the others, and unfolds them at a click', async () => {
    const fake = await openMailScreen(
      [1, 2, 3].map((n) => email(n, { threadId: 't1', keywords: n === 2 ? {} : { $seen: true } })),
      { path: '/mail/a1/m1/e3' },
    );
    expect(await screen.findByText('Nội dung e3')).toBeTruthy();
    expect(await screen.findByText('Nội dung e2')).toBeTruthy();
    expect(screen.queryByText('Nội dung e1')).toBeNull();
    await waitFor(() => expect(fake.emails[1]?.keywords).toEqual({ $seen: true }));
    const folded = within(pane()).getByText('Người 1').closest('button');
    expect(folded?.getAttribute('aria-expanded')).toBe('false');
    fireEvent.click(folded!);
    expect(await screen.findByText('Nội dung e1')).toBeTruthy();
  });

  it('that is long begins where one left off: of many older messages the first and the last, the others at a click', async () => {
    await openMailScreen(
      Array.from({ length: 12 }, (_, n) => email(n + 1, { threadId: 't1' })),
      { path: '/mail/a1/m1/e12' },
    );
    expect(await screen.findByText('Nội dung e12')).toBeTruthy();
    const names = (): (string | undefined)[] =>
      within(pane())
        .getAllByText(/^Người \d+$/)
        .map((one) => one.textContent?.slice(6));
    expect(names()).toEqual(['1', '11', '12']);
    fireEvent.click(within(pane()).getByRole('button', { name: 'Hiện 9 thư nữa của chuỗi này' }));
    expect(names()).toEqual(Array.from({ length: 12 }, (_, n) => String(n + 1)));
  });

  it('shows no neighbour from the trash', async () => {
    await openMailScreen([email(1), email(2, { threadId: 't1', mailboxIds: { m3: true } })], {
      path: '/mail/a1/m1/e1',
    });
    expect(await screen.findByText('Nội dung e1')).toBeTruthy();
    expect(within(pane()).queryByText('Người 2')).toBeNull();
  });

  it('is answered to the one it came from', async () => {
    await openMailScreen([email(1)], { path: '/mail/a1/m1/e1' });
    await screen.findByText('Nội dung e1');
    fireEvent.click(within(pane()).getByRole('button', { name: /^Trả lời Người 1/ }));
    expect(composeIntent.get()?.intent).toMatchObject({ kind: 'reply', row: { id: 'e1' } });
  });
});

describe('a message', () => {
  it('says to whom it went, and offers its files for download under their names', async () => {
    const fake = await openMailScreen([email(1)]);
    fake.bodies['e1'] = {
      cc: [{ name: 'Trần Bình', email: 'binh@caoson.gov.vn' }],
      attachments: [
        {
          partId: '2',
          blobId: 'p1',
          name: 'Kế hoạch.pdf',
          type: 'application/pdf',
          size: 2048,
          disposition: 'attachment',
          cid: null,
        },
      ],
    };
    await screen.findByText('Thư số 1');
    press('j');
    await screen.findByText('Nội dung e1');
    expect(within(pane()).getByText(/Trần Bình/)).toBeTruthy();
    const link = within(pane()).getByRole('link', { name: /Kế hoạch\.pdf/ });
    expect(decodeURIComponent(link.getAttribute('href') ?? '')).toBe(
      '/jmap/download/a1/p1/Kế hoạch.pdf?type=application/pdf',
    );
    expect(link.getAttribute('download')).toBe('Kế hoạch.pdf');
  });

  it('shows the text of a message of which a file is lost, and says so at the file', async () => {
    const fake = await openMailScreen([email(1)]);
    const file = (partId: string, name: string) => {
      const shape = { type: 'application/pdf', size: 2048, disposition: 'attachment', cid: null };
      return { partId, blobId: `p${partId}`, name, ...shape };
    };
    fake.bodies['e1'] = {
      attachments: [file('2', 'Kế hoạch.pdf'), file('3', 'Phụ lục.pdf')],
      'congvu:lostParts': ['2'],
    };
    await screen.findByText('Thư số 1');
    press('j');
    await screen.findByText('Nội dung e1');
    const card = within(pane()).getByText('Kế hoạch.pdf').closest('li')!;
    expect(within(card).getByText('Bị mất trên máy chủ')).toBeTruthy();
    expect(within(card).queryByRole('link')).toBeNull();
    expect(within(card).queryByRole('button')).toBeNull();
    expect(within(pane()).getByRole('link', { name: /Phụ lục\.pdf/ })).toBeTruthy();
  });

  it('that was cut because it is very long says so', async () => {
    const fake = await openMailScreen([email(1)]);
    fake.bodies['e1'] = { bodyValues: { '1': { value: 'đầu thư', isEncodingProblem: false, isTruncated: true } } };
    await screen.findByText('Thư số 1');
    press('j');
    expect(await screen.findByText('đầu thư')).toBeTruthy();
    expect(within(pane()).getByText(/quá dài/)).toBeTruthy();
  });

  it('that names no address says so, and speaks of no domain', async () => {
    const fake = await openMailScreen([email(1, { from: [{ name: 'Lan <lan@x.vn>', email: '' }] })]);
    const none = { spf: 'none', dkim: 'none', dmarc: 'none', arc: 'none', alignedDomain: null };
    fake.bodies['e1'] = { 'congvu:authentication': none };
    await screen.findByText('Thư số 1');
    press('j');
    expect(await within(pane()).findByText('Thư không ghi địa chỉ người gửi.')).toBeTruthy();
    expect(within(pane()).queryByText(/Tên miền|địa chỉ thật/)).toBeNull();
  });

  it('that is text is shown as text, whatever it looks like', async () => {
    const fake = await openMailScreen([email(1)]);
    const value = '<img src=x onerror=alert(1)> & "co"';
    fake.bodies['e1'] = { bodyValues: { '1': { value, isEncodingProblem: false, isTruncated: false } } };
    await screen.findByText('Thư số 1');
    press('j');
    expect(await screen.findByText(value)).toBeTruthy();
    expect(pane().querySelector('img[src="x"]')).toBeNull();
  });
});

describe('what cannot be shown', () => {
  it('is content that the server has lost: said in its place, and the rest of the thread is there', async () => {
    const fake = await openMailScreen([email(1, { keywords: {} }), email(2, { threadId: 't1', keywords: {} })]);
    fake.lost.add('e2');
    await screen.findByText('Thư số 1');
    press('j');
    expect(await screen.findByText('Nội dung e1')).toBeTruthy();
    const lost = await screen.findByRole('article', { name: 'Thư của Người 2' });
    expect(await within(lost).findByText(/Nội dung của thư này bị mất trên máy chủ/)).toBeTruthy();
    expect(lost.querySelector('div[aria-hidden] > i')).toBeNull();
    await waitFor(() => expect(fake.emails.map(({ keywords }) => keywords)).toEqual([{ $seen: true }, {}]));
    fake.lost.clear();
    fireEvent.click(within(lost).getByRole('button', { name: 'Thử lại' }));
    expect(await within(lost).findByText('Nội dung e2')).toBeTruthy();
  });

  it('is not offered for an answer, and its shortcut says why', async () => {
    const fake = await openMailScreen([email(1)]);
    fake.lost.add('e1');
    await screen.findByText('Thư số 1');
    press('j');
    await within(pane()).findByText(/bị mất trên máy chủ/);
    expect(within(pane()).queryByRole('button', { name: /^Trả lời/ })).toBeNull();
    press('r');
    await waitFor(() => expect(screen.getAllByText(/bị mất trên máy chủ/)).toHaveLength(2));
    expect(composeIntent.get()).toBeNull();
  });

  it('is anything while the line is broken: the reason stands there', async () => {
    const fake = await openMailScreen([email(1)]);
    await screen.findByText('Thư số 1');
    fake.fail = true;
    press('j');
    expect(
      await within(await screen.findByRole('region', { name: 'Thư đang đọc' })).findByText('Chưa mở được thư'),
    ).toBeTruthy();
    fake.fail = false;
    fireEvent.click(within(pane()).getByRole('button', { name: 'Thử lại' }));
    expect(await screen.findByText('Nội dung e1')).toBeTruthy();
  });
});
