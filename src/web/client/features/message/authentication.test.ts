import { describe, expect, it } from 'vitest';
import { nameLooksLikeAddress } from './authentication.ts';

describe('a display name that looks like another address', () => {
  it.each([
    'chutich@caoson.gov.vn',
    'Chủ tịch <chutich@caoson.gov.vn>',
    'chutich＠caoson．gov．vn',
    'chutich@cao\u200bson.gov.vn',
    'chutich@caoson.gov.vn thay mặt hungnv@caoson.gov.vn',
    'CHUTICH@CAOSON.GOV.VN',
  ])('is told: %s', (name) => expect(nameLooksLikeAddress(name, 'hungnv@caoson.gov.vn')).toBe(true));
  it.each(['Nguyễn Văn Hùng', 'hungnv@caoson.gov.vn', 'Hùng (HungNV@caoson.gov.vn)', 'A @ B', '', null])(
    'is not seen in %s',
    (name) => expect(nameLooksLikeAddress(name, 'hungnv@caoson.gov.vn')).toBe(false),
  );
});
