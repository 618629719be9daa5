import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { list } from '../testing/answers.ts';
import type { Answer } from '../testing/server.ts';
import { WithLetter } from '../testing/with-letter.ts';

const odd = Buffer.concat([
  Buffer.from(
    [
      'From: a@b.vn',
      'To: x@y.vn',
      'to: Z <z@y.vn>',
      'Date: someday',
      'Subject: =?utf-8?Q?Vie=CC=A3=CC=82t?=',
      'Message-ID: no id at all',
      'X-Date: Thu, 30 Oct 2014 14:12:00 +0000',
      'X-Date: never',
      'X-Octets: ',
    ].join('\r\n'),
  ),
  Uint8Array.of(0x61, 0xff, 0x62),
  Buffer.from('\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nđồng chí <b> ạ\r\n'),
]);
const body = 'đồng chí <b> ạ\n';

describe('what Email/get and Email/parse give (RFC 8621 §4.2, §4.9)', () => {
  const w = new WithLetter();
  let id: string;
  beforeAll(async () => {
    await w.open();
    id = await w.hung.append(odd);
  });
  afterAll(() => w.dispose());
  const get = async (properties: string[], more: Answer = {}): Promise<Answer> =>
    list(await w.hung.call('Email/get', { ids: [id], properties, ...more }))[0]!;

  it.each<[string, unknown]>([
    ['header:To:asAddresses', [{ name: 'Z', email: 'z@y.vn' }]],
    ['header:tO:asAddresses:all', [[{ name: null, email: 'x@y.vn' }], [{ name: 'Z', email: 'z@y.vn' }]]],
    ['header:To:all', [' x@y.vn', ' Z <z@y.vn>']],
    ['header:To:asRaw:all', [' x@y.vn', ' Z <z@y.vn>']],
    ['header:Date:asDate', null],
    ['sentAt', null],
    ['header:X-Octets', ' aÿb'],
    ['header:X-Date:asDate:all', ['2014-10-30T14:12:00Z', null]],
    ['header:X-Date:asURLs', null],
    ['header:X-None:asDate', null],
    ['header:X-None:asAddresses:all', []],
    ['header:Message-ID:asMessageIds', null],
    ['messageId', null],
    ['header:Subject:asText', 'Việt'.normalize('NFC')],
    ['subject', 'Việt'.normalize('NFC')],
  ])('%s', async (property, expected) => {
    expect(await get([property])).toEqual({ id, [property]: expected });
  });

  it.each([
    'header:From:asText',
    'header:Subject:asAddresses',
    'header:Received:asDate',
    'header:Return-Path:asAddresses',
    'header:Date:asMessageIds',
    'header:List-Id:asURLs',
    'header:X:all:asText',
    'header:X:asText:asText',
    'header:X:astext',
    'header:X:',
    'header:X Y',
    'header:Tên',
    'Subject',
    'mailboxIds/m1',
    '',
  ])('%j is no property of an email, nor of a part', async (property) => {
    expect(await w.hung.error('Email/get', { ids: [], properties: [property] })).toBe('invalidArguments');
    expect(await w.hung.error('Email/get', { ids: [], bodyProperties: [property] })).toBe('invalidArguments');
    expect(await w.hung.error('Email/parse', { blobIds: [], properties: [property] })).toBe('invalidArguments');
    expect(await w.hung.error('Email/parse', { blobIds: [], bodyProperties: [property] })).toBe('invalidArguments');
  });

  it.each([
    { maxBodyValueBytes: -1 },
    { maxBodyValueBytes: 1.5 },
    { fetchTextBodyValues: 1 },
    { fetchAllBodyValues: null },
  ])('%j is refused', async (args) => {
    expect(await w.hung.error('Email/get', { ids: [], ...args })).toBe('invalidArguments');
    expect(await w.hung.error('Email/parse', { blobIds: [], ...args })).toBe('invalidArguments');
  });

  it('a body value is cut at whatever octet is asked for, between characters', async () => {
    const octets = Buffer.byteLength(body);
    for (let most = 1; most <= octets + 1; most++) {
      const { bodyValues } = await get(['bodyValues'], { fetchTextBodyValues: true, maxBodyValueBytes: most });
      const { value, isTruncated } = (bodyValues as Record<string, { value: string; isTruncated: boolean }>)['1']!;
      expect(body.startsWith(value)).toBe(true);
      expect(isTruncated).toBe(most < octets);
      expect(Buffer.byteLength(value)).toBeLessThanOrEqual(most);
      // No character more would have fitted.
      const next = [...body.slice(value.length)][0] ?? '';
      expect(next === '' || Buffer.byteLength(value + next) > most).toBe(true);
    }
    const whole = await get(['bodyValues'], { fetchTextBodyValues: true, maxBodyValueBytes: 0 });
    expect(whole['bodyValues']).toMatchObject({ 1: { value: body, isTruncated: false } });
  });

  it.each<[Answer, string[]]>([
    [{}, []],
    [{ fetchTextBodyValues: true }, ['1.1']],
    [{ fetchHTMLBodyValues: true }, ['1.2']],
    [{ fetchTextBodyValues: true, fetchHTMLBodyValues: true }, ['1.1', '1.2']],
    [{ fetchAllBodyValues: true }, ['1.1', '1.2']],
  ])('%j fetches the values of %j', async (args, paths) => {
    expect(Object.keys((await w.get(['bodyValues'], args))['bodyValues'] as object)).toEqual(paths);
  });

  it('parts have just what bodyProperties names', async () => {
    expect(await get(['textBody', 'attachments'], { bodyProperties: [] })).toEqual({
      id,
      textBody: [{}],
      attachments: [],
    });
    expect(await get(['textBody'], { bodyProperties: ['subParts', 'type'] })).toEqual({
      id,
      textBody: [{ type: 'text/plain', subParts: null }],
    });
    const { bodyStructure } = await get(['bodyStructure'], {
      bodyProperties: ['partId', 'header:To:all', 'header:X-None'],
    });
    expect(bodyStructure).toEqual({ partId: '1', 'header:To:all': [' x@y.vn', ' Z <z@y.vn>'], 'header:X-None': null });
    expect((await get(['bodyStructure'], { bodyProperties: null }))['bodyStructure']).toMatchObject({
      partId: '1',
      charset: 'utf-8',
      size: Buffer.byteLength(body) + 1,
    });
  });

  it('a parsed blob has the properties of §4.9, each blob once, and nothing that only a stored email has', async () => {
    const blobId = await w.hung.upload(odd);
    const picture = await w.hung.upload(Uint8Array.of(0x89, 0x50), 'image/png');
    const none = `b${'0'.repeat(64)}`;
    const answer = await w.hung.call('Email/parse', { blobIds: [blobId, none, picture, blobId, none, 'x'] });
    expect(answer).toMatchObject({ accountId: w.hung.accountId, notParsable: [picture], notFound: [none, 'x'] });
    expect(Object.keys(answer['parsed'] as object)).toEqual([blobId]);
    expect(Object.keys((answer['parsed'] as Record<string, object>)[blobId]!).sort()).toEqual(
      [
        ...[
          'messageId',
          'inReplyTo',
          'references',
          'sender',
          'from',
          'to',
          'cc',
          'bcc',
          'replyTo',
          'subject',
          'sentAt',
        ],
        ...['hasAttachment', 'preview', 'bodyValues', 'textBody', 'htmlBody', 'attachments'],
      ].sort(),
    );
    const properties = [
      'id',
      'blobId',
      'threadId',
      'mailboxIds',
      'keywords',
      'size',
      'receivedAt',
      'header:To:asAddresses',
    ];
    const { parsed, ...rest } = await w.hung.call('Email/parse', { blobIds: [blobId], properties });
    expect(rest).toMatchObject({ notParsable: null, notFound: null });
    expect(parsed).toEqual({
      [blobId]: {
        ...{ id: null, threadId: null, mailboxIds: null, keywords: null, receivedAt: null },
        ...{ blobId, size: odd.length, 'header:To:asAddresses': [{ name: 'Z', email: 'z@y.vn' }] },
      },
    });
    expect(await w.hung.call('Email/parse', { blobIds: [] })).toMatchObject({ parsed: null });
  });
});
