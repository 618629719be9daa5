import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { mail, openJmap, type Answer, type Client, type JmapWorld } from '../testing/server.ts';
import { findWords, mark, snippet, soughtPhrases } from './highlight.ts';

const marked = (text: string, query: string) => mark(text, findWords(text, soughtPhrases(query)));

describe('words found are marked as they were written', () => {
  it.each([
    ['Điều hành công văn', 'dieu', '<mark>Điều</mark> hành công văn'],
    ['công cộng cổng cong', 'công', '<mark>công</mark> cộng cổng <mark>cong</mark>'],
    ['công cộng', 'cong', '<mark>công</mark> <mark>cộng</mark>'],
    ['hoà hòa họa', 'hòa', '<mark>hoà</mark> <mark>hòa</mark> họa'],
    ['giải phóng', 'giải phón', '<mark>giải</mark> <mark>phóng</mark>'],
    ['Đie\u0302\u0300u hành', 'điều hành', '<mark>Đie\u0302\u0300u</mark> <mark>hành</mark>'],
    ['Diều hành', 'điều hành', 'Diều <mark>hành</mark>'],
    ['số 1427/UBND-KGVX', '1427/ubnd-kgvx', 'số <mark>1427/UBND-KGVX</mark>'],
    ['a b a c', '"a c"', 'a b <mark>a c</mark>'],
    ['công & <b>văn</b>', 'van', 'công &amp; &lt;b&gt;<mark>văn</mark>&lt;/b&gt;'],
    ['<mark>x</mark>', 'x', '&lt;mark&gt;<mark>x</mark>&lt;/mark&gt;'],
    ['không có', 'khác', 'không có'],
  ])('%s by %s', (text, query, expected) => expect(marked(text, query)).toBe(expected));

  it('a piece around the first find is at most 255 octets and well formed', () => {
    for (const text of [
      `${'xa xôi '.repeat(50)}điều hành ${'còn lại <&> '.repeat(50)}`,
      '😀'.repeat(100) + ' điều ' + '😀'.repeat(100),
      'điều '.repeat(200),
    ]) {
      const piece = snippet(text, findWords(text, soughtPhrases('dieu')), 255)!;
      expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(255);
      expect(piece).toContain('<mark>điều</mark>');
      expect(piece.match(/<mark>/g)?.length).toBe(piece.match(/<\/mark>/g)?.length);
      expect(piece.replaceAll(/<\/?mark>/g, '')).not.toMatch(/[<>]/);
      expect(Buffer.from(piece).toString()).toBe(piece);
    }
  });
});

describe('SearchSnippet/get', () => {
  let jmap: JmapWorld;
  let hung: Client;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase);
    hung = jmap.as(jmap.world.people.hung);
  });
  afterAll(() => jmap.dispose());

  it('shows subject and text of what Email/query found', async () => {
    const id = await hung.append(
      mail(
        { From: 'a@b.vn', Subject: 'Về điều hành', 'Content-Type': 'text/html; charset=utf-8' },
        '<p>Kính gửi,</p><script>điều</script><p>việc <b>điều</b> hành &lt;gấp&gt;</p>',
      ),
    );
    const answers = await hung.request([
      ['Email/query', { accountId: hung.accountId, filter: { text: 'dieu hanh' } }, 'q'],
      [
        'SearchSnippet/get',
        {
          accountId: hung.accountId,
          filter: { text: 'dieu hanh' },
          '#emailIds': { resultOf: 'q', name: 'Email/query', path: '/ids' },
        },
        's',
      ],
    ]);
    expect(answers[1]![1]).toEqual({
      accountId: hung.accountId,
      list: [
        {
          emailId: id,
          subject: 'Về <mark>điều</mark> <mark>hành</mark>',
          preview: expect.stringContaining('việc <mark>điều</mark> <mark>hành</mark> &lt;gấp&gt;') as string,
        },
      ],
      notFound: null,
    });
    const only = async (filter: Answer) =>
      ((await hung.call('SearchSnippet/get', { filter, emailIds: [id] }))['list'] as Answer[])[0];
    expect(await only({ subject: 'điều' })).toMatchObject({ subject: 'Về <mark>điều</mark> hành', preview: null });
    expect(await only({ operator: 'NOT', conditions: [{ text: 'điều' }] })).toMatchObject({
      subject: null,
      preview: null,
    });
    expect(await hung.call('SearchSnippet/get', { emailIds: ['e999'] })).toMatchObject({
      list: [],
      notFound: ['e999'],
    });
  });
});
