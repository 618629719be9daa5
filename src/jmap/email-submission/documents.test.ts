import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import type { DocumentView } from '../../base/api-types.ts';
import { defaultFile, documentWith } from '../../delivery/testing/documents.ts';
import { mail, openJmap, type JmapWorld } from '../testing/server.ts';

describe.each(dialects)('a document sent with a blind copy on $dialect', ({ open }) => {
  let jmap: JmapWorld;
  let document: DocumentView;
  beforeAll(async () => {
    jmap = await openJmap(open);
    document = await documentWith(jmap.world, defaultFile);
  });
  afterAll(() => jmap.dispose());
  let serial = 0;
  const letter = () => {
    const { hung, nhung, lan } = jmap.world.people;
    const header = {
      From: hung.address,
      To: nhung.address,
      Bcc: lan.address,
      Date: 'Sun, 22 Nov 2026 09:00:00 +0700',
      'Message-ID': `<d${++serial}@x.vn>`,
      'Content-Type': 'multipart/mixed; boundary=b',
    };
    const body = `--b\r\nContent-Type: text/plain\r\n\r\nGui\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(defaultFile).toString('base64')}\r\n--b--\r\n`;
    return mail(header, body);
  };
  const seenBy = async (person: JmapWorld['world']['people']['hung'], role: 'sent' | 'inbox' | 'drafts') => {
    const client = jmap.as(person);
    const filter = { inMailbox: await client.mailbox(role), 'congvu:hasDocument': true };
    const { ids } = await client.call('Email/query', { filter });
    const { list } = await client.call('Email/get', { ids, properties: ['id', 'congvu:documents'] });
    return (list as { id: string; 'congvu:documents': unknown[] }[]).map((email) => ({
      id: email.id,
      documents: email['congvu:documents'],
    }));
  };
  const mark = { documentId: 1, match: 'same', partId: '2' };
  const correspondence = async () =>
    (await jmap.world.documents.correspondence(principalOf(), document.id as never, {})).rows;
  const principalOf = () => {
    const { officialId, accountId } = jmap.world.people.hung;
    return { kind: 'official' as const, officialId, accountId, roles: [], via: 'session' as const };
  };

  it('is marked in the own copy that the client keeps, and is one row of the correspondence', async () => {
    const { hung, nhung, lan } = jmap.world.people;
    const client = jmap.as(hung);
    const emailId = await client.append(letter(), 'drafts');
    const [identity] = (await client.call('Identity/get', { ids: null }))['list'] as { id: string }[];
    await client.call('EmailSubmission/set', { create: { s: { identityId: identity!.id, emailId } } });
    expect(await seenBy(hung, 'drafts')).toMatchObject([{ id: emailId, documents: [mark] }]);
    for (const person of [nhung, lan]) expect(await seenBy(person, 'inbox')).toMatchObject([{ documents: [mark] }]);
    expect(await correspondence()).toMatchObject([{ receivedCount: 2, match: 'same', open: { emailId } }]);
  });

  it('is marked in the own copy that the server keeps, and is one row more', async () => {
    const { hung, nhung, lan } = jmap.world.people;
    const rcptTo = [{ address: nhung.address }, { address: lan.address }];
    await jmap.world.delivery.send(
      await jmap.world.mailstore.prepare(letter()),
      { mailFrom: hung.address, rcptTo },
      { officialId: hung.officialId, accountId: hung.accountId, sentCopy: 'make' },
    );
    const [sent] = await seenBy(hung, 'sent');
    expect(sent).toMatchObject({ documents: [mark] });
    expect((await correspondence()).map(({ open }) => open?.emailId)).toContain(sent?.id);
    expect((await correspondence()).length).toBe(2);
  });

  it('tells nothing of it to whoever has another email of the same number', async () => {
    const { lan } = jmap.world.people;
    expect(await jmap.world.documents.sentMarks(lan.accountId, [1, 2, 3] as never)).toEqual(new Map());
  });
});
