import { describe, expect, it } from 'vitest';
import { linkAddress } from './link-address.ts';

describe('the address of a link', () => {
  it.each([
    ['https://caoson.gov.vn/a?b=1', 'https://caoson.gov.vn/a?b=1'],
    [' caoson.gov.vn ', 'https://caoson.gov.vn/'],
    ['caoson.gov.vn:8443/x', 'https://caoson.gov.vn:8443/x'],
    ['hungnv@caoson.gov.vn', 'mailto:hungnv@caoson.gov.vn'],
    ['mailto:hungnv@caoson.gov.vn', 'mailto:hungnv@caoson.gov.vn'],
  ])('%s is taken', (typed, href) => expect(linkAddress(typed)).toBe(href));
  it.each(['', 'https://', 'javascript:alert(1)', 'data:text/html,x', 'hai từ', 'localhost'])('%s is not', (typed) =>
    expect(linkAddress(typed)).toBeUndefined(),
  );
});
