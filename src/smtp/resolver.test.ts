import { describe, expect, it } from 'vitest';

import { manualClock } from '../base/clock.ts';
import { rememberAnswers } from './resolver.ts';

const failing = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));

function asked(answer: (name: string) => Promise<unknown>, entries?: number) {
  const clock = manualClock(0);
  const names: string[] = [];
  const resolve = rememberAnswers(
    (name) => {
      names.push(name);
      return answer(name);
    },
    { clock, maxAge: 60_000, ...(entries === undefined ? {} : { entries }) },
  );
  return { clock, names, resolve };
}

describe('remembered DNS answers', () => {
  it('ask once while they are fresh, whatever the case of the name', async () => {
    const { clock, names, resolve } = asked(async () => [['v=spf1 -all']]);
    expect(await resolve('example.org', 'TXT')).toEqual([['v=spf1 -all']]);
    expect(await resolve('Example.ORG', 'TXT')).toEqual([['v=spf1 -all']]);
    expect(names).toEqual(['example.org']);
    await resolve('example.org', 'A');
    expect(names).toHaveLength(2);
    clock.advance(60_000);
    await resolve('example.org', 'TXT');
    expect(names).toHaveLength(3);
  });

  it('keep "no such name", never a failure', async () => {
    const { names, resolve } = asked((name) => failing(name === 'none.example' ? 'ENOTFOUND' : 'ESERVFAIL'));
    for (let i = 0; i < 2; i++) {
      await expect(resolve('none.example', 'TXT')).rejects.toMatchObject({ code: 'ENOTFOUND' });
      await expect(resolve('broken.example', 'TXT')).rejects.toMatchObject({ code: 'ESERVFAIL' });
    }
    expect(names).toEqual(['none.example', 'broken.example', 'broken.example']);
  });

  it('are bounded in number and in size', async () => {
    const { names, resolve } = asked(async (name) => [[name === 'huge.example' ? 'x'.repeat(5000) : 'x']], 2);
    for (const name of ['huge.example', 'huge.example', 'a.example', 'b.example', 'c.example', 'a.example'])
      await resolve(name, 'TXT');
    expect(names).toEqual(['huge.example', 'huge.example', 'a.example', 'b.example', 'c.example', 'a.example']);
  });
});
