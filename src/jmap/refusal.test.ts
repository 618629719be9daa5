import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { DomainError, type ErrorKind } from '../base/errors.ts';
import { silentLog, type Log } from '../base/log.ts';
import { openJmap, type JmapWorld } from './testing/server.ts';

let jmap: JmapWorld;
let refusal: Error;
const logged: unknown[] = [];
beforeAll(async () => {
  const log = Object.assign(Object.create(silentLog) as Log, { error: (line: unknown) => void logged.push(line) });
  jmap = await openJmap(sqliteDatabase, { parts: { log, authenticate: () => Promise.reject(refusal) } });
});
afterAll(() => jmap.dispose());

describe('who may not sign in', () => {
  it.each<[ErrorKind, string, number]>([
    ['forbidden', 'request.cross_site', 403],
    ['forbidden', 'password.must_change', 403],
    ['overLimit', 'sign_in.rate_limited', 429],
    ['overLimit', 'sign_in.locked', 429],
    ['unavailable', 'worker.busy', 503],
  ])('(%s, %s) is told so with %i, and fills no log', async (kind, code, status) => {
    refusal = new DomainError(kind, code, 'no', { retryAfter: 7 });
    for (const path of ['/jmap/session', '/jmap/eventsource?types=*']) {
      const response = await fetch(jmap.origin + path);
      expect([response.status, response.headers.get('retry-after')]).toEqual([status, '7']);
      expect(await response.json()).toMatchObject({ type: 'about:blank', status });
    }
    expect(logged).toEqual([]);
  });

  it('learns no more than a number when we failed', async () => {
    refusal = new Error('mật');
    const response = await fetch(`${jmap.origin}/jmap/session`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('mật');
    expect(logged.length).toBe(1);
  });
});
