/** Walking through a thread by eye, hand and keyboard: what is folded, what is quoted, what may be believed, how one answers. */
import { fireEvent, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, describe, expect, it } from 'vitest';
import type { Verdict, VerdictKind } from '../../../../base/api-types.ts';
import { composeIntent } from '../../lib/compose-intent.ts';
import { mark } from '../../testing/fake-documents.ts';
import { email } from '../../testing/fake-mail.ts';
import { closeMailScreen, openMailScreen } from '../../testing/mail-screen.tsx';

afterEach(closeMailScreen);
const pane = (): HTMLElement => screen.getByRole('region', { name: 'Thư đang đọc' });
const article = (n: number): Promise<HTMLElement> => screen.findByRole('article', { name: `Thư của Người ${n}` });
const folded = (n: number): HTMLElement => within(pane()).getByText(`Người ${n}`).closest('button')!;

const signer = { name: 'Lê Vinh', title: 'Chánh Văn phòng', unit: 'UBND tỉnh', address: 'vinh@caoson.gov.vn' };
const verdict = (kind: VerdictKind, change: Partial<Verdict> = {}): Verdict => ({
  kind,
  checkedAt: '2026-11-22T01:43:00Z',
  signer: { ...signer, fingerprint: 'ab' },
  checks: [],
  files: { signed: 2, unsigned: 0 },
  ...change,
});

describe('a message of a thread', () => {
  it('is opened and folded again by the keyboard, which goes on from where it was', async () => {
    await openMailScreen([email(1), email(2, { threadId: 't1' })], { path: '/mail/a1/m1/e2' });
    await article(2);
    folded(1).focus();
    fireEvent.click(folded(1));
    const opened = await article(1);
    expect(document.activeElement).toBe(opened);
    expect(await within(opened).findByText('Nội dung e1')).toBeTruthy();
    fireEvent.click(within(opened).getByRole('button', { name: 'Thu gọn thư của Người 1' }));
    await waitFor(() => expect(document.activeElement).toBe(folded(1)));
    expect(screen.queryByText('Nội dung e1')).toBeNull();
  });

  it('that stands alone cannot be folded away', async () => {
    await openMailScreen([email(1)], { path: '/mail/a1/m1/e1' });
    await article(1);
    expect(within(pane()).queryByRole('button', { name: /^Thu gọn/ })).toBeNull();
  });

  it('bears its own verdict, in its own place', async () => {
    await openMailScreen(
      [
        email(1, { keywords: {}, 'congvu:verdict': verdict('altered') }),
        email(2, { threadId: 't1', 'congvu:verdict': verdict('whole') }),
      ],
      { path: '/mail/a1/m1/e2' },
    );
    const line = async (n: number): Promise<string | null> =>
      within(await article(n)).getByRole('group', { name: 'Chữ ký số' }).textContent;
    expect(await line(1)).toContain('Thư đã bị sửa sau khi ký');
    expect(await line(2)).toContain('Đã ký số bởi Lê Vinh · Chánh Văn phòng, UBND tỉnh · nội dung và 2 tệp nguyên vẹn');
  });

  it.each([
    [null, 'Đang kiểm tra chữ ký'],
    [verdict('unsigned'), 'Không có chữ ký số'],
    [verdict('notSender'), 'Người ký không phải người gửi'],
    [verdict('revoked'), 'Khóa ký đã bị thu hồi'],
    [verdict('expired'), 'Khóa ký đã hết hạn lúc ký'],
    [verdict('unknownSigner'), 'Có chữ ký nhưng chưa ai xác nhận người ký'],
  ])('with the verdict %# says so above its text', async (found, words) => {
    await openMailScreen([email(1, { 'congvu:verdict': found })], { path: '/mail/a1/m1/e1' });
    const line = within(await article(1)).getByRole('group', { name: 'Chữ ký số' });
    expect(line.textContent).toContain(words);
    const text = await screen.findByText('Nội dung e1');
    expect(line.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });

  it('frames what lies outside of the signed part, and says so', async () => {
    const partly = verdict('partlySigned', { signedPart: '1', files: { signed: 0, unsigned: 1 } });
    const fake = await openMailScreen([email(1, { 'congvu:verdict': partly })]);
    const part = (partId: string) => ({ partId, type: 'text/plain' });
    const value = (text: string) => ({ value: text, isEncodingProblem: false, isTruncated: false });
    fake.bodies['e1'] = {
      textBody: [part('1'), part('2')],
      htmlBody: [part('1'), part('2')],
      bodyValues: { '1': value('Phần đã ký'), '2': value('Phần thêm vào') },
    };
    fireEvent.click(await screen.findByText('Thư số 1'));
    const outside = await screen.findByRole('region', { name: 'Phần này không nằm trong nội dung được ký' });
    expect(within(outside).getByText('Phần thêm vào')).toBeTruthy();
    expect(within(outside).queryByText('Phần đã ký')).toBeNull();
  });

  it('folds away what it quotes, and shows it at a press', async () => {
    const fake = await openMailScreen([email(1)]);
    const value = 'Đồng ý.\n> Câu hỏi một\n> Câu hỏi hai\nTrân trọng.';
    fake.bodies['e1'] = { bodyValues: { '1': { value, isEncodingProblem: false, isTruncated: false } } };
    fireEvent.click(await screen.findByText('Thư số 1'));
    const quote = (await screen.findByText('Trích thư trước · 2 dòng')).closest('details')!;
    expect(quote.open).toBe(false);
    expect(quote.textContent).toContain('Câu hỏi hai');
    expect(within(pane()).getByText('Trân trọng.').closest('details')).toBeNull();
  });
});

describe('answering', () => {
  it.each([
    ['Trả lời tất cả', 'replyAll'],
    ['Chuyển tiếp', 'forward'],
  ] as const)('“%s” stands below the thread too, where a phone has no room beside the sender', async (name, kind) => {
    await openMailScreen([email(1), email(2, { threadId: 't1', keywords: {} })], { path: '/mail/a1/m1/e1' });
    await screen.findByText('Nội dung e1');
    const buttons = within(pane()).getAllByRole('button', { name });
    expect(buttons.at(-1)?.textContent).toBe(name);
    fireEvent.click(buttons.at(-1)!);
    expect(composeIntent.get()?.intent).toMatchObject({ kind, row: { id: 'e1' } });
  });
});

it('the documents of the message lead to the register, with the highest urgency of them all', async () => {
  const marks = [
    mark({ urgency: 'thuong' }),
    mark({ documentId: 6, numberNotation: '02/CĐ-UBND', urgency: 'hoa_toc' }),
  ];
  await openMailScreen([email(1, { 'congvu:documents': marks })], { path: '/mail/a1/m1/e1' });
  await article(1);
  const head = within(pane()).getByRole('heading', { level: 2 }).parentElement!;
  expect(within(head).getByText('HỎA TỐC')).toBeTruthy();
  expect(within(head).getByRole('link', { name: '02/CĐ-UBND' }).getAttribute('href')).toBe('/documents/6');
});
