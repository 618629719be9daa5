/**
 * A client that only follows states (Foo/changes, Foo/queryChanges) holds, after any operations of others, what a client that
 * reads everything anew sees. Random operations from a fixed seed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { random } from '../base/testing/random.ts';
import { mail, openJmap, type Answer, type Client, type JmapWorld } from './testing/server.ts';

type Query = Answer & { collapseThreads?: boolean };

/** RFC 8620 §5.6: take out what is removed, then put in what is added, lowest index first. */
class ListReplica {
  ids: string[] = [];
  state = '';
  readonly query: Query;
  constructor(query: Query) {
    this.query = query;
  }
  take(answer: Answer): void {
    this.ids = answer['ids'] as string[];
    this.state = String(answer['queryState']);
  }
  change(answer: Answer): void {
    const removed = new Set(answer['removed'] as string[]);
    this.ids = this.ids.filter((id) => !removed.has(id));
    for (const { id, index } of answer['added'] as { id: string; index: number }[]) this.ids.splice(index, 0, id);
    this.state = String(answer['newQueryState']);
  }
}

class ObjectReplica {
  objects = new Map<string, Answer>();
  state = '0';
  readonly type: string;
  readonly properties: string[] | null;
  constructor(type: string, properties: string[] | null) {
    this.type = type;
    this.properties = properties;
  }
  /** What changed, and the objects (RFC 8620 §3.7); RFC 8621 §2.2: when only counts moved, only counts are fetched. */
  calls(maxChanges: number): [string, Answer][] {
    const { type, state, properties } = this;
    const of = (path: string) => ({ resultOf: `${type}0`, name: `${type}/changes`, path });
    const counts = type === 'Mailbox' ? { '#properties': of('/updatedProperties') } : { properties };
    return [
      [`${type}/changes`, { sinceState: state, maxChanges }],
      [`${type}/get`, { '#ids': of('/created'), properties }],
      [`${type}/get`, { '#ids': of('/updated'), ...counts }],
    ];
  }
  /** @returns whether there is more */
  change([changes, created, updated]: readonly Answer[]): boolean {
    for (const id of changes!['destroyed'] as string[]) this.objects.delete(id);
    for (const answer of [created!, updated!]) {
      for (const object of answer['list'] as Answer[])
        this.objects.set(String(object['id']), { ...this.objects.get(String(object['id'])), ...object });
      for (const id of answer['notFound'] as string[]) this.objects.delete(id);
    }
    this.state = String(changes!['newState']);
    return changes!['hasMoreChanges'] === true;
  }
}

/** Many calls in one request, each with the id that `ObjectReplica` refers to. */
async function together(client: Client, calls: readonly [string, Answer][]): Promise<Answer[]> {
  const seen = new Map<string, number>();
  const answers = await client.request(
    calls.map(([name, args]) => {
      const type = name.slice(0, name.indexOf('/'));
      const n = seen.get(type) ?? 0;
      seen.set(type, n + 1);
      return [name, { accountId: client.accountId, ...args }, `${type}${n}`];
    }),
  );
  return answers.map(([name, answer], i) => {
    if (name !== calls[i]![0]) throw new Error(JSON.stringify([name, answer]));
    return answer;
  });
}

/** All of them, until none has more. */
async function follow(client: Client, replicas: readonly ObjectReplica[], maxChanges: () => number): Promise<void> {
  for (let behind = replicas; behind.length > 0;) {
    const answers = await together(
      client,
      behind.flatMap((replica) => replica.calls(maxChanges())),
    );
    behind = behind.filter((replica, i) => replica.change(answers.slice(3 * i, 3 * i + 3)));
  }
}

