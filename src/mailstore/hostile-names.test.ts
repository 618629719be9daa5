/** Names and keywords as a stranger may send them: refused, or kept as they are answered, and never two that look alike to the store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { isDomainError } from '../base/errors.ts';
import { random } from '../base/testing/random.ts';
import type { AccountId } from '../base/ids.ts';
import { keywordPatcher, packKeywords, unpackKeywords } from './keywords.ts';
import { MAX_NAME_OCTETS } from './names.ts';
import { openStore, type TestStore } from './testing/setup.ts';

const lone = '\ud83d';
const names: [string, string, string | undefined][] = [
  ['composed', 'Ủy ban', 'Ủy ban'.normalize('NFC')],
  ['in pieces', 'Văn phòng'.normalize('NFD'), 'Văn phòng'.normalize('NFC')],
  ['half a character', `a${lone}b`, 'a\ufffdb'],
  ['U+0000', 'a\u0000b', 'a\ufffdb\ufffd'],
  ['a line end', 'a\r\nb', undefined],
  ['a separator of paragraphs', 'a\u2029b', undefined],
  ['nothing but space', ' \u00a0\u3000', undefined],
  ['a slash', 'a/b', undefined],
  ['INBOX in some case', 'iNbOx', undefined],
  ['an apostrophe and SQL', `'; drop table mailboxes; --`, `'; drop table mailboxes; --`],
  ['wildcards', '%_*?', '%_*?'],
  ['beyond the basic plane', '📁 hồ sơ', '📁 hồ sơ'],
  ['as long as may be', 'x'.repeat(MAX_NAME_OCTETS), 'x'.repeat(MAX_NAME_OCTETS)],
  ['one octet too long', 'x'.repeat(MAX_NAME_OCTETS + 1), undefined],
  ['too long in octets only', 'ữ'.repeat(MAX_NAME_OCTETS / 2), undefined],
];

describe.each(dialects)('the name of a mailbox on $dialect', ({ open }) => {
  let t: TestStore;
  let id: AccountId;
  beforeAll(async () => {
    t = await openStore(open);
    id = await t.account();
  });
  afterAll(async () => {
    await t.store.stop();
    await t.dispose();
  });

  it.each(names.filter(([, , kept]) => !kept?.endsWith('\ufffd')))('with %s', async (_, name, kept) => {
    const made = t.store.write(id, (w) => w.createMailbox({ name }));
    if (kept === undefined) {
      await expect(made).rejects.toMatchObject({ code: 'mail.mailbox_name_invalid' });
      return;
    }
    const { id: mailboxId, name: told } = await made;
    expect((await t.store.read(id).mailbox(mailboxId))?.name).toBe(told);
    expect(told).toBe(kept);
    for (const again of [name, told, name.normalize('NFD')])
      await expect(t.store.write(id, (w) => w.createMailbox({ name: again }))).rejects.toMatchObject({
        code: 'mail.mailbox_exists',
      });
    await t.store.write(id, (w) => w.destroyMailbox(mailboxId));
    expect(await t.findings()).toEqual([]);
  });

  it('is taken by one of many who make it at once', async () => {
    const made = await Promise.allSettled(
      Array.from({ length: 8 }, () => t.store.write(id, (w) => w.createMailbox({ name: 'Cùng lúc' }))),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of made)
      if (one.status === 'rejected') expect(isDomainError(one.reason, 'mail.mailbox_exists')).toBe(true);
  });

  it('never makes a ring, though each of two moves is right by itself', async () => {
    const [a, b] = await t.store.write(id, async (w) => [
      await w.createMailbox({ name: 'A' }),
      await w.createMailbox({ name: 'B' }),
    ]);
    const moved = await Promise.allSettled([
      t.store.write(id, (w) => w.updateMailbox(a.id, { parentId: b.id })),
      t.store.write(id, (w) => w.updateMailbox(b.id, { parentId: a.id })),
    ]);
    expect(moved.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await t.findings()).toEqual([]);
  });

  it('of a parent that goes in the same moment leaves no orphan', async () => {
    const parent = await t.store.write(id, (w) => w.createMailbox({ name: 'Sắp mất' }));
    const both = await Promise.allSettled([
      t.store.write(id, (w) => w.createMailbox({ name: 'con', parentId: parent.id })),
      t.store.write(id, (w) => w.destroyMailbox(parent.id)),
    ]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await t.findings()).toEqual([]);
  });
});

describe('keywords', () => {
  const vocabulary = [
    '$seen',
    '$SEEN',
    '$Flagged',
    '$draft',
    '$answered',
    '$forwarded',
    'viec',
    'VIEC',
    'a.b',
    '!',
    '~',
    'x'.repeat(255),
  ];

  it('are a set whatever the patch, the case and the order: a thousand patches', () => {
    const dice = random(5);
    const some = () => vocabulary.filter(() => dice.chance(0.3));
    for (let i = 0; i < 1000; i++) {
      const [now, set, add, remove] = [some(), dice.chance(0.3) ? some() : undefined, some(), some()];
      const lower = (list: readonly string[]) => list.map((one) => one.toLowerCase());
      const expected = new Set([...lower(set ?? now), ...lower(add)]);
      for (const one of lower(remove)) expected.delete(one);
      const after = keywordPatcher({ ...(set && { set }), add, remove })(packKeywords(now));
      expect(unpackKeywords(after)).toEqual([...expected].sort());
      expect(packKeywords(unpackKeywords(after))).toEqual(after);
    }
  });

  it.each([
    '',
    ' ',
    'a b',
    '\\Seen',
    'a(b',
    'a{',
    ']',
    '%',
    '*',
    '"',
    'việc',
    '\u007f',
    '\u0000',
    'x'.repeat(256),
    'K\u212a',
  ])('refuse %j', (keyword) => {
    expect(() => packKeywords([keyword])).toThrow(/not a keyword/);
  });
});
