import { fireEvent, render, screen } from '@testing-library/preact';
import { describe, expect, it } from 'vitest';
import type { Verdict, VerdictKind } from '../../../../../base/api-types.ts';
import { VerdictLine } from './verdict-line.tsx';

const signer = {
  name: 'Lê Quang Vinh',
  address: 'vinh@caoson.gov.vn',
  title: 'Chánh Văn phòng',
  unit: 'Văn phòng UBND tỉnh',
  fingerprint: '0123456789abcdef',
};
const verdict = (kind: VerdictKind, change: Partial<Verdict> = {}): Verdict => ({
  kind,
  ...(kind === 'unsigned' ? {} : { signer }),
  signedAt: '2026-11-22T01:42:00Z',
  checkedAt: '2026-11-22T01:43:00Z',
  files: { signed: 2, unsigned: 0 },
  keySource: 'province',
  checks: [
    { check: 'signature', ok: kind === 'whole' },
    { check: 'somethingNew', ok: true },
  ],
  ...change,
});
const show = (value: Verdict | null): HTMLElement => {
  render(<VerdictLine verdict={value} />);
  return screen.getByRole('group', { name: 'Chữ ký số' });
};

describe('the line above the message', () => {
  it.each<[VerdictKind, RegExp]>([
    ['whole', /Đã ký số bởi Lê Quang Vinh · Chánh Văn phòng, Văn phòng UBND tỉnh · nội dung và 2 tệp nguyên vẹn/],
    ['altered', /Thư đã bị sửa sau khi ký/],
    ['notSender', /Người ký không phải người gửi.*vinh@caoson\.gov\.vn/],
    ['unknownSigner', /chưa ai xác nhận người ký/],
    ['revoked', /Khóa ký đã bị thu hồi/],
    ['expired', /Khóa ký đã hết hạn/],
    ['partlySigned', /Chỉ một phần thư được Lê Quang Vinh ký/],
    ['unsigned', /Không có chữ ký số/],
  ])('says %s in words', (kind, words) => {
    const line = show(verdict(kind));
    expect(line.textContent).toMatch(words);
    expect(line.dataset['verdict']).toBe(kind);
  });
  it('only "whole" ever says who signed as a fact at its beginning', () => {
    for (const kind of ['altered', 'notSender', 'unknownSigner', 'revoked', 'expired', 'unsigned'] as const) {
      const line = show(verdict(kind));
      expect(line.textContent).not.toMatch(/^Đã ký số bởi/);
      line.remove();
    }
  });
  it('names the delegate and the unit', () => {
    expect(
      show(verdict('whole', { onBehalfOf: { name: 'Văn thư Sở', address: 'vt@caoson.gov.vn' } })).textContent,
    ).toContain('Lê Quang Vinh thay mặt Văn thư Sở');
  });
  it('waits for a key in the same place', () => expect(show(null).textContent).toMatch(/Đang kiểm tra chữ ký/));
  it('shows what was signed beside what is shown', () => {
    const line = show(
      verdict('altered', { changedHeaders: [{ field: 'Subject', outer: 'Chuyển tiền gấp', signed: 'Lịch họp' }] }),
    );
    expect(line.textContent).toContain('Chuyển tiền gấp');
    expect(line.textContent).toContain('Lịch họp');
  });
  it('a signature without protected headers does not speak of framed parts', () => {
    expect(show(verdict('partlySigned')).textContent).toContain('tiêu đề và người nhận không được ký');
    expect(verdict('partlySigned').signedPart).toBeUndefined();
  });
  it('says that no key was found rather than whose it claims to be', () => {
    const checks = [{ check: 'key', ok: false, detail: '060C2949DF82F0FF' }];
    expect(show(verdict('unknownSigner', { checks })).textContent).toMatch(/không tìm thấy khóa công khai/);
  });
  it('has words for the evidence, and leaves what it knows none for as it is', () => {
    const line = show(
      verdict('partlySigned', {
        checks: [
          { check: 'key', ok: true, detail: `province ${signer.fingerprint}` },
          { check: 'time', ok: true, detail: 'signed 2026-11-22T01:42:00.000Z, arrived 2026-11-22T01:43:07.271Z' },
          { check: 'notRevoked', ok: false, detail: 'superseded 2026-11-21T01:00:00.000Z' },
          { check: 'micalg', ok: false, detail: 'stated pgp-sha1, used pgp-sha512' },
          { check: 'headersCovered', ok: false, detail: 'From, Subject' },
          { check: 'sender', ok: true, detail: 'delegate' },
          { check: 'contentCovered', ok: false, detail: 'another signed part, text after the signature' },
          { check: 'keyFit', ok: false, detail: 'signed before the key was made' },
        ],
      }),
    );
    fireEvent.click(screen.getByRole('button', { name: 'Chi tiết' }));
    expect([...line.querySelectorAll('li')].map((one) => one.querySelector(':scope > span')?.textContent)).toEqual([
      'Tìm được khóa công khai',
      'Thời điểm ký hợp với lúc thư đến · ký 22/11/2026 08:42, đến 22/11/2026 08:43',
      'Khóa không bị thu hồi · đã thay khóa mới, 21/11/2026 08:00',
      'Thuật toán ghi trong thư khớp với chữ ký · ghi pgp-sha1, thật ra pgp-sha512',
      'Tiêu đề, người gửi, người nhận, ngày nằm trong phần ký · Người gửi, Tiêu đề',
      'Người ký là người gửi · người được ủy quyền gửi từ hộp thư này',
      'Chữ ký bao trùm toàn bộ nội dung · một phần ký khác, chữ nằm sau chữ ký',
      'Khóa được phép ký · signed before the key was made',
    ]);
  });
  it('opens the evidence on demand, also checks it has no word for', () => {
    const line = show(verdict('whole'));
    const more = screen.getByRole('button', { name: 'Chi tiết' });
    expect(more.getAttribute('aria-expanded')).toBe('false');
    fireEvent.click(more);
    expect(line.textContent).toContain('0123 4567 89ab cdef');
    expect(line.textContent).toContain('22/11/2026 08:42');
    expect(line.textContent).toContain('somethingNew');
  });
});
