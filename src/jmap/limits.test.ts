/** The limits of [jmap] at their border: the last that is taken, the first that is refused, in the words of RFC 8620 and RFC 8621. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { mail, openJmap, type Answer, type Client, type JmapWorld } from './testing/server.ts';

const BODY = 'x'.repeat(400);
const letter = () => mail({ From: 'a@b.vn', Subject: 'x', 'Content-Type': 'text/plain' }, `${BODY}\r\n`);

describe('limits of what a JMAP client may ask for', () => {
  let jmap: JmapWorld;
  let hung: Client;
  let inbox: string;
  const ids: string[] = [];
  beforeAll(async () => {
    const size = letter().byteLength;
    jmap = await openJmap(sqliteDatabase, {
      settings: {
        maxFilterConditions: 3,
        maxKeywordsPerEmail: 2,
        maxMailboxesPerEmail: 2,
        maxSizeMailboxName: 6,
        maxQueryChanges: 2,
        maxBytesReadPerCall: 2 * size,
        maxTotalBodyValueBytes: 2 * 401,
        maxSizeAttachmentsPerEmail: 400,
        uploadLifetime: 60_000,
      },
    });
    hung = jmap.as(jmap.world.people.hung);
    inbox = await hung.mailbox('inbox');
    for (let i = 0; i < 3; i++) ids.push(await hung.append(letter()));
  });
  afterAll(() => jmap.dispose());

  const created = (answer: Answer): unknown => {
    const { created: made, notCreated } = answer as { created?: Answer | null; notCreated?: Answer | null };
    return made ? 'created' : (notCreated?.['k'] as Answer)['type'];
  };
  const set = async (name: string, object: Answer): Promise<unknown> =>
    created(await hung.call(name, { create: { k: object } }));
  const names = (n: number, of = 'k'): Answer =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`${of}${i}`, true]));

  it('maxFilterConditions: counted over all levels', async () => {
    const filter = (n: number) => ({ operator: 'OR', conditions: Array.from({ length: n }, () => ({ subject: 'x' })) });
    await hung.call('Email/query', { filter: filter(2) });
    expect(await hung.error('Email/query', { filter: filter(3) })).toBe('unsupportedFilter');
    expect(await hung.error('Email/query', { filter: { operator: 'NOT', conditions: [filter(2)] } })).toBe(
      'unsupportedFilter',
    );
  });

  it('maxKeywordsPerEmail and maxMailboxesPerEmail: of one that is made and of one that is there', async () => {
    const mailboxes: string[] = [inbox];
    for (const name of ['m1', 'm2']) {
      const answer = await hung.call('Mailbox/set', { create: { k: { name } } });
      mailboxes.push(((answer['created'] as Answer)['k'] as { id: string }).id);
    }
    const lies = (n: number): Answer => Object.fromEntries(mailboxes.slice(0, n).map((id) => [id, true]));
    expect(await set('Email/set', { mailboxIds: lies(1), keywords: names(2), subject: 'a' })).toBe('created');
    expect(await set('Email/set', { mailboxIds: lies(1), keywords: names(3), subject: 'a' })).toBe('tooManyKeywords');
    expect(await set('Email/set', { mailboxIds: lies(2), subject: 'a' })).toBe('created');
    expect(await set('Email/set', { mailboxIds: lies(3), subject: 'a' })).toBe('tooManyMailboxes');
    const id = ids[0]!;
    const change = async (patch: Answer): Promise<unknown> => {
      const { notUpdated } = await hung.call('Email/set', { update: { [id]: patch } });
      return notUpdated ? ((notUpdated as Answer)[id] as Answer)['type'] : 'updated';
    };
    expect(await change({ keywords: names(2) })).toBe('updated');
    expect(await change({ 'keywords/one-more': true })).toBe('tooManyKeywords');
    expect(await change({ mailboxIds: lies(2) })).toBe('updated');
    expect(await change({ [`mailboxIds/${mailboxes[2]}`]: true })).toBe('tooManyMailboxes');
    await hung.call('Email/set', { update: { [id]: { mailboxIds: lies(1) } } });
  });

  it('maxSizeMailboxName: octets, not characters', async () => {
    expect(await set('Mailbox/set', { name: 'sáu-5' })).toBe('created');
    expect(await set('Mailbox/set', { name: 'sáu-56' })).toBe('invalidProperties');
  });

  it('maxTotalBodyValueBytes and maxBytesReadPerCall: a call that would give or read more is refused whole', async () => {
    const get = (n: number) => ({ ids: ids.slice(0, n), properties: ['bodyValues'], fetchAllBodyValues: true });
    expect((await hung.call('Email/get', get(2)))['list']).toHaveLength(2);
    expect(await hung.error('Email/get', get(3))).toBe('requestTooLarge');
  });

  it('maxSizeAttachmentsPerEmail: as sent, encoding included', async () => {
    const attached = async (octets: number): Promise<unknown> => {
      const blobId = await hung.upload('x'.repeat(octets), 'application/pdf');
      const attachments = [{ blobId, type: 'application/pdf', name: 'a.pdf' }];
      return set('Email/set', { mailboxIds: { [inbox]: true }, attachments, subject: 'a' });
    };
    expect(await attached(300)).toBe('created');
    expect(await attached(301)).toBe('tooLarge');
  });

  it('maxQueryChanges: beyond it the client asks anew', async () => {
    const filter = { inMailbox: inbox };
    const { queryState: before } = await hung.call('Email/query', { filter });
    const since = { sinceQueryState: before, filter };
    await hung.append(letter());
    expect((await hung.call('Email/queryChanges', since))['added']).toHaveLength(1);
    await hung.append(letter());
    await hung.append(letter());
    expect(await hung.error('Email/queryChanges', since)).toBe('tooManyChanges');
  });

  it('uploadLifetime: what no email took is kept so long', async () => {
    const blobId = await hung.upload('a file', 'text/plain');
    const isThere = async (): Promise<number> =>
      (await fetch(`${jmap.origin}/jmap/download/${hung.accountId}/${blobId}/a?type=text/plain`, hung)).status;
    jmap.world.clock.advance(59_000);
    expect(await isThere()).toBe(200);
    jmap.world.clock.advance(2000);
    expect(await isThere()).toBe(404);
  });
});
