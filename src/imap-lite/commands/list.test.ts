/** LIST with options, by the examples of RFC 9051 §6.3.9.8 (those of RFC 5258 §5), RFC 5819 §4 and RFC 6154 §5; LSUB beside it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

describe('LIST', () => {
  let test: TestServer;
  let c: Dialogue;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase, { badCommands: 1000 });
    c = await test.client();
    // Only what the examples have is subscribed, and no unit is in the way.
    for (const line of await c.ok('LSUB "" *')) await c.ok(`UNSUBSCRIBE ${line.split('"/" ')[1]}`);
    const tree =
      'Fruit Fruit/Apple Fruit/Banana Tofu Vegetable Vegetable/Broccoli Vegetable/Corn foo2 foo2/bar1 foo2/bar2 ' +
      'baz2 baz2/bar2 baz2/bar22 baz2/bar222 eps2 eps2/mamba qux2/bar2';
    for (const name of tree.split(' ')) await c.ok(`CREATE ${name}`);
    const subscribed =
      'INBOX Fruit/Banana Vegetable Vegetable/Broccoli foo2/bar1 foo2/bar2 baz2/bar2 baz2/bar22 baz2/bar222 eps2 eps2/mamba qux2/bar2';
    for (const name of subscribed.split(' ')) await c.ok(`SUBSCRIBE ${name}`);
  });
  afterAll(() => test.dispose());
  /** `name (attributes) more`, without what only says that a mailbox has children, which may come always. */
  const listed = async (args: string, command = 'LIST'): Promise<string[]> =>
    (await c.ok(`${command} ${args}`)).map((line) => {
      const [, attributes, name, more] = /^\* L(?:IST|SUB) \((.*?)\) "\/" (\S+|".*?")(?: (\(.*\)))?$/.exec(line) ?? [];
      const told = attributes?.replace(/ ?\\Has(No)?Children/, '').trim();
      return `${name}${told ? ` ${told}` : ''}${more ? ` ${more}` : ''}`;
    });
  const CHILDREN = '("CHILDINFO" ("SUBSCRIBED"))';

  it.each([
    // 1, 2, 4, 6 of §6.3.9.8
    ['"" Fruit*', ['Fruit', 'Fruit/Apple', 'Fruit/Banana']],
    ['(SUBSCRIBED) "" (INBOX Fruit* V*)', ['INBOX', 'Fruit/Banana', 'Vegetable', 'Vegetable/Broccoli'], '\\Subscribed'],
    ['() "" To%', ['Tofu']],
    ['"" (Fruit* Tofu) RETURN (SUBSCRIBED)', ['Fruit', 'Fruit/Apple', 'Fruit/Banana \\Subscribed', 'Tofu']],
    ['(REMOTE) "" To%', ['Tofu']],
    ['(REMOTE SUBSCRIBED) "" V%', ['Vegetable'], '\\Subscribed'],
    // 7: children that are subscribed, of one that is not
    ['(SUBSCRIBED) "" F%', []],
    ['(SUBSCRIBED RECURSIVEMATCH) "" F%', [`Fruit ${CHILDREN}`]],
    ['(SUBSCRIBED RECURSIVEMATCH) "" V%', [`Vegetable \\Subscribed ${CHILDREN}`]],
    ['(SUBSCRIBED RECURSIVEMATCH) "" T%', []],
    // 8: CHILDINFO whether or not the children fit the pattern, but not where it tells nothing new
    [
      '(RECURSIVEMATCH SUBSCRIBED) "" "*2"',
      [
        'baz2/bar2 \\Subscribed',
        'baz2/bar22 \\Subscribed',
        'baz2/bar222 \\Subscribed',
        `eps2 \\Subscribed ${CHILDREN}`,
        `foo2 ${CHILDREN}`,
        'foo2/bar2 \\Subscribed',
        'qux2/bar2 \\Subscribed',
      ],
    ],
    ['(RECURSIVEMATCH SUBSCRIBED) "" e*', [`eps2 \\Subscribed ${CHILDREN}`, 'eps2/mamba \\Subscribed']],
    // 9: several patterns; each name once
    ['"" (INBOX Tofu "To%" "Fruit/%")', ['INBOX', 'Fruit/Apple', 'Fruit/Banana', 'Tofu']],
    // RFC 5258 §3: an empty pattern among others is none
    ['"" ("" Tofu)', ['Tofu']],
    ['() "" ""', []],
    ['() Tofu ""', []],
    ['Tofu "" RETURN (CHILDREN)', []],
    // a reference is put before the pattern
    ['Fruit/ %', ['Fruit/Apple', 'Fruit/Banana']],
    ['Fruit /A%', ['Fruit/Apple']],
    ['Fruit/ *pp*', ['Fruit/Apple']],
    // options may come twice, in any order and case
    ['(subscribed SUBSCRIBED) "" Fruit/* return (Children children)', ['Fruit/Banana'], '\\Subscribed'],
    ['(SPECIAL-USE SUBSCRIBED) "" *', []],
  ])('%s', async (args, expected, all = '') => {
    const sorted = (await listed(args)).toSorted();
    expect(sorted).toEqual(expected.map((name) => (all ? `${name} ${all}` : name)).toSorted());
  });

  it('without options an empty pattern asks for the delimiter, under any reference', async () => {
    for (const reference of ['""', 'Fruit', 'Nirgends/'])
      expect(await c.ok(`LIST ${reference} ""`)).toEqual(['* LIST (\\Noselect) "/" ""']);
  });

  it('RETURN (CHILDREN) tells of every mailbox whether it has some (§6.3.9.5)', async () => {
    expect(await c.ok('LIST "" (Fruit Tofu qux2) RETURN (CHILDREN)')).toEqual([
      '* LIST (\\HasChildren) "/" Fruit',
      '* LIST (\\HasChildren) "/" qux2',
      '* LIST (\\HasNoChildren) "/" Tofu',
    ]);
  });

  it('CHILDINFO names the options that chose, and comes only when asked for', async () => {
    const { hung, mailstore } = test;
    const id = await mailstore.write(hung.accountId, async (writer) => {
      const junk = await writer.mailboxByRole('junk');
      const fruit = (await writer.mailboxes()).find((m) => m.name === 'Fruit');
      await writer.updateMailbox(junk!.id, { name: 'Rac', parentId: fruit!.id });
      return junk!.id;
    });
    expect(await listed('(SPECIAL-USE RECURSIVEMATCH) "" F%')).toEqual(['Fruit ("CHILDINFO" ("SPECIAL-USE"))']);
    expect(await listed('(SPECIAL-USE SUBSCRIBED RECURSIVEMATCH) "" F%')).toEqual([]);
    await c.ok('SUBSCRIBE Fruit/Rac');
    expect(await listed('(SPECIAL-USE SUBSCRIBED RECURSIVEMATCH) "" F%')).toEqual([
      'Fruit ("CHILDINFO" ("SPECIAL-USE" "SUBSCRIBED"))',
    ]);
    expect(await listed('(SPECIAL-USE) "" Fruit*')).toEqual(['Fruit/Rac \\Junk']);
    expect(await listed('"" Fruit/R* RETURN (SPECIAL-USE)')).toEqual(['Fruit/Rac \\Junk']);
    expect((await c.ok('LIST "" *')).join()).not.toContain('CHILDINFO');
    // Elsewhere again, for the tests that follow.
    await mailstore.write(hung.accountId, (w) => w.updateMailbox(id, { name: 'Rac', parentId: null }));
  });

  it.each([
    '(RECURSIVEMATCH) "" *',
    '(REMOTE RECURSIVEMATCH) "" *',
    '(UNKNOWN) "" *',
    '"" * RETURN (UNKNOWN)',
    '"" * RETURN (STATUS)',
    '"" * RETURN (STATUS ())',
    '"" * RETURN (STATUS (NOPE))',
    '"" () RETURN (CHILDREN)',
    '""  *',
    '"" * ',
    '""',
  ])('%s is BAD', async (args) => expect((await c.run(`LIST ${args}`)).status).toBe('BAD'));

  it('STATUS follows the name that it is of, and there is none of what cannot be selected (RFC 5819 §2)', async () => {
    await c.ok('APPEND Fruit/Apple ', mail('x'));
    const [, name, items] =
      /^(.*) (\(.*\))$/.exec((await c.ok('STATUS Fruit/Apple (MESSAGES UIDNEXT UNSEEN)'))[0] ?? '') ?? [];
    expect(await c.ok('LIST "" (Fruit/% "H&Htk-%") RETURN (STATUS (MESSAGES UIDNEXT UNSEEN))')).toEqual([
      '* LIST (\\HasNoChildren) "/" Fruit/Apple',
      `${name} ${items}`,
      '* LIST (\\HasNoChildren) "/" Fruit/Banana',
      '* STATUS Fruit/Banana (MESSAGES 0 UIDNEXT 1 UNSEEN 0)',
      expect.stringMatching(/^\* LIST \(\\Noselect \\HasChildren\)/),
    ]);
  });

  it('LSUB tells subscribed names, and by "%" the levels above them (RFC 3501 §6.3.9)', async () => {
    expect(await listed('"" f*', 'LSUB')).toEqual(['foo2/bar1', 'foo2/bar2']);
    expect(await listed('"" f%', 'LSUB')).toEqual(['foo2 \\Noselect']);
    expect(await listed('"" e%', 'LSUB')).toEqual(['eps2']);
    expect(await listed('foo2/ %', 'LSUB')).toEqual(['foo2/bar1', 'foo2/bar2']);
    expect(await listed('"" "Tofu"', 'LSUB')).toEqual([]);
    expect(await listed('"" ""', 'LSUB')).toEqual([]);
  });

  it('SUBSCRIBE twice is once, and so is UNSUBSCRIBE', async () => {
    await c.ok('SUBSCRIBE Tofu');
    await c.ok('SUBSCRIBE Tofu');
    expect(await listed('(SUBSCRIBED) "" Tofu')).toEqual(['Tofu \\Subscribed']);
    await c.ok('UNSUBSCRIBE Tofu');
    await c.ok('UNSUBSCRIBE Tofu');
    expect(await listed('(SUBSCRIBED) "" Tofu')).toEqual([]);
    expect((await c.run('SUBSCRIBE Nirgends')).text).toMatch(/^NO \[NONEXISTENT\]/);
  });

  it('UNSUBSCRIBE of what was renamed or removed before is no fault, as Thunderbird sends it', async () => {
    await c.ok('CREATE Altes');
    await c.ok('SUBSCRIBE Altes');
    await c.ok('RENAME Altes Neues');
    await c.ok('UNSUBSCRIBE Altes');
    expect(await listed('(SUBSCRIBED) "" Neues')).toEqual(['Neues \\Subscribed']);
    await c.ok('DELETE Neues');
    await c.ok('UNSUBSCRIBE Neues');
    expect(await listed('(SUBSCRIBED) "" Neues')).toEqual([]);
  });
});
