import { describe, expect, it } from 'vitest';

import { parseUtcDate, utcDate } from './arguments.ts';
import { RequestProblem } from './errors.ts';
import { parseIJson } from './json.ts';
import { parsePatch } from './patch.ts';
import { evaluatePointer, resolveReferences, type Invocation } from './references.ts';
import { sameJson } from './records.ts';
import { windowOf } from './query.ts';
import type { MethodContext } from '../context.ts';

const octets = (text: string) => Buffer.from(text, 'utf8');

describe('I-JSON (RFC 7493) is read', () => {
  it.each([
    '{}',
    '[1,2,{"a":"b","c":{"a":1}}]',
    '"\\ud83d\\ude00"',
    '{"a":"}{\\"","b":"\\\\"}',
    '{"a":[{"x":1},{"x":2}],"x":3}',
    '[[],{},"",null,true,-1.5e3]',
  ])('%s', (text) => {
    expect(parseIJson(octets(text))).toEqual(JSON.parse(text));
  });
});

describe('what is no I-JSON is notJSON', () => {
  it.each([
    ['nothing', ''],
    ['a cut object', '{"a":'],
    ['a member named twice', '{"a":1,"a":2}'],
    ['a member named twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a member named twice, far down', '[{"b":{"a":[1,{"c":1,"d":2,"c":3}]}}]'],
    ['a lone surrogate', '["\\ud800"]'],
    ['a lone surrogate in a name', '{"\\udc00":1}'],
    ['a byte order mark', '\ufeff{}'],
    ['nesting without end', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('%s', (_, text) => {
    expect(() => parseIJson(octets(text))).toThrow(RequestProblem);
  });
  it('octets that are no UTF-8', () => {
    expect(() => parseIJson(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))).toThrow(RequestProblem);
  });
  it('and a big honest request is read fast', () => {
    const text = JSON.stringify(Array.from({ length: 50_000 }, (_, i) => ({ id: `e${i}`, s: '\\"x"', n: { a: i } })));
    const start = performance.now();
    parseIJson(octets(text));
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('result references (RFC 8620 §3.7)', () => {
  // The RFC's own example.
  const responses: Invocation[] = [
    ['Email/query', { ids: ['msg1023', 'msg223'] }, 't0'],
    [
      'Email/get',
      {
        list: [
          { id: 'msg1023', threadId: 'trd194' },
          { id: 'msg223', threadId: 'trd114' },
        ],
      },
      't1',
    ],
    [
      'Thread/get',
      {
        list: [
          { id: 'trd194', emailIds: ['m1', 'm2'] },
          { id: 'trd114', emailIds: ['m3'] },
        ],
      },
      't2',
    ],
  ];
  it.each([
    ['t0', 'Email/query', '/ids', ['msg1023', 'msg223']],
    ['t0', 'Email/query', '/ids/1', 'msg223'],
    ['t1', 'Email/get', '/list/*/threadId', ['trd194', 'trd114']],
    ['t2', 'Thread/get', '/list/*/emailIds', ['m1', 'm2', 'm3']],
  ])('%s %s %s', (resultOf, name, path, expected) => {
    expect(resolveReferences({ '#ids': { resultOf, name, path } }, responses)).toEqual({ ids: expected });
  });
  it.each([
    ['an unknown call', { resultOf: 't9', name: 'Email/get', path: '/list' }, 'invalidResultReference'],
    ['the wrong name', { resultOf: 't1', name: 'Thread/get', path: '/list' }, 'invalidResultReference'],
    ['a path to nothing', { resultOf: 't1', name: 'Email/get', path: '/list/*/nothing' }, 'invalidResultReference'],
    [
      'a path through the prototype',
      { resultOf: 't1', name: 'Email/get', path: '/constructor' },
      'invalidResultReference',
    ],
    [
      'an index with a leading zero',
      { resultOf: 't0', name: 'Email/query', path: '/ids/01' },
      'invalidResultReference',
    ],
    ['no reference at all', 'x', 'invalidArguments'],
  ])('%s is refused', (_, reference, type) => {
    expect(() => resolveReferences({ '#ids': reference }, responses)).toThrow(
      expect.objectContaining({ type }) as Error,
    );
  });
  it('an argument cannot be given and referred to', () => {
    expect(() =>
      resolveReferences({ ids: [], '#ids': { resultOf: 't0', name: 'Email/query', path: '/ids' } }, responses),
    ).toThrow(expect.objectContaining({ type: 'invalidArguments' }) as Error);
  });
  it('escapes of RFC 6901 are undone', () => {
    expect(evaluatePointer({ 'a/b': { 'm~n': 8 } }, '/a~1b/m~0n')).toBe(8);
  });
});

describe('UTCDate (RFC 8620 §1.4)', () => {
  it.each(['2014-10-30T06:12:00Z', '2014-10-30T06:12:00.5Z', '2024-02-29T00:00:00Z'])('%s', (text) => {
    expect(utcDate(parseUtcDate(text)!)).toBe(text);
  });
  it.each([
    '2014-10-30T14:12:00+08:00',
    '2014-10-30T06:12:00.000Z',
    '2014-02-30T06:12:00Z',
    '2014-10-30t06:12:00z',
    '2014-10-30',
    '9999999',
  ])('%s is none', (text) => {
    expect(parseUtcDate(text)).toBeUndefined();
  });
});

describe('PatchObject (RFC 8620 §5.3)', () => {
  it('reads whole properties and members', () => {
    const patch = parsePatch({ 'keywords/$seen': true, 'keywords/a~1b': null, mailboxIds: { m1: true } });
    expect([...patch.set]).toEqual([['mailboxIds', { m1: true }]]);
    expect([...patch.inside.get('keywords')!]).toEqual([
      ['$seen', true],
      ['a/b', null],
    ]);
  });
  it.each([[{ keywords: {}, 'keywords/$seen': true }], [{ 'a/b/c': 1 }]])('%j is no patch', (raw) => {
    expect(() => parsePatch(raw)).toThrow(expect.objectContaining({ type: 'invalidPatch' }) as Error);
  });
});

describe('JSON values', () => {
  it.each([
    [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [[1, 2], [2, 1], false],
    [null, {}, false],
  ])('%j and %j', (a, b, same) => expect(sameJson(a, b)).toBe(same));
});

describe('the window of a query (RFC 8620 §5.5)', () => {
  const context = {
    settings: { maxQueryResults: 100 },
    createdIds: new Map<string, string>(),
  } as unknown as MethodContext;
  const results = ['a', 'b', 'c', 'd', 'e'];
  const base = { position: 0, anchor: null, anchorOffset: 0, limit: 2 as number | null, calculateTotal: false };
  it.each([
    [{}, { position: 0, ids: ['a', 'b'] }],
    [{ position: 3 }, { position: 3, ids: ['d', 'e'] }],
    [{ position: -2 }, { position: 3, ids: ['d', 'e'] }],
    [{ position: -9 }, { position: 0, ids: ['a', 'b'] }],
    [{ position: 9 }, { position: 9, ids: [] }],
    [{ anchor: 'c' }, { position: 2, ids: ['c', 'd'] }],
    [
      { anchor: 'c', anchorOffset: -1, position: 4 },
      { position: 1, ids: ['b', 'c'] },
    ],
    [
      { anchor: 'a', anchorOffset: -5 },
      { position: 0, ids: ['a', 'b'] },
    ],
    [{ limit: null }, { position: 0, ids: results, limit: 100 }],
    [
      { limit: 0, calculateTotal: true },
      { position: 0, ids: [], total: 5 },
    ],
  ])('%j', (args, expected) => {
    expect(windowOf(context, { ...base, ...args }, results)).toEqual(expected);
  });
  it('an anchor that is not there is said', () => {
    expect(() => windowOf(context, { ...base, anchor: 'z' }, results)).toThrow(
      expect.objectContaining({ type: 'anchorNotFound' }) as Error,
    );
  });
});
