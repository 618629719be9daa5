import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { mail, openJmap, type Answer, type Client, type JmapWorld } from '../testing/server.ts';

const at = (day: number): number => Date.UTC(2026, 0, day);
const utc = (day: number): string => `2026-01-0${day}T00:00:00Z`;

/** One and three are a thread, one before and one after the others; two lies in two mailboxes. */
describe('Email/query over HTTP (RFC 8621 §4.4)', () => {
  let jmap: JmapWorld;
  let hung: Client;
  let ids: Record<string, string>;
  let inbox: string;
  let archive: string;
  const size: Record<string, number> = {};
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase, { settings: { maxQueryResults: 50, maxObjectsInGet: 5 } });
    hung = jmap.as(jmap.world.people.hung);
    [inbox, archive] = [await hung.mailbox('inbox'), await hung.mailbox('archive')];
    const letters: Record<string, [Record<string, string>, string, string[]]> = {
      one: [{ From: 'Cao An <an@x.vn>', Subject: 'kế hoạch', 'Message-ID': '<1@x>' }, 'họp', ['$seen', '$flagged']],
      two: [{ From: 'binh@x.vn', To: 'Dung <dung@y.vn>', Subject: 'báo cáo', 'X-Loai': 'khan' }, 'hai '.repeat(90), []],
      three: [
        { From: 'Bao <bao@x.vn>', Subject: 'Re: kế hoạch', 'In-Reply-To': '<1@x>', Cc: 'ly@y.vn', Bcc: 'mai@y.vn' },
        'đồng ý',
        ['$flagged'],
      ],
      four: [{ From: 'zoe@x.vn', Subject: 'áp dụng', Date: 'Thu, 1 Jan 2015 00:00:00 +0000' }, '', ['$seen']],
    };
    const made: [string, string][] = [];
    for (const [index, [name, [header, body, keywords]]] of Object.entries(letters).entries()) {
      const bytes = mail(header, body);
      size[name] = bytes.length;
      made.push([name, await hung.append(bytes, 'inbox', { keywords, receivedAt: at(index + 1) })]);
    }
    ids = Object.fromEntries(made);
    await hung.call('Email/set', {
      update: {
        [ids['two']!]: { [`mailboxIds/${archive}`]: true },
        [ids['four']!]: { mailboxIds: { [archive]: true } },
      },
    });
  });
  afterAll(() => jmap.dispose());

  const names = (found: unknown): (string | undefined)[] =>
    (found as string[]).map((id) => Object.keys(ids).find((name) => ids[name] === id));
  const oldest = [{ property: 'receivedAt' }];
  const query = (args: Answer): Promise<Answer> => hung.call('Email/query', { sort: oldest, ...args });
  const all = ['one', 'two', 'three', 'four'];
  const and = (...conditions: Answer[]): Answer => ({ operator: 'AND', conditions });
  const or = (...conditions: Answer[]): Answer => ({ operator: 'OR', conditions });
  const not = (...conditions: Answer[]): Answer => ({ operator: 'NOT', conditions });

  it.each<[string, () => Answer | null, string[]]>([
    ['null', () => null, all],
    ['a condition of nothing', () => ({}), all],
    ['inMailbox', () => ({ inMailbox: archive }), ['two', 'four']],
    ['inMailbox of one that is not there', () => ({ inMailbox: 'm999' }), []],
    ['inMailboxOtherThan: in another too is enough', () => ({ inMailboxOtherThan: [inbox] }), ['two', 'four']],
    ['inMailboxOtherThan of all', () => ({ inMailboxOtherThan: [inbox, archive] }), []],
    ['inMailboxOtherThan of none', () => ({ inMailboxOtherThan: [] }), all],
    ['before, that moment not among them', () => ({ before: utc(2) }), ['one']],
    ['after, that moment among them', () => ({ after: utc(3) }), ['three', 'four']],
    ['minSize, that size among them', () => ({ minSize: size['two'] }), ['two']],
    ['maxSize, that size not among them', () => ({ maxSize: size['two'] }), ['one', 'three', 'four']],
    ['hasKeyword in any case', () => ({ hasKeyword: '$SEEN' }), ['one', 'four']],
    ['notKeyword', () => ({ notKeyword: '$seen' }), ['two', 'three']],
    ['allInThreadHaveKeyword', () => ({ allInThreadHaveKeyword: '$flagged' }), ['one', 'three']],
    ['allInThreadHaveKeyword, but one', () => ({ allInThreadHaveKeyword: '$seen' }), ['four']],
    ['someInThreadHaveKeyword', () => ({ someInThreadHaveKeyword: '$seen' }), ['one', 'three', 'four']],
    ['noneInThreadHaveKeyword', () => ({ noneInThreadHaveKeyword: '$seen' }), ['two']],
    ['hasAttachment false', () => ({ hasAttachment: false }), all],
    ['hasAttachment true', () => ({ hasAttachment: true }), []],
    ['text of a subject', () => ({ text: 'bao cao' }), ['two']],
    ['text of a body', () => ({ text: 'đồng ý' }), ['three']],
    ['from', () => ({ from: 'cao an' }), ['one']],
    ['to', () => ({ to: 'dung@y' }), ['two']],
    ['cc', () => ({ cc: 'ly@y.vn' }), ['three']],
    ['bcc', () => ({ bcc: 'mai' }), ['three']],
    ['subject', () => ({ subject: 'kế hoạch' }), ['one', 'three']],
    ['body', () => ({ body: 'hai' }), ['two']],
    ['header that is there', () => ({ header: ['x-loai'] }), ['two']],
    ['header with a value', () => ({ header: ['X-LOAI', 'KHA'] }), ['two']],
    ['header with another value', () => ({ header: ['X-Loai', 'thường'] }), []],
    ['two conditions in one: both', () => ({ hasKeyword: '$seen', inMailbox: archive }), ['four']],
    ['AND of none', () => and(), all],
    ['OR of none', () => or(), []],
    ['NOT of none', () => not(), all],
    ['NOT of two: neither', () => not({ hasKeyword: '$seen' }, { inMailbox: archive }), ['three']],
    ['NOT of NOT', () => not(not({ inMailbox: archive })), ['two', 'four']],
    [
      'operators in one another',
      () => or(and({ hasKeyword: '$seen' }, not({ inMailbox: archive })), and({ from: 'binh' }, or({ to: 'dung' }))),
      ['one', 'two'],
    ],
  ])('finds by %s', async (_, filter, expected) => {
    expect(names((await query({ filter: filter() }))['ids'])).toEqual(expected);
  });

  it.each<[Answer, string]>([
    ...['text', 'from', 'to', 'cc', 'bcc', 'subject', 'body', 'inMailbox'].map((n): [Answer, string] => [
      { [n]: 1 },
      'invalidArguments',
    ]),
    ...['hasKeyword', 'notKeyword', 'allInThreadHaveKeyword', 'someInThreadHaveKeyword', 'noneInThreadHaveKeyword'].map(
      (n): [Answer, string] => [{ [n]: 'a b' }, 'invalidArguments'],
    ),
    [{ inMailboxOtherThan: 'm1' }, 'invalidArguments'],
    [{ inMailboxOtherThan: [1] }, 'invalidArguments'],
    [{ before: '2026-01-01' }, 'invalidArguments'],
    [{ after: '2026-01-01T00:00:00+07:00' }, 'invalidArguments'],
    [{ minSize: -1 }, 'invalidArguments'],
    [{ maxSize: '1' }, 'invalidArguments'],
    [{ hasAttachment: 'true' }, 'invalidArguments'],
    [{ header: [] }, 'invalidArguments'],
    [{ header: ['a', 'b', 'c'] }, 'invalidArguments'],
    [{ header: ['a', null] }, 'invalidArguments'],
    [{ operator: 'AND' }, 'invalidArguments'],
    [{ operator: 'and', conditions: [] }, 'invalidArguments'],
    [{ operator: 'OR', conditions: [null] }, 'invalidArguments'],
    [{ operator: 'NOT', conditions: [], text: 'a' }, 'invalidArguments'],
    [{ text: 'a', conditions: [] }, 'unsupportedFilter'],
    [and({ text: 'a' }, { sentBefore: utc(1) }), 'unsupportedFilter'],
  ])('the filter %j is refused', async (filter, type) => {
    expect(await hung.error('Email/query', { filter })).toBe(type);
    expect(await hung.error('Email/queryChanges', { filter, sinceQueryState: '0' })).toBe(type);
    expect(await hung.error('SearchSnippet/get', { filter, emailIds: [] })).toBe(type);
  });

  it.each<[string, Answer[], string[]]>([
    ['receivedAt, newest first', [{ property: 'receivedAt', isAscending: false }], ['four', 'three', 'two', 'one']],
    ['sentAt', [{ property: 'sentAt' }, ...oldest], ['four', 'one', 'two', 'three']],
    ['size', [{ property: 'size', isAscending: false }], ['two']],
    ['from: the name, or else the address', [{ property: 'from' }], ['three', 'two', 'one', 'four']],
    ['to', [{ property: 'to', isAscending: false }, ...oldest], ['two', 'one', 'three', 'four']],
    ['base subject, without marks', [{ property: 'subject' }, ...oldest], ['four', 'two', 'one', 'three']],
    [
      'hasKeyword: those without come first',
      [{ property: 'hasKeyword', keyword: '$seen' }, ...oldest],
      ['two', 'three', 'one', 'four'],
    ],
    [
      'someInThreadHaveKeyword',
      [{ property: 'someInThreadHaveKeyword', keyword: '$Seen', isAscending: false }, ...oldest],
      ['one', 'three', 'four', 'two'],
    ],
    [
      'allInThreadHaveKeyword',
      [{ property: 'allInThreadHaveKeyword', keyword: '$seen', isAscending: false }, ...oldest],
      ['four', 'one', 'two', 'three'],
    ],
  ])('sorts by %s', async (_, sort, expected) => {
    expect(names((await query({ sort }))['ids']).slice(0, expected.length)).toEqual(expected);
  });

  it.each<[Answer[], string]>([
    [[{ property: 'hasKeyword' }], 'invalidArguments'],
    [[{ property: 'hasKeyword', keyword: 'a b' }], 'invalidArguments'],
    [[{}], 'invalidArguments'],
    [[{ property: 'size', isAscending: 'no' }], 'invalidArguments'],
    [[{ property: 'noneInThreadHaveKeyword', keyword: 'x' }], 'unsupportedSort'],
    [[{ property: 'receivedAt' }, { property: 'preview' }], 'unsupportedSort'],
    [[{ property: 'subject', collation: 'i;ascii-casemap' }], 'unsupportedSort'],
  ])('the sort %j is refused', async (sort, type) => {
    expect(await hung.error('Email/query', { sort })).toBe(type);
    expect(await hung.error('Email/queryChanges', { sort, sinceQueryState: '0' })).toBe(type);
  });

  it.each<[string, () => Answer, Answer & { ids: string[] }]>([
    ['a limit', () => ({ limit: 2 }), { position: 0, ids: ['one', 'two'] }],
    ['a limit of none, counted', () => ({ limit: 0, calculateTotal: true }), { position: 0, ids: [], total: 4 }],
    ['a limit beyond ours', () => ({ limit: 51 }), { position: 0, ids: all, limit: 50 }],
    ['a position', () => ({ position: 3, limit: 5 }), { position: 3, ids: ['four'] }],
    [
      'a position behind the end',
      () => ({ position: 9, limit: 5, calculateTotal: true }),
      { position: 9, ids: [], total: 4 },
    ],
    ['a position from the end', () => ({ position: -1, limit: 5 }), { position: 3, ids: ['four'] }],
    ['a position before the first', () => ({ position: -9, limit: 1 }), { position: 0, ids: ['one'] }],
    [
      'an anchor, the position aside',
      () => ({ anchor: ids['two'], position: 3, limit: 1 }),
      { position: 1, ids: ['two'] },
    ],
    [
      'an anchor and what lies before it',
      () => ({ anchor: ids['three'], anchorOffset: -1, limit: 2 }),
      { position: 1, ids: ['two', 'three'] },
    ],
    [
      'an anchor and nothing before it',
      () => ({ anchor: ids['one'], anchorOffset: -3, limit: 1 }),
      { position: 0, ids: ['one'] },
    ],
    [
      'an anchor and an offset behind the end',
      () => ({ anchor: ids['four'], anchorOffset: 3, limit: 1 }),
      { position: 6, ids: [] },
    ],
    [
      'an offset without anchor, which says nothing',
      () => ({ anchorOffset: 2, limit: 1 }),
      { position: 0, ids: ['one'] },
    ],
    [
      'threads, the first email of each',
      () => ({ collapseThreads: true, limit: 9, calculateTotal: true }),
      { position: 0, ids: ['one', 'two', 'four'], total: 3 },
    ],
    ['threads from the end', () => ({ collapseThreads: true, position: -2, limit: 1 }), { position: 1, ids: ['two'] }],
    [
      'threads of what was found',
      () => ({ collapseThreads: true, filter: { notKeyword: '$seen' }, limit: 9 }),
      { position: 0, ids: ['two', 'three'] },
    ],
  ])('the window of %s', async (_, args, expected) => {
    const { accountId, queryState, canCalculateChanges, ...window } = await query(args());
    expect([accountId, canCalculateChanges]).toEqual([hung.accountId, true]);
    expect(queryState).toBe((await hung.call('Email/get', { ids: [] }))['state']);
    expect({ ...window, ids: names(window['ids']) }).toEqual(expected);
  });

  it.each<[Answer, string]>([
    [{ limit: -1 }, 'invalidArguments'],
    [{ limit: 1.5 }, 'invalidArguments'],
    [{ anchorOffset: null }, 'invalidArguments'],
    [{ anchor: 'not an id' }, 'invalidArguments'],
    [{ calculateTotal: 1 }, 'invalidArguments'],
    [{ collapseThreads: 'yes' }, 'invalidArguments'],
    [{ upToId: 'e1' }, 'invalidArguments'],
    [{ anchor: 'e999999' }, 'anchorNotFound'],
  ])('the window %j is refused', async (args, type) => {
    expect(await hung.error('Email/query', args)).toBe(type);
  });

  it('an email that its thread hides, or the filter, is no anchor', async () => {
    expect(await hung.error('Email/query', { sort: oldest, collapseThreads: true, anchor: ids['three'] })).toBe(
      'anchorNotFound',
    );
    expect(await hung.error('Email/query', { filter: { hasKeyword: '$seen' }, anchor: ids['two'] })).toBe(
      'anchorNotFound',
    );
  });

  it('Email/queryChanges tells a list what moved, with total when asked, and upToId loses nothing', async () => {
    const filter = { notKeyword: '$seen' };
    const { queryState: since } = await query({ filter });
    const changes = (more: Answer = {}) =>
      hung.call('Email/queryChanges', { filter, sort: oldest, sinceQueryState: since, ...more });
    expect(await changes()).toEqual({
      accountId: hung.accountId,
      oldQueryState: since,
      newQueryState: since,
      removed: [],
      added: [],
    });
    expect(await changes({ calculateTotal: true })).toMatchObject({ total: 2 });
    await hung.call('Email/set', {
      update: { [ids['two']!]: { 'keywords/$seen': true }, [ids['one']!]: { 'keywords/$seen': null } },
    });
    const moved = await changes({ calculateTotal: true, upToId: ids['one'] });
    expect(new Set(names(moved['removed']))).toEqual(new Set(['one', 'two']));
    expect(moved).toMatchObject({ added: [{ id: ids['one'], index: 0 }], total: 2 });
    expect(moved['newQueryState']).not.toBe(since);
    expect(await changes({ maxChanges: 3 })).toHaveProperty('added');
    const args = { filter, sort: oldest, sinceQueryState: since };
    expect(await hung.error('Email/queryChanges', { ...args, maxChanges: 2 })).toBe('tooManyChanges');
    // Of a thread of which one email changed, the email shown may be another now.
    expect((await changes({ collapseThreads: true }))['removed']).toContain(ids['three']);
    await hung.call('Email/set', {
      update: { [ids['two']!]: { 'keywords/$seen': null }, [ids['one']!]: { 'keywords/$seen': true } },
    });
  });

  it('SearchSnippet/get answers for each email once, and names those that are not there', async () => {
    const asked = { filter: { text: 'kế hoạch' }, emailIds: [ids['one'], 'e999', ids['one'], ids['four']] };
    expect(await hung.call('SearchSnippet/get', asked)).toMatchObject({
      list: [
        { emailId: ids['one'], subject: '<mark>kế</mark> <mark>hoạch</mark>', preview: null },
        { emailId: ids['four'], subject: null, preview: null },
      ],
      notFound: ['e999'],
    });
    expect(await hung.call('SearchSnippet/get', { filter: null, emailIds: [ids['one']] })).toMatchObject({
      list: [{ emailId: ids['one'], subject: null, preview: null }],
      notFound: null,
    });
    const many = Array.from({ length: 6 }, (_, i) => `e${i}`);
    expect(await hung.error('SearchSnippet/get', { emailIds: many })).toBe('requestTooLarge');
  });
});
