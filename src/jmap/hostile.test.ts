/** Whatever a client sends, the answer is JMAP's own, never a failure of ours. Random arguments from a fixed seed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { silentLog } from '../base/log.ts';
import type { Invocation } from './core/references.ts';
import { methods } from './methods.ts';
import { mail, openJmap, type Client, type JmapWorld } from './testing/server.ts';

function random(seed: number): (below: number) => number {
  let a = seed;
  return (below) => {
    a = (a * 1_103_515_245 + 12_345) & 0x7fffffff;
    return a % below;
  };
}

describe('hostile requests', () => {
  let jmap: JmapWorld;
  let hung: Client;
  const failures: unknown[] = [];
  beforeAll(async () => {
    const log = { ...silentLog, error: (entry: unknown) => void failures.push(entry) } as typeof silentLog;
    jmap = await openJmap(sqliteDatabase, { parts: { log }, settings: { maxConcurrentRequests: 20 } });
    hung = jmap.as(jmap.world.people.hung);
    await hung.append(mail({ From: 'a@b.vn', To: 'c@d.vn', Subject: 'x' }));
  });
  afterAll(() => jmap.dispose());

  const names = [
    'ids',
    'properties',
    'filter',
    'sort',
    'position',
    'anchor',
    'limit',
    'sinceState',
    'sinceQueryState',
    'maxChanges',
    'create',
    'update',
    'destroy',
    'emails',
    'blobIds',
    'emailIds',
    'mailboxIds',
    'keywords',
    'bodyStructure',
    'bodyValues',
    'textBody',
    'attachments',
    'subParts',
    'partId',
    'blobId',
    'identityId',
    'emailId',
    'envelope',
    'fromAccountId',
    '__proto__',
    'constructor',
    'operator',
    'conditions',
    'text',
    'inMailbox',
    'header',
    'e1',
    'm1',
    '#k',
    'parentId',
    'name',
    'from',
    'subject',
    'header:X:asDate',
    'keywords/$seen',
    'mailboxIds/m1',
    'toString',
    'bodyProperties',
    'maxBodyValueBytes',
    'onSuccessUpdateEmail',
    'onSuccessDestroyEmail',
    'collapseThreads',
    'type',
    'receivedAt',
  ];
  const atoms: unknown[] = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    2 ** 53,
    1e308,
    '',
    'e1',
    'm1',
    't1',
    '#k',
    'b' + 'a'.repeat(64),
    'p1-1',
    'p1-1-1-1',
    '\u0000',
    '%',
    "'; drop table emails; --",
    '"',
    '*',
    'x'.repeat(5000),
    'AND',
    '2026-01-01T00:00:00Z',
    'text/plain',
    'multipart/mixed',
    'ế',
    '\ud83d\ude00',
    'receivedAt',
    'hasKeyword',
    '(((',
    'NEAR(a b)',
  ];
  const value = (next: (below: number) => number, depth: number): unknown => {
    const kind = depth > 4 ? 0 : next(4);
    if (kind < 2) return atoms[next(atoms.length)];
    if (kind === 2) return Array.from({ length: next(4) }, () => value(next, depth + 1));
    return Object.fromEntries(
      Array.from({ length: next(5) }, () => [names[next(names.length)], value(next, depth + 1)]),
    );
  };

  it('random arguments of every method', async () => {
    const next = random(8620);
    const kinds = Object.keys(methods).filter((name) => name !== 'Core/echo');
    for (let round = 0; round < 60; round++) {
      const calls: Invocation[] = Array.from({ length: 20 }, (_, i) => {
        const args = value(next, 0);
        const name = kinds[next(kinds.length)]!;
        return [
          name,
          {
            accountId: hung.accountId,
            ...(typeof args === 'object' && args !== null && !Array.isArray(args) ? args : {}),
            ...validFor(name, next, value),
          },
          `c${i}`,
        ];
      });
      for (const [name, result] of await hung.request(calls))
        expect([name, result['type']], JSON.stringify(calls)).not.toEqual(['error', 'serverFail']);
    }
    expect(failures).toEqual([]);
  });

  it('octets that are no request', async () => {
    const next = random(7493);
    for (let i = 0; i < 200; i++) {
      const body = Buffer.from(JSON.stringify({ using: [], methodCalls: [['Core/echo', value(next, 0), 'a']] }));
      for (let k = next(6); k > 0; k--) body[next(body.length)] = next(256);
      const response = await hung.post(body);
      expect([200, 400]).toContain(response.status);
      expect(((await response.json()) as { type?: string }).type ?? 'fine').not.toBe('about:blank');
    }
    expect(failures).toEqual([]);
  });
});

/** So that the random part is reached, not only the first check. */
function validFor(
  name: string,
  next: (below: number) => number,
  value: (next: (below: number) => number, depth: number) => unknown,
): Record<string, unknown> {
  if (next(3) === 0) return {};
  const any = () => value(next, 1);
  const only = (args: Record<string, unknown>) => args;
  if (name.endsWith('/query')) return only({ filter: { operator: 'OR', conditions: [any()] } });
  if (name.endsWith('/set')) return only({ create: { k: any() }, update: { e1: any(), m1: any() } });
  if (name === 'Email/import') return only({ emails: { k: any() } });
  if (name === 'Email/get')
    return only({ ids: ['e1'], properties: ['bodyValues', 'bodyStructure'], fetchAllBodyValues: true });
  return {};
}
