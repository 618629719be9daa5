import { describe, expect, it } from 'vitest';
import { email } from '../../testing/fake-mail.ts';
import { JmapClient, JmapError, type Answers, type Invocation } from './client.ts';
import { MailStore } from './mail-store.ts';
import type { Query } from './requests.ts';
import type { JmapSession, Mailbox } from './types.ts';

const query: Query = { accountId: 'a1', filter: { inMailbox: 'm1' }, collapseThreads: true };
const inbox = { id: 'm1', name: 'Hộp thư đến', role: 'inbox', totalEmails: 2, unreadEmails: 1 } as Mailbox;

/** Answers by call id; a JmapError stands for a method error. */
class Scripted extends JmapClient {
  script: Record<string, unknown> = {};
  asked: Invocation[][] = [];
  override async call(calls: Invocation[]): Promise<Answers> {
    this.asked.push(calls);
    const answer = (id: string): unknown =>
      this.script[id] ?? {
        state: 's',
        list: [],
        created: [],
        updated: [],
        destroyed: [],
        newState: 's',
        hasMoreChanges: false,
      };
    const get = <T>(id: string): T => {
      const found = answer(id);
      if (found instanceof JmapError) throw found;
      return found as T;
    };
    return {
      get,
      unless: <T>(id: string, type: string) => ((answer(id) as JmapError).type === type ? undefined : get<T>(id)),
    };
  }
}
async function opened(): Promise<{ store: MailStore; client: Scripted }> {
  const client = new Scripted({} as JmapSession);
  const store = new MailStore(client, 'a1');
  client.script = {
    mailboxes: { state: 'm1', list: [inbox] },
    query: { queryState: 'q1', canCalculateChanges: true, ids: ['e1', 'e2'], total: 2 },
    threads: {
      list: [
        { id: 't1', emailIds: ['e1'] },
        { id: 't2', emailIds: ['e2'] },
      ],
    },
    emails: { state: 'e1', list: [email(1, { keywords: {} }), email(2)] },
  };
  await store.loadMailboxes();
  store.watch(query);
  await store.loadWindow(query, 0);
  return { store, client };
}

describe('the mail of an account', () => {
  it('brings in what arrived, by changes and queryChanges in one request', async () => {
    const { store, client } = await opened();
    const before = client.asked.length;
    client.script = {
      emailChanges: { newState: 'e2', hasMoreChanges: false, created: ['e3'], updated: [], destroyed: ['e2'] },
      emailCreated: { list: [email(3)] },
      threads: { list: [{ id: 't3', emailIds: ['e3'] }] },
      queryChanges: { newQueryState: 'q2', removed: ['e2'], added: [{ id: 'e3', index: 0 }], total: 2 },
    };
    await store.sync();
    expect(client.asked.length - before).toBe(1);
    expect(store.list(query)?.ids).toEqual(['e3', 'e1']);
    expect(store.emails.has('e2')).toBe(false);
  });
  it('asks for the list anew when the server cannot calculate its changes', async () => {
    const { store, client } = await opened();
    client.script = {
      queryChanges: new JmapError('cannotCalculateChanges'),
      query: { queryState: 'q9', canCalculateChanges: true, ids: ['e2'], total: 1 },
      emails: { state: 'e9', list: [email(2)] },
      threads: { list: [] },
    };
    await store.sync();
    expect(store.list(query)?.ids).toEqual(['e2']);
  });
  it('shows a patch at once, counts it, and no older answer undoes it', async () => {
    const { store, client } = await opened();
    store.patch(new Map([['e1', { keywords: { $seen: true } }]]));
    expect(store.emails.get('e1')?.keywords).toEqual({ $seen: true });
    expect(store.mailboxes.get('m1')?.unreadEmails).toBe(0);
    client.script = {
      emailChanges: { newState: 'e2', hasMoreChanges: false, created: [], updated: ['e1'], destroyed: [] },
      emailUpdated: { list: [email(1, { keywords: {} })] },
      queryChanges: { newQueryState: 'q1', removed: [], added: [], total: 2 },
    };
    await store.sync();
    expect(store.emails.get('e1')?.keywords).toEqual({ $seen: true });
    store.settle(['e1']);
    await store.sync();
    expect(store.emails.get('e1')?.keywords).toEqual({});
  });
  it('has the messages of a thread whose neighbour is lost on the server', async () => {
    const { store, client } = await opened();
    const body = (id: string) => ({ id, bodyValues: {} });
    client.call = async (calls) => {
      const ids = calls[0]?.[1]['ids'] as string[];
      client.asked.push(calls);
      const failed = ids.includes('e1');
      const get = <T>(): T => {
        if (failed) throw new JmapError('contentMissing');
        return { list: ids.map(body), notFound: [] } as T;
      };
      return { get, unless: <T>() => (failed ? undefined : get<T>()) };
    };
    expect(await store.loadBodies(['e1', 'e2'])).toEqual(new Map([['e1', new JmapError('contentMissing')]]));
    expect([...store.bodies.keys()]).toEqual(['e2']);
  });
  it('asks for a window once, however often it is scrolled past', async () => {
    const { store, client } = await opened();
    const before = client.asked.length;
    await Promise.all([store.loadWindow(query, 60), store.loadWindow(query, 70)]);
    expect(client.asked.length - before).toBe(1);
  });
});
