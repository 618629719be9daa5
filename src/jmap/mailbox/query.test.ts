import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { openJmap, type Answer, type Client, type JmapWorld } from '../testing/server.ts';

/** Cha > Con > Cháu, and Bạn beside them. */
describe('Mailbox/query (RFC 8621 §2.3)', () => {
  let jmap: JmapWorld;
  let hung: Client;
  let ids: Record<string, string>;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase);
    hung = jmap.as(jmap.world.people.hung);
    const create = {
      cha: { name: 'Cha x', sortOrder: 900 },
      con: { name: 'Con x', sortOrder: 902, parentId: '#cha', isSubscribed: false },
      chau: { name: 'Cháu X', sortOrder: 901, parentId: '#con' },
      ban: { name: 'Bạn x', sortOrder: 903 },
    };
    const { created } = await hung.call('Mailbox/set', { create });
    ids = Object.fromEntries(Object.entries(created as Record<string, Answer>).map(([k, m]) => [k, String(m['id'])]));
  });
  afterAll(() => jmap.dispose());

  const ours = { name: ' x' };
  const sort = [{ property: 'sortOrder' }];
  const both = (...conditions: Answer[]): Answer => ({ operator: 'AND', conditions: [ours, ...conditions] });
  it.each<[string, () => Answer, string[]]>([
    ['part of the name, in any case', () => ({ filter: ours }), ['cha', 'chau', 'con', 'ban']],
    ['its parent', () => ({ filter: { parentId: ids['cha'] } }), ['con']],
    ['no parent', () => ({ filter: both({ parentId: null }) }), ['cha', 'ban']],
    ['a parent that is not there', () => ({ filter: { parentId: 'm999' } }), []],
    ['no role', () => ({ filter: both({ role: null }) }), ['cha', 'chau', 'con', 'ban']],
    ['any role', () => ({ filter: both({ hasAnyRole: true }) }), []],
    ['being subscribed to', () => ({ filter: both({ isSubscribed: false }) }), ['con']],
    ['two conditions in one', () => ({ filter: { ...ours, parentId: null } }), ['cha', 'ban']],
    [
      'name downwards',
      () => ({ filter: ours, sort: [{ property: 'name', isAscending: false }] }),
      ['con', 'chau', 'cha', 'ban'],
    ],
    ['tree, parents before children', () => ({ filter: ours, sortAsTree: true }), ['cha', 'con', 'chau', 'ban']],
    ['what hangs on what matches', () => ({ filter: { name: 'ch' }, filterAsTree: true }), ['cha']],
    ['a window', () => ({ filter: ours, position: -3, limit: 2, calculateTotal: true }), ['chau', 'con']],
    ['an anchor', () => ({ filter: ours, anchor: ids['ban'], anchorOffset: -1 }), ['con', 'ban']],
  ])('by %s', async (_, args, expected) => {
    const answer = await hung.call('Mailbox/query', { sort, ...args() });
    const found = answer['ids'] as string[];
    expect(found.map((id) => Object.keys(ids).find((name) => ids[name] === id))).toEqual(expected);
    expect(answer['total']).toBe('calculateTotal' in args() ? 4 : undefined);
    expect(answer['canCalculateChanges']).toBe(!('sortAsTree' in args() || 'filterAsTree' in args()));
  });

  it.each<[Answer, string]>([
    [{ filter: { name: 1 } }, 'invalidArguments'],
    [{ filter: { role: 1 } }, 'invalidArguments'],
    [{ filter: { parentId: 1 } }, 'invalidArguments'],
    [{ filter: { hasAnyRole: null } }, 'invalidArguments'],
    [{ filter: { isSubscribed: 'yes' } }, 'invalidArguments'],
    [{ filter: { totalEmails: 1 } }, 'unsupportedFilter'],
    [{ sort: [{ property: 'totalEmails' }] }, 'unsupportedSort'],
    [{ sort: [{ property: 'name', collation: 'i;unicode-casemap' }] }, 'unsupportedSort'],
    [{ sortAsTree: 1 }, 'invalidArguments'],
    [{ anchor: 'm999' }, 'anchorNotFound'],
  ])('%j is %s', async (args, type) => {
    expect(await hung.error('Mailbox/query', args)).toBe(type);
  });

  it('the state of the session stands in every answer (RFC 8620 §3.4)', async () => {
    const session = await fetch(`${jmap.origin}/jmap/session`, { headers: hung.headers });
    const body = JSON.stringify({ using: ['urn:ietf:params:jmap:core'], methodCalls: [] });
    expect(await (await hung.post(body)).json()).toEqual({
      methodResponses: [],
      sessionState: ((await session.json()) as Answer)['state'],
    });
  });
});
