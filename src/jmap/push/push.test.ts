import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { dialects, sqliteDatabase } from '../../../test/support/databases.ts';
import { mail, openJmap, type Client, type JmapWorld } from '../testing/server.ts';

interface Event {
  event: string;
  id: string | undefined;
  data: Record<string, unknown>;
}

/** Reads a real stream, event by event. */
async function listen(jmap: JmapWorld, client: Client, query: string, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const response = await fetch(`${jmap.origin}/jmap/eventsource?${query}`, {
    headers: { ...client.headers, ...headers },
    signal: stop.signal,
  });
  const reader = response.body!.getReader();
  let buffer = '';
  const read = async (): Promise<string | undefined> => {
    for (;;) {
      const end = buffer.indexOf('\n\n');
      if (end >= 0) {
        const block = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        return block;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      buffer += Buffer.from(value as Uint8Array).toString('utf8');
    }
  };
  if (response.ok) expect(await read()).toBe(': open');
  return {
    response,
    async next(): Promise<Event | undefined> {
      const block = await read();
      if (block === undefined) return undefined;
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
      );
      return {
        event: fields.get('event') ?? '',
        id: fields.get('id'),
        data: JSON.parse(fields.get('data') ?? 'null') as Record<string, unknown>,
      };
    },
    stop: () => stop.abort(),
  };
}

const until = async (test: () => boolean): Promise<void> => {
  while (!test()) await new Promise((resolve) => setImmediate(resolve));
};

describe.each(dialects)('push on $dialect', ({ open }) => {
  let jmap: JmapWorld;
  let hung: Client;
  beforeAll(async () => {
    jmap = await openJmap(open);
    hung = jmap.as(jmap.world.people.hung);
  });
  afterAll(() => jmap.dispose());

  it('a delivery is told with the states that Foo/get gives then', async () => {
    const stream = await listen(jmap, hung, 'types=*&closeafter=no&ping=0');
    expect(stream.response.headers.get('Content-Type')).toContain('text/event-stream');
    await hung.append(mail({ From: 'a@b.vn', Subject: 'mới' }));
    const event = await stream.next();
    const state = async (type: string) => (await hung.call(`${type}/get`, { ids: [] }))['state'];
    expect(event).toMatchObject({
      event: 'state',
      data: {
        '@type': 'StateChange',
        changed: {
          [hung.accountId]: {
            Email: await state('Email'),
            Mailbox: await state('Mailbox'),
            Thread: await state('Thread'),
            EmailDelivery: await state('Email'),
          },
        },
      },
    });
    // A flag is no delivery.
    const id = ((await hung.call('Email/query'))['ids'] as string[])[0]!;
    await hung.call('Email/set', { update: { [id]: { 'keywords/$seen': true } } });
    const second = await stream.next();
    expect(Object.keys((second!.data['changed'] as Record<string, object>)[hung.accountId]!).sort()).toEqual([
      'Email',
      'Mailbox',
    ]);
    stream.stop();
    await until(() => jmap.listeners() === 0);
  });

  it('what many changes moved is told together', async () => {
    const stream = await listen(jmap, hung, 'types=Email');
    for (let i = 0; i < 20; i++) await hung.append(mail({ From: 'a@b.vn', Subject: `n${i}` }));
    const final = (await hung.call('Email/get', { ids: [] }))['state'];
    let events = 0;
    for (;;) {
      const { data } = (await stream.next())!;
      events++;
      const changed = (data['changed'] as Record<string, Record<string, string>>)[hung.accountId]!;
      expect(Object.keys(changed)).toEqual(['Email']);
      if (changed['Email'] === final) break;
    }
    expect(events).toBeLessThanOrEqual(20);
    stream.stop();
  });

  it('closeafter=state ends the stream, and one who comes back hears what was missed', async () => {
    const stream = await listen(jmap, hung, 'types=*&closeafter=state');
    await hung.append(mail({ From: 'a@b.vn' }));
    const event = await stream.next();
    expect(await stream.next()).toBeUndefined();
    await hung.append(mail({ From: 'a@b.vn' }));
    const again = await listen(jmap, hung, 'types=*&closeafter=state', { 'Last-Event-ID': event!.id! });
    const missed = await again.next();
    expect((missed!.data['changed'] as Record<string, Record<string, string>>)[hung.accountId]!['Email']).toBe(
      (await hung.call('Email/get', { ids: [] }))['state'],
    );
    expect(await again.next()).toBeUndefined();
    // Nothing missed: nothing told.
    const quiet = await listen(jmap, hung, 'types=*', { 'Last-Event-ID': missed!.id! });
    await hung.append(mail({ From: 'a@b.vn' }));
    expect((await quiet.next())!.id).not.toBe(missed!.id);
    quiet.stop();
  });

  it("nobody hears of another's account, a delegate hears of the unit's", async () => {
    const nhung = jmap.as(jmap.world.people.nhung);
    const { unit } = jmap.world.people;
    const stream = await listen(jmap, nhung, 'types=*');
    await hung.append(mail({ From: 'a@b.vn' }));
    const prepared = await jmap.world.mailstore.prepare(mail({ From: 'c@d.vn' }));
    await jmap.world.mailstore.write(unit.accountId, async (writer) => {
      await writer.append(prepared, { mailboxIds: [(await writer.mailboxByRole('inbox'))!.id] });
    });
    expect(Object.keys((await stream.next())!.data['changed'] as object)).toEqual([`a${unit.accountId}`]);
    stream.stop();
  });
});

