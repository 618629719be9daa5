import { describe, expect, it } from 'vitest';

import { brokenRules } from './password-rules.models.ts';

describe('password rules', () => {
  const owner = { fullName: 'Nguyễn Văn Hùng', address: 'hungnv@caoson.gov.vn' };
  const rules = { passwordMinLength: 10, passwordClasses: 1 };
  it.each([
    ['con bò vàng ăn cỏ', []],
    ['Tr0ng-rừng-sâu', []],
    ['ngắn quá', ['length']],
    ['x'.repeat(300), ['too_long', 'common']],
    ['Matkhau@2026!', ['common']],
    ['mật khẩu 123456', ['common']],
    ['Password12345', ['common']],
    ['12345678901', ['common']],
    ['abababababab', ['common']],
    ['hungnv@2026xyz', ['own_name']],
    ['NguyenVanHung!77', ['own_name']],
  ])('%s breaks %j', (password, broken) => {
    expect(brokenRules(password, owner, rules)).toEqual(broken);
  });
  it('can ask for four classes', () => {
    const strict = { passwordMinLength: 14, passwordClasses: 4 };
    expect(brokenRules('con bò vàng ăn cỏ', owner, strict)).toEqual(['classes']);
    expect(brokenRules('Con bò vàng ăn 7 cỏ', owner, strict)).toEqual([]);
  });
});
