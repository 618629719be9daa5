import { afterEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { DomainError } from '../../base/errors.ts';
import { mail, openJmap, type JmapWorld } from '../testing/server.ts';

let jmap: JmapWorld;
afterEach(() => jmap.dispose());

describe('sending while signatures cannot be checked', () => {
  it.each(['worker.busy', 'signing.unavailable'])('(%s) is serverUnavailable, and nothing goes', async (code) => {
    const unavailable = () => Promise.reject(new DomainError('unavailable', code, 'not now'));
    jmap = await openJmap(sqliteDatabase, { world: { verify: unavailable }, parts: { verdictOf: unavailable } });
    const { hung, lan } = jmap.world.people;
    const client = jmap.as(hung);
    const header = {
      From: hung.address,
      To: lan.address,
      Date: 'Sun, 22 Nov 2026 09:00:00 +0700',
      'Message-ID': '<a@b>',
      'Content-Type': 'multipart/signed; boundary=x',
    };
    const bytes = mail(header, '--x\r\n\r\nmot\r\n--x--\r\n');
    const drafts = await client.mailbox('drafts');
    const blobId = await client.upload(bytes);
    expect(await client.error('Email/import', { emails: { e: { blobId, mailboxIds: { [drafts]: true } } } })).toBe(
      'serverUnavailable',
    );
    const emailId = await client.append(bytes, 'drafts');
    const [identity] = (await client.call('Identity/get', { ids: null }))['list'] as { id: string }[];
    expect(await client.error('EmailSubmission/set', { create: { s: { identityId: identity!.id, emailId } } })).toBe(
      'serverUnavailable',
    );
    expect(await jmap.world.inbox(lan.accountId)).toEqual([]);
    expect((await client.call('EmailSubmission/get', { ids: null }))['list']).toEqual([]);
  });

  it('after one of several has gone, says which went and which did not', async () => {
    let asked = 0;
    const verify = () =>
      ++asked === 2
        ? Promise.reject(new DomainError('unavailable', 'worker.busy', 'not now'))
        : Promise.resolve({ kind: 'unsigned' });
    jmap = await openJmap(sqliteDatabase, { world: { verify: verify as never } });
    const { hung, lan } = jmap.world.people;
    const client = jmap.as(hung);
    const header = { From: hung.address, To: lan.address, Date: 'Sun, 22 Nov 2026 09:00:00 +0700' };
    const letter = (id: string) =>
      client.append(
        mail(
          { ...header, 'Message-ID': `<${id}@b>`, 'Content-Type': 'multipart/signed; boundary=x' },
          '--x\r\n\r\nmot\r\n--x--\r\n',
        ),
        'drafts',
      );
    const [identity] = (await client.call('Identity/get', { ids: null }))['list'] as { id: string }[];
    const submit = async (id: string) => ({ identityId: identity!.id, emailId: await letter(id) });
    const create = { a: await submit('a'), b: await submit('b'), c: await submit('c') };
    const update = { 'keywords/sent': true };
    const [set, implicit] = await client.request([
      [
        'EmailSubmission/set',
        { accountId: client.accountId, create, onSuccessUpdateEmail: { '#a': update, '#b': update, '#c': update } },
        's',
      ],
    ]);
    expect(Object.keys(set![1]['created'] as object)).toEqual(['a', 'c']);
    expect(set![1]['notCreated']).toEqual({ b: { type: 'serverUnavailable', description: 'not now' } });
    expect(implicit![1]['updated']).toEqual({ [create.a.emailId]: null, [create.c.emailId]: null });
    expect(await jmap.world.inbox(lan.accountId)).toHaveLength(2);
  });
});
