import { describe, expect, it } from 'vitest';

import { isPrivateAddress } from './outside-get.ts';

describe('private addresses', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a00:1',
    '::7f00:1',
    '::10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'not an address',
  ])('include %s', (address) => expect(isPrivateAddress(address)).toBe(true));
  it.each(['8.8.8.8', '203.162.0.1', '172.32.0.1', '2400:cb00::1', '2001:4860:4860::8888'])(
    'do not include %s',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});
