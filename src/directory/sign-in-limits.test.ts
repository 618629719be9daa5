import { afterEach, describe, expect, it, vi } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { code } from '../base/testing/code.ts';
import { remoteKey } from './sign-in-limits.ts';
import { directoryParts } from './testing/parts.ts';

const minutes = (n: number) => n * 60_000;

describe('the rate limit', () => {
  afterEach(() => vi.useRealTimers());
  it('stops one remote that tries many addresses, and lets it try again later', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const test = await sqliteDatabase();
    const { credentials } = directoryParts(test.db, { credentials: { remoteFailures: 10, remoteMinutes: 10 } });
    const attempt = (i: number, remote: string) =>
      code(
        credentials.authenticate({ address: `ai${i}@caoson.gov.vn`, password: 'x', remote, allowAppPassword: true }),
      );
    for (let i = 0; i < 10; i++) expect(await attempt(i, `2001:db8::${i}`)).toBe('sign_in.wrong');
    expect(await attempt(11, '2001:db8:0::ffff')).toBe('sign_in.rate_limited');
    expect(await attempt(11, '2001:db8:1::1')).toBe('sign_in.wrong');
    vi.setSystemTime(Date.now() + minutes(10) + 1);
    expect(await attempt(12, '2001:db8::1')).toBe('sign_in.wrong');
    await test.dispose();
  });
});

describe('a remote', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:0DB8:0:00a0:1:2:3:4', '2001:db8:0:a0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
  ])('%s counts as %s', (remote, key) => expect(remoteKey(remote)).toBe(key));
});
