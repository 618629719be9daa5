/** Units of work that run as one, and mail that comes at the same time. */
import { afterEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { RunAgain } from '../db/again.ts';
import type { Tx } from '../db/database.ts';
import { envelope, outsider, receive } from './testing/post.ts';
import { mail, openWorld, type World } from './testing/world.ts';
import { createTogether } from './together.ts';

let world: World;
afterEach(() => world.dispose());

describe.each(dialects)('mail that comes at the same time on $dialect', ({ open, dialect }) => {
  const count = async (accountId: World['people']['hung']['accountId']) => (await world.inbox(accountId)).length;
  const findings = async (): Promise<string[]> => {
    const all: string[] = [];
    for await (const { finding } of world.mailstore.check({ deep: true })) all.push(finding);
    return all;
  };

  it('is all there, each with its thread, its place and its word in the log', async () => {
    world = await openWorld(open);
    const { hung, nhung, lan } = world.people;
    const to = [[hung], [nhung], [hung, lan], [lan]];
    const sent = Array.from({ length: 20 }, (_, i) => {
      const fields = {
        From: outsider,
        Subject: `Việc ${i % 5}`,
        'Message-ID': `<${i}@bo.example>`,
        References: `<r${i % 5}@x>`,
      };
      const names = (to[i % 4] ?? []).map(({ address }) => address);
      return receive(world, mail(fields), envelope(outsider, ...names));
    });
    const outcomes = await Promise.all(sent);
    expect(outcomes.map(({ delivered }) => delivered.length)).toEqual(sent.map((_, i) => to[i % 4]?.length));
    expect([await count(hung.accountId), await count(nhung.accountId), await count(lan.accountId)]).toEqual([
      10, 5, 10,
    ]);
    const reader = world.mailstore.read(hung.accountId);
    const inbox = await reader.mailboxByRole('inbox');
    expect(inbox).toMatchObject({ totalEmails: 10, unreadEmails: 10, uidNext: 11 });
    const { created, newState } = await reader.changes('Email', 0 as never);
    expect(created).toHaveLength(10);
    expect((await reader.changes('Thread', 0 as never)).created).toHaveLength(5);
    // What an account is told of it is one step, not one for each message.
    if (dialect === 'sqlite') expect(newState).toBeLessThan(5);
    expect(await findings()).toEqual([]);
  });

  it('is stored once when the same comes twice at once', async () => {
    world = await openWorld(open);
    const { hung, nhung } = world.people;
    const again = (id: string) =>
      Buffer.concat([
        Buffer.from(`Return-Path: <${outsider}>\r\nReceived: by mail.caoson.gov.vn with ESMTP id ${id}\r\n`),
        mail({ From: outsider, Subject: 'x', 'Message-ID': '<mot@bo.example>' }),
      ]);
    const to = envelope(outsider, hung.address);
    const other = receive(world, mail({ From: outsider, Subject: 'y' }), envelope(outsider, nhung.address));
    const twins = [receive(world, again('a1'), to), receive(world, again('a2'), to)];
    await Promise.all([other, ...twins]);
    expect(await count(nhung.accountId)).toBe(1);
    // On PostgreSQL both may be stored before either sees the other, as from two servers.
    if (dialect === 'sqlite') expect(await count(hung.accountId)).toBe(1);
    expect(await findings()).toEqual([]);
  });
});

describe('units that run as one', () => {
  const [sqlite] = dialects;
  const note = async ({ q }: Tx, name: string): Promise<string> => {
    await q.insert(world.db.t.facts).values({ name, value: '1' });
    return name;
  };
  const notes = async () => (await world.db.read.select().from(world.db.t.facts)).map(({ name }) => name);

  it('share a transaction, and end with what follows the last', async () => {
    world = await openWorld(sqlite!.open);
    const seen: Tx[] = [];
    const ends: Tx[] = [];
    const together = createTogether({ db: world.db, most: 3, atEnd: async (tx) => void ends.push(tx) });
    const run = (key: string) =>
      together((tx) => {
        seen.push(tx);
        return note(tx, key);
      });
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(run))).toEqual(['a', 'b', 'c', 'd']);
    expect(new Set(seen).size).toBe(2);
    expect(seen[2]).toBe(seen[0]);
    expect(new Set(ends)).toEqual(new Set(seen));
  });

  it('fail alone, and none of the others is written twice or lost', async () => {
    world = await openWorld(sqlite!.open);
    const together = createTogether({ db: world.db, most: 100, atEnd: () => Promise.resolve() });
    const before = await notes();
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((key) =>
        together(async (tx) => {
          await note(tx, key);
          if (key === 'b') throw new Error('no');
          return key;
        }),
      ),
    );
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
      'a',
      'Error: no',
      'c',
    ]);
    expect(await notes()).toEqual([...before, 'a', 'c']);
  });

  it('wait alone for what one of them must wait for', async () => {
    world = await openWorld(sqlite!.open);
    const together = createTogether({ db: world.db, most: 100, atEnd: () => Promise.resolve() });
    let free = (): void => undefined;
    let isFree = false;
    const held = new Promise<void>((resolve) => (free = resolve));
    const waiting = together(async (tx) => {
      if (!isFree) throw new RunAgain(held);
      return note(tx, 'waits');
    });
    expect(await together((tx) => note(tx, 'goes on'))).toBe('goes on');
    isFree = true;
    free();
    expect(await waiting).toBe('waits');
  });

  it('are told when what follows the last fails', async () => {
    world = await openWorld(sqlite!.open);
    const together = createTogether({ db: world.db, most: 100, atEnd: () => Promise.reject(new Error('end')) });
    const before = await notes();
    const outcomes = await Promise.allSettled(['a', 'b'].map((key) => together((tx) => note(tx, key))));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await notes()).toEqual(before);
  });
});