describe.each(dialects)('a client that follows states on $dialect', ({ dialect, open }) => {
  let jmap: JmapWorld;
  let hung: Client;
  beforeAll(async () => {
    jmap = await openJmap(open);
    hung = jmap.as(jmap.world.people.hung);
  });
  afterAll(() => jmap.dispose());

  it('holds what is there', async () => {
    const { int: next } = random(20261122);
    const inbox = await hung.mailbox('inbox');
    const archive = await hung.mailbox('archive');
    const byDate = [{ property: 'receivedAt', isAscending: false }];
    const lists = [
      new ListReplica({ filter: { inMailbox: inbox }, sort: byDate }),
      new ListReplica({ filter: { inMailbox: inbox }, sort: byDate, collapseThreads: true }),
      new ListReplica({ filter: { hasKeyword: '$flagged' }, sort: [{ property: 'subject' }, ...byDate] }),
      new ListReplica({ filter: { someInThreadHaveKeyword: '$flagged' }, sort: byDate }),
      new ListReplica({
        filter: { operator: 'NOT', conditions: [{ inMailbox: inbox }, { hasKeyword: '$seen' }] },
        sort: [{ property: 'hasKeyword', keyword: '$answered' }, ...byDate],
      }),
      new ListReplica({
        filter: { text: 'dieu hanh' },
        sort: [{ property: 'allInThreadHaveKeyword', keyword: '$seen' }, ...byDate],
        collapseThreads: true,
      }),
    ];
    const objects = [
      new ObjectReplica('Email', ['keywords', 'mailboxIds', 'threadId', 'subject']),
      new ObjectReplica('Mailbox', null),
      new ObjectReplica('Thread', null),
    ];
    const first = await together(
      hung,
      lists.map(({ query }) => ['Email/query', query]),
    );
    lists.forEach((list, i) => list.take(first[i]!));

    const live: string[] = [];
    let count = 0;
    const pick = () => live[next(live.length)]!;
    const operations = [
      async () => {
        const n = count++;
        const reply = n > 3 && next(2) === 0 ? { 'In-Reply-To': `<m${next(n)}@x.vn>` } : {};
        const words = next(2) === 0 ? 'điều hành' : 'khác';
        const id = await hung.append(
          mail({ From: 'a@x.vn', Subject: `${next(5)} ${words}`, 'Message-ID': `<m${n}@x.vn>`, ...reply }),
          next(4) === 0 ? 'archive' : 'inbox',
          { receivedAt: 1_700_000_000_000 + next(1000) * 1000 },
        );
        live.push(id);
      },
      async () =>
        void (
          live.length > 0 &&
          (await hung.call('Email/set', {
            update: {
              [pick()]: {
                [`keywords/${['$seen', '$flagged', '$answered', 'x'][next(4)]}`]: next(2) === 0 ? true : null,
              },
            },
          }))
        ),
      async () =>
        void (
          live.length > 0 &&
          (await hung.call('Email/set', {
            update: {
              [pick()]: {
                mailboxIds: [{ [inbox]: true }, { [archive]: true }, { [inbox]: true, [archive]: true }][next(3)],
              },
            },
          }))
        ),
      async () => {
        if (live.length < 4) return;
        const id = live.splice(next(live.length), 1)[0]!;
        await hung.call('Email/set', { destroy: [id] });
      },
      async () =>
        void (await hung.call('Mailbox/set', {
          create: { c: { name: `Hộp ${count++}`, parentId: next(2) === 0 ? archive : null } },
        })),
    ];
    const weights = [0, 0, 0, 1, 1, 1, 2, 2, 3, 4];
    const rounds = dialect === 'sqlite' ? 40 : 8;
    for (let round = 0; round < rounds; round++) {
      for (let i = next(6); i >= 0; i--) await operations[weights[next(weights.length)]!]!();
      const answers = await together(
        hung,
        lists.flatMap(({ query, state }): [string, Answer][] => [
          ['Email/queryChanges', { ...query, sinceQueryState: state }],
          ['Email/query', query],
        ]),
      );
      lists.forEach((list, i) => {
        list.change(answers[2 * i]!);
        expect(list.ids, `round ${round}: ${JSON.stringify(list.query)}`).toEqual(answers[2 * i + 1]!['ids']);
      });
      await follow(hung, objects, () => 8 + next(4));
      const fresh = await together(
        hung,
        objects.map(({ type, properties }) => [`${type}/get`, { ids: null, properties }]),
      );
      objects.forEach(({ type, objects: held }, i) =>
        expect(Object.fromEntries(held), `round ${round}: ${type}`).toEqual(
          Object.fromEntries((fresh[i]!['list'] as Answer[]).map((o) => [String(o['id']), o])),
        ),
      );
    }
    expect(live.length).toBeGreaterThan(5);
  }, 90_000);
});
