import { eq, inArray, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import { migrate } from './migrate.ts';
import { wordText } from '../base/word-reader.ts';
import { words } from '../base/word-text.ts';
import { documentIndex, phrases, textIndex } from './text-index.ts';

describe.each(dialects)('the database on $dialect', ({ open }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await open();
  });
  afterAll(() => test.dispose());
  const fact = async (name: string) => {
    const { facts } = test.db.t;
    return (await test.db.read.select().from(facts).where(eq(facts.name, name)))[0]?.value;
  };
  const put = (name: string, value: unknown) =>
    test.db.write(async ({ q }) => {
      await q.insert(test.db.t.facts).values({ name, value });
    });

  it('keeps what a finished unit wrote', async () => {
    await put('a', { b: ['ế', 1, null] });
    expect(await fact('a')).toEqual({ b: ['ế', 1, null] });
  });

  it('rolls one failing unit back and keeps its neighbours of the same group', async () => {
    const bad = test.db.write(async ({ q }) => {
      await q.insert(test.db.t.facts).values({ name: 'lost', value: 1 });
      throw new Error('no');
    });
    const outcomes = await Promise.allSettled([put('left', 1), bad, put('right', 2)]);
    expect(outcomes.map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect([await fact('left'), await fact('lost'), await fact('right')]).toEqual([1, undefined, 2]);
  });

  it('announces after the commit, and nothing for a unit that failed', async () => {
    const heard: string[] = [];
    const waiting: Promise<void>[] = [];
    for (const topic of ['good', 'bad']) {
      const arrival = new Promise<void>((resolve) => {
        test.db.bus.subscribe(topic, () => {
          heard.push(topic);
          resolve();
        });
      });
      if (topic === 'good') waiting.push(arrival);
    }
    await Promise.allSettled([
      test.db.write(async (tx) => {
        tx.announce('bad');
        throw new Error('no');
      }),
      test.db.write(async (tx) => tx.announce('good')),
    ]);
    await Promise.all(waiting);
    expect(heard).toEqual(['good']);
  });

  it('gives generated keys, booleans, bytes and 2^53 back as they went in', async () => {
    const { appPasswords, secrets } = test.db.t;
    const [row] = await test.db.write(({ q }) =>
      q
        .insert(appPasswords)
        .values({ officialId: 1 as never, label: 'máy', tokenHash: 'x', createdAt: 2 ** 53 - 1 })
        .returning(),
    );
    expect(row).toMatchObject({ label: 'máy', createdAt: 2 ** 53 - 1, lastUsedAt: null });
    expect(typeof row?.id).toBe('number');
    await test.db.write(async ({ q }) => {
      await q.insert(secrets).values({ name: 's', sealed: Uint8Array.of(0, 255, 128), createdAt: 1 });
    });
    const [secret] = await test.db.read.select().from(secrets);
    expect([...(secret?.sealed ?? [])]).toEqual([0, 255, 128]);
  });

  it('applies no migration twice', async () => {
    expect(await migrate(test.db)).toEqual([]);
  });

  it('finds Vietnamese words without marks, phrases, prefixes, document numbers, only of the owner', async () => {
    const index = textIndex(test.db.dialect, documentIndex);
    const texts: [number, number, string, string][] = [
      [1, 7, 'Điều hành công văn', 'Kính gửi các đồng chí, thực hiện 1427/UBND-KGVX'],
      [1, 8, 'Die\u0302\u0300u chi\u0309nh', 'văn bản công khai'],
      [2, 7, 'Điều hành', 'của người khác'],
    ];
    await test.db.write(async (tx) => {
      for (const [owner, id, subject, issuer] of texts) await index.put(tx, owner, id, { subject, issuer });
    });
    const { facts } = test.db.t;
    await test.db.write(async ({ q }) => {
      await q.insert(facts).values([7, 8].map((id) => ({ name: `id${id}`, value: id })));
    });
    const find = async (
      text: string,
      options: { fields?: readonly ('subject' | 'issuer')[]; prefix?: boolean } = {},
    ) => {
      const ids = index.matching(1, { text, ...options });
      if (!ids) return undefined;
      const key = sql`cast(substr(${facts.name}, 3) as integer)`;
      const rows = await test.db.read
        .select({ value: facts.value })
        .from(facts)
        .where(sql`${facts.name} like 'id%' and ${inArray(key, ids)}`);
      return rows.map((r) => r.value).sort();
    };
    expect(await find('dieu hanh')).toEqual([7]);
    expect(await find('điều')).toEqual([7, 8]);
    expect(await find('1427 ubnd kgvx')).toEqual([7]);
    expect(await find('1427/UBND-KGVX')).toEqual([7]);
    expect(await find('"công văn"')).toEqual([7]);
    expect(await find('"văn công"')).toEqual([]);
    expect(await find('công', { fields: ['subject'] })).toEqual([7]);
    expect(await find('kha', { prefix: true })).toEqual([8]);
    expect(await find('kha')).toEqual([]);
    expect(await find(' -- ')).toBeUndefined();
    await test.db.write((tx) => index.remove(tx, 1, [7]));
    expect(await find('dieu')).toEqual([8]);
  });
});

describe('what was typed', () => {
  it.each([
    ['a "b c" d', [['a'], ['b', 'c'], ['d']]],
    ['"chưa đóng', [['chua', 'dong']]],
    ["'; drop", [['drop']]],
    ['  ', []],
  ])('%s', (text, expected) => {
    expect(phrases(text)).toEqual(expected);
  });
});

it.each([
  ['Số 1427/UBND-KGVX “hoả tốc”', '1427 ubnd kgvx hoa toc'],
  ['Ωμέγα x', 'x'],
  [`${'a'.repeat(300)} b`, 'b'],
])('what is searched is split like what is searched for: %s', (text, query) => {
  const split = wordText(text).match(/[\p{L}\p{N}]+/gu);
  expect(split).toEqual(words(text));
  expect(split).toEqual(expect.arrayContaining(words(query)));
});