describe('an event stream', () => {
  let jmap: JmapWorld;
  let hung: Client;
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase, { settings: { maxEventSources: 2, eventSourceRecheck: 20 } });
    hung = jmap.as(jmap.world.people.hung);
  });
  afterAll(() => jmap.dispose());

  it.each(['closeafter=never', 'ping=often', 'ping=-1'])('%s is refused', async (query) => {
    expect((await listen(jmap, hung, query)).response.status).toBe(400);
  });

  it('pings', async () => {
    const stream = await listen(jmap, hung, 'types=*&ping=1');
    expect(await stream.next()).toMatchObject({ event: 'ping', data: { interval: 1 } });
    stream.stop();
    await until(() => jmap.listeners() === 0);
  });

  it('pushDelay: changes are gathered for so long, and told together', async () => {
    const slow = await openJmap(sqliteDatabase, { settings: { pushDelay: 3000 } });
    const client = slow.as(slow.world.people.hung);
    const stream = await listen(slow, client, 'types=Email');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let came = false;
    const next = stream.next().finally(() => (came = true));
    await client.append(mail({ Subject: 'một' }));
    await client.append(mail({ Subject: 'hai' }));
    vi.advanceTimersByTime(2999);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(came).toBe(false);
    vi.advanceTimersByTime(1);
    const { person } = client;
    const state = String(await slow.world.mailstore.read(person.accountId).state('Email'));
    expect((await next)?.data['changed']).toEqual({ [client.accountId]: { Email: state } });
    vi.useRealTimers();
    stream.stop();
    await slow.dispose();
  });

  it('is one of a few, and its place is free again when it ends', async () => {
    const streams = [await listen(jmap, hung, ''), await listen(jmap, hung, '')];
    const third = await listen(jmap, hung, '');
    expect(third.response.status).toBe(400);
    expect(third.response.headers.get('Content-Type')).toBe('application/problem+json');
    for (const stream of streams) stream.stop();
    await until(() => jmap.listeners() === 0);
    const fourth = await listen(jmap, hung, '');
    expect(fourth.response.status).toBe(200);
    fourth.stop();
    await until(() => jmap.listeners() === 0);
  });

  it('ends when its official has signed out', async () => {
    const stream = await listen(jmap, hung, 'types=*');
    jmap.signedOut.add(hung.person.officialId);
    expect(await stream.next()).toBeUndefined();
    expect(jmap.listeners()).toBe(0);
    jmap.signedOut.clear();
  });
});
