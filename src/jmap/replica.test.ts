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
  readonly client: Client;
  readonly query: Query;
  constructor(client: Client, query: Query) {
    this.client = client;
    this.query = query;
  }
  async read(): Promise<void> {
    const answer = await this.client.call('Email/query', this.query);
    this.ids = answer['ids'] as string[];
    this.state = String(answer['queryState']);
  }
  async follow(): Promise<void> {
    const answer = await this.client.call('Email/queryChanges', { ...this.query, sinceQueryState: this.state });
    const removed = new Set(answer['removed'] as string[]);
    this.ids = this.ids.filter((id) => !removed.has(id));
    for (const { id, index } of answer['added'] as { id: string; index: number }[]) this.ids.splice(index, 0, id);
    this.state = String(answer['newQueryState']);
  }
}

class ObjectReplica {
  objects = new Map<string, Answer>();
  state = '0';
  readonly client: Client;
  readonly type: string;
  readonly properties: string[] | null;
  constructor(client: Client, type: string, properties: string[] | null) {
    this.client = client;
    this.type = type;
    this.properties = properties;
  }
  async follow(maxChanges: number): Promise<void> {
    for (;;) {
      const changes = await this.client.call(`${this.type}/changes`, { sinceState: this.state, maxChanges });
      for (const id of changes['destroyed'] as string[]) this.objects.delete(id);
      await this.fetch(changes['created'] as string[], this.properties);
      // RFC 8621 §2.2: when only counts moved, only counts are fetched.
      await this.fetch(
        changes['updated'] as string[],
        (changes['updatedProperties'] as string[] | null | undefined) ?? this.properties,
      );
      this.state = String(changes['newState']);
      if (!changes['hasMoreChanges']) return;
    }
  }
  private async fetch(ids: string[], properties: string[] | null): Promise<void> {
    if (ids.length === 0) return;
    const answer = await this.client.call(`${this.type}/get`, { ids, properties });
    for (const object of answer['list'] as Answer[])
      this.objects.set(String(object['id']), { ...this.objects.get(String(object['id'])), ...object });
    for (const id of answer['notFound'] as string[]) this.objects.delete(id);
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
      new ListReplica(hung, { filter: { inMailbox: inbox }, sort: byDate }),
      new ListReplica(hung, { filter: { inMailbox: inbox }, sort: byDate, collapseThreads: true }),
      new ListReplica(hung, { filter: { hasKeyword: '$flagged' }, sort: [{ property: 'subject' }, ...byDate] }),
      new ListReplica(hung, { filter: { someInThreadHaveKeyword: '$flagged' }, sort: byDate }),
      new ListReplica(hung, {
        filter: { operator: 'NOT', conditions: [{ inMailbox: inbox }, { hasKeyword: '$seen' }] },
        sort: [{ property: 'hasKeyword', keyword: '$answered' }, ...byDate],
      }),
      new ListReplica(hung, {
        filter: { text: 'dieu hanh' },
        sort: [{ property: 'allInThreadHaveKeyword', keyword: '$seen' }, ...byDate],
        collapseThreads: true,
      }),
    ];
    const objects = [
      new ObjectReplica(hung, 'Email', ['keywords', 'mailboxIds', 'threadId', 'subject']),
      new ObjectReplica(hung, 'Mailbox', null),
      new ObjectReplica(hung, 'Thread', null),
    ];
    for (const list of lists) await list.read();

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
      for (const list of lists) {
        await list.follow();
        const fresh = await hung.call('Email/query', list.query);
        expect(list.ids, `round ${round}: ${JSON.stringify(list.query)}`).toEqual(fresh['ids']);
      }
      for (const replica of objects) {
        await replica.follow(8 + next(4));
        const fresh = (await hung.call(`${replica.type}/get`, { ids: null, properties: replica.properties }))[
          'list'
        ] as Answer[];

        expect(Object.fromEntries(replica.objects), `round ${round}: ${replica.type}`).toEqual(
          Object.fromEntries(fresh.map((o) => [String(o['id']), o])),
        );
      }
    }
    expect(live.length).toBeGreaterThan(5);
  }, 90_000);
});
