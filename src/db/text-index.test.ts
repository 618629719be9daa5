/** The index of documents against a plain look at every text: the same on both engines, whatever is put, replaced and removed. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import { random, type Random } from '../base/testing/random.ts';
import { words } from '../base/word-text.ts';
import { documentIndex, phrases, textIndex, type TextCondition } from './text-index.ts';

type Field = (typeof documentIndex.fields)[number];
type Document = Partial<Record<Field, string>>;

const { fields } = documentIndex;
const vocabulary =
  `công cộng cong văn vạn Ủy uỷ ban BAN 1427/UBND-KGVX 27 ubnd 'OR' AND NOT near* "q" a:b {c} (d) \\ % _ & | ! <-> đất ĐẤT dat`.split(
    ' ',
  );
const OWNERS = [1, 2, 2 ** 31 - 100];

const text = (dice: Random, most: number): string =>
  Array.from({ length: dice.int(most + 1) }, () => dice.pick(vocabulary)).join(dice.pick([' ', ' ', '  ', ', ', '/']));

function condition(dice: Random): TextCondition<Field> {
  const groups = Array.from({ length: 1 + dice.int(2) }, () =>
    dice.chance(0.4) ? `"${text(dice, 3).replaceAll('"', '')}"` : text(dice, 2),
  );
  const typed = groups.join(' ');
  return {
    text: dice.chance(0.3) ? typed.slice(0, 1 + dice.int(typed.length)) : typed,
    ...(dice.chance(0.3) && {
      fields: fields
        .filter(() => dice.chance(0.5))
        .concat('subject')
        .filter((f, i, all) => all.indexOf(f) === i),
    }),
    ...(dice.chance(0.4) && { prefix: true }),
  };
}

/** What a look at every word finds. */
function matches(
  document: Document,
  { text: typed, fields: only = fields, prefix = false }: TextCondition<Field>,
): boolean {
  const groups = phrases(typed);
  return groups.every((group, g) =>
    only.some((field) => {
      const there = words(document[field] ?? '');
      const isOpen = (i: number) => prefix && g === groups.length - 1 && i === group.length - 1;
      return there.some((_, at) =>
        group.every((word, i) => (isOpen(i) ? (there[at + i] ?? '').startsWith(word) : there[at + i] === word)),
      );
    }),
  );
}

describe.each(dialects)('the index of documents on $dialect', ({ dialect, open }) => {
  let test: TestDatabase;
  const index = textIndex(dialect, documentIndex);
  beforeAll(async () => {
    test = await open();
  });
  afterAll(() => test.dispose());

  it.each([1, 2])('finds what a look at every text finds: seed %i', async (seed) => {
    const dice = random(seed);
    const all = new Map(OWNERS.map((owner) => [owner + seed * 10, new Map<number, Document>()]));
    await test.db.write(async (tx) => {
      for (let i = 0; i < 120; i++) {
        const owner = dice.pick([...all.keys()]);
        const own = all.get(owner)!;
        const id = dice.pick([1 + dice.int(20), 2 ** 31 + dice.int(3)]);
        if (dice.chance(0.2)) {
          await index.remove(tx, owner, [id, 10 ** 6]);
          own.delete(id);
          continue;
        }
        const document: Document = {};
        for (const field of fields) if (dice.chance(0.8)) document[field] = text(dice, 6);
        await index.put(tx, owner, id, document);
        own.set(id, document);
      }
    });
    let found = 0;
    for (let i = 0; i < 100; i++) {
      const asked = condition(dice);
      const owner = dice.pick([...all.keys()]);
      const matching = index.matching(owner, asked);
      if (!matching) {
        expect(phrases(asked.text)).toEqual([]);
        continue;
      }
      const ids = (await test.db.read.rows(sql`select * from ${matching} as found`))
        .map(([id]) => Number(id))
        .sort((a, b) => a - b);
      const expected = [...all.get(owner)!].flatMap(([id, document]) => (matches(document, asked) ? [id] : []));
      expect({ asked, ids }).toEqual({ asked, ids: expected.sort((a, b) => a - b) });
      found += ids.length;
    }
    expect(found).toBeGreaterThan(50);
  });

  it('takes a removal of nothing, and of what is not there', async () => {
    await test.db.write((tx) => index.remove(tx, 7, []));
    await test.db.write((tx) => index.remove(tx, 7, [1, 2, 3]));
    expect(await test.db.read.rows(sql`select 1 as one from ${index.matching(7, { text: 'a' })!} as x`)).toEqual([]);
  });
});
