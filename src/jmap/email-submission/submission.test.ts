import { JamClient } from 'jmap-jam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import { DomainError } from '../../base/errors.ts';
import type { EmailId } from '../../base/ids.ts';
import { identityIdOf } from '../identity/identities.ts';
import { list } from '../testing/answers.ts';
import { DATE, letterFrom, send } from '../testing/sending.ts';
import { mail, openJmap, tokenOf, type Answer, type Client, type JmapWorld } from '../testing/server.ts';
import { sendErrorOf } from './create.ts';

describe.each(dialects)('sending on $dialect', ({ open }) => {
  let jmap: JmapWorld;
  let hung: Client;
  let lan: Client;
  let nhung: Client;
  beforeAll(async () => {
    jmap = await openJmap(open, { parts: { verdictOf: () => Promise.resolve({ kind: 'unsigned' }) } });
    [hung, lan, nhung] = [jmap.world.people.hung, jmap.world.people.lan, jmap.world.people.nhung].map(jmap.as) as [
      Client,
      Client,
      Client,
    ];
  });
  afterAll(() => jmap.dispose());

  let serial = 0;
  const letter = (...to: [string, Record<string, string>?]) => letterFrom(hung, ...to);

  it('the stored bytes reach the recipient, the copy moves to Sent, the record says so', async () => {
    const bytes = letter(`Lan <${lan.person.address}>, Ai <ai@noi.khac.vn>`);
    const { answers, set, sent } = await send(hung, bytes);
    expect(answers.map((a) => [a[0], a[2]])).toEqual([
      ['Email/import', '1'],
      ['EmailSubmission/set', '2'],
      ['Email/set', '2'],
    ]);
    const created = (set['created'] as Record<string, Answer>)['s']!;
    expect(created).toMatchObject({
      undoStatus: 'final',
      envelope: {
        mailFrom: { email: hung.person.address },
        rcptTo: [{ email: lan.person.address }, { email: 'ai@noi.khac.vn' }],
      },
    });
    const emailId = String((answers[0]![1]['created'] as Record<string, Answer>)['e']!['id']);
    const [email] = list(
      await hung.call('Email/get', { ids: [emailId], properties: ['mailboxIds', 'keywords', 'congvu:verdict'] }),
    );
    expect(email).toMatchObject({
      mailboxIds: { [sent]: true },
      keywords: { $seen: true },
      'congvu:verdict': { kind: 'unsigned' },
    });
    const received = await jmap.world.inbox(lan.person.accountId);
    expect(received.at(-1)).toContain(bytes.toString());
    const [submission] = list(await hung.call('EmailSubmission/get', { ids: [created['id']] }));
    expect(submission).toMatchObject({
      emailId,
      identityId: identityIdOf(hung.person.address),
      deliveryStatus: { 'ai@noi.khac.vn': { delivered: 'queued' }, [lan.person.address]: { delivered: 'unknown' } },
    });
    expect((await jmap.world.queue.list({})).map((q) => q.recipient)).toContain('ai@noi.khac.vn');
  });

  it('Bcc is not seen by those who receive, and stays in Sent', async () => {
    await send(hung, letter('ai@noi.khac.vn', { Bcc: lan.person.address }));
    expect((await jmap.world.inbox(lan.person.accountId)).at(-1)).not.toMatch(/^Bcc:/im);
    expect((await jmap.world.inbox(hung.person.accountId, 'sent')).at(-1)).toMatch(/^Bcc:/im);
  });

  it.each<[string, () => Uint8Array, () => Answer, Answer]>([
    ['nobody to send to', () => mail({ From: hung.person.address, Date: DATE }), () => ({}), { type: 'noRecipients' }],
    [
      'no From',
      () => mail({ To: lan.person.address, Date: DATE }),
      () => ({}),
      { type: 'invalidEmail', properties: ['from'] },
    ],
    [
      'no Date',
      () => mail({ To: lan.person.address, From: hung.person.address }),
      () => ({}),
      { type: 'invalidEmail', properties: ['sentAt'] },
    ],
    [
      'two From fields',
      () => Buffer.concat([Buffer.from(`From: <${hung.person.address}>\r\n`), letter(lan.person.address)]),
      () => ({}),
      { type: 'invalidEmail', properties: ['from'] },
    ],
    [
      "another's From",
      () => letter(lan.person.address, { From: lan.person.address }),
      () => ({}),
      { type: 'forbiddenFrom' },
    ],
    [
      "another's envelope",
      () => letter(lan.person.address),
      () => ({ envelope: { mailFrom: { email: lan.person.address }, rcptTo: [{ email: lan.person.address }] } }),
      { type: 'forbiddenMailFrom' },
    ],
    [
      'somebody who is not there',
      () => letter('khong.co@caoson.gov.vn'),
      () => ({}),
      { type: 'invalidRecipients', invalidRecipients: ['khong.co@caoson.gov.vn'] },
    ],
    [
      'what is no address',
      () => letter(lan.person.address),
      () => ({ envelope: { mailFrom: { email: hung.person.address }, rcptTo: [{ email: 'a b@c' }] } }),
      { type: 'invalidRecipients', invalidRecipients: ['a b@c'] },
    ],
    [
      'an unknown parameter',
      () => letter(lan.person.address),
      () => ({
        envelope: {
          mailFrom: { email: hung.person.address, parameters: { HOLDFOR: '60' } },
          rcptTo: [{ email: lan.person.address }],
        },
      }),
      { type: 'invalidProperties', properties: ['envelope'] },
    ],
    [
      'an unknown email',
      () => letter(lan.person.address),
      () => ({ emailId: 'e99999' }),
      { type: 'invalidProperties', properties: ['emailId'] },
    ],
    [
      'an unknown identity',
      () => letter(lan.person.address),
      () => ({ identityId: 'i0' }),
      { type: 'invalidProperties', properties: ['identityId'] },
    ],
    [
      'a property of the server',
      () => letter(lan.person.address),
      () => ({ sendAt: '2030-01-01T00:00:00Z' }),
      { type: 'invalidProperties', properties: ['sendAt'] },
    ],
  ])('%s is refused, and nothing is sent', async (_, bytes, submission, expected) => {
    const before = [await jmap.world.inbox(lan.person.accountId), await jmap.world.queue.list({})];
    const { error, answers } = await send(hung, bytes(), submission());
    expect(error).toMatchObject(expected);
    expect(answers).toHaveLength(2);
    expect([await jmap.world.inbox(lan.person.accountId), await jmap.world.queue.list({})]).toEqual(before);
  });

  it.each([
    ['recipient.too_many', 'overLimit', { max: 3 }, { type: 'tooManyRecipients', maxRecipients: 3 }],
    ['message.too_large', 'tooLarge', { max: 9 }, { type: 'tooLarge', maxSize: 9 }],
    ['policy.secret', 'forbidden', {}, { type: 'forbiddenToSend', 'congvu:code': 'policy.secret' }],
    ['recipient.none', 'invalid', {}, { type: 'noRecipients' }],
  ] as const)('%s is said in the words of RFC 8621', (code, kind, details, expected) => {
    expect(sendErrorOf(new DomainError(kind, code, 'x', details))?.toJSON()).toMatchObject(expected);
  });

  it('a delegate sends for the unit, from its mailbox or from the own one, as nobody else', async () => {
    const { unit } = jmap.world.people;
    const asUnit = (from = unit.address) =>
      mail({ From: from, To: lan.person.address, Date: DATE, Subject: `đơn vị ${++serial}` });
    const unitId = identityIdOf(unit.address);
    const account = `a${unit.accountId}`;
    expect((await send(nhung, asUnit(), { identityId: unitId }, {}, account)).error).toBeUndefined();
    const [row] = (await jmap.world.mailstore.read(unit.accountId).submissions()).slice(-1);
    expect(row?.sentBy).toBe(nhung.person.officialId);
    expect((await send(nhung, asUnit(), { identityId: unitId })).error).toBeUndefined();
    expect((await send(nhung, asUnit(nhung.person.address), { identityId: unitId }, {}, account)).error).toMatchObject({
      type: 'forbiddenFrom',
    });
    expect(
      (await send(nhung, asUnit(nhung.person.address), { identityId: identityIdOf(nhung.person.address) }, {}, account))
        .error,
    ).toMatchObject({ type: 'invalidProperties' });
    expect((await send(hung, asUnit(), { identityId: unitId })).error).toMatchObject({
      type: 'invalidProperties',
      properties: ['identityId'],
    });
  });

  it('identities come from the directory and stay as they are', async () => {
    const answer = await nhung.call('Identity/get');
    expect(list(answer).map((i) => i['email'])).toEqual([nhung.person.address, jmap.world.people.unit.address]);
    const [own] = list(answer);
    expect(await nhung.call('Identity/changes', { sinceState: answer['state'] })).toMatchObject({
      created: [],
      updated: [],
      destroyed: [],
    });
    expect(await nhung.error('Identity/changes', { sinceState: 'old' })).toBe('cannotCalculateChanges');
    const id = String(own!['id']);
    expect(
      await nhung.call('Identity/set', {
        create: { a: { email: 'x@y.vn' } },
        update: { [id]: { name: 'Khác' }, i0: {} },
        destroy: [id],
      }),
    ).toMatchObject({
      notCreated: { a: { type: 'forbiddenFrom' } },
      notUpdated: { [id]: { type: 'forbidden' }, i0: { type: 'notFound' } },
      notDestroyed: { [id]: { type: 'forbidden' } },
    });
    expect(await nhung.call('Identity/set', { update: { [id]: { name: own!['name'] } } })).toMatchObject({
      updated: { [id]: null },
    });
  });

  it('submissions are found, followed, not unsent, and forgotten', async () => {
    const before = await hung.call('EmailSubmission/query', {
      sort: [{ property: 'sentAt', isAscending: false }],
      calculateTotal: true,
    });
    const { set } = await send(hung, letter(lan.person.address));
    const id = String((set['created'] as Record<string, Answer>)['s']!['id']);
    const changes = await hung.call('EmailSubmission/changes', { sinceState: before['queryState'] });
    expect(changes['created']).toEqual([id]);
    expect(
      await hung.call('EmailSubmission/queryChanges', { sinceQueryState: before['queryState'], calculateTotal: true }),
    ).toMatchObject({ added: [{ id }], total: Number(before['total']) + 1 });
    expect(await hung.call('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } })).toMatchObject({
      notUpdated: { [id]: { type: 'cannotUnsend' } },
    });
    expect(
      (
        await hung.call('EmailSubmission/query', {
          filter: { undoStatus: 'final', identityIds: [identityIdOf(hung.person.address)] },
        })
      )['ids'],
    ).toContain(id);
    expect((await hung.call('EmailSubmission/query', { filter: { undoStatus: 'pending' } }))['ids']).toEqual([]);
    expect(await hung.call('EmailSubmission/set', { destroy: [id, 's999'] })).toMatchObject({
      destroyed: [id],
      notDestroyed: { s999: { type: 'notFound' } },
    });
    expect(await hung.call('EmailSubmission/get', { ids: [id] })).toMatchObject({ notFound: [id] });
  });

  it('onSuccessDestroyEmail takes the draft away', async () => {
    const { answers } = await send(
      hung,
      letter(lan.person.address),
      {},
      { onSuccessUpdateEmail: null, onSuccessDestroyEmail: ['#s'] },
    );
    const emailId = (answers[0]![1]['created'] as Record<string, Answer>)['e']!['id'];
    expect(answers[2]).toMatchObject(['Email/set', { destroyed: [emailId] }, '2']);
  });

  it('a third-party client library reads the session, follows references, uploads, imports, sends', async () => {
    const jam = new JamClient({ bearerToken: tokenOf(hung.person), sessionUrl: `${jmap.origin}/.well-known/jmap` });
    const accountId = await jam.getPrimaryAccount();
    expect(accountId).toBe(hung.accountId);
    const uploaded = await jam.uploadBlob(
      accountId,
      new Blob([new Uint8Array(letter(lan.person.address, { Subject: 'gửi bằng jam' }))], { type: 'message/rfc822' }),
    );
    const sent = await hung.mailbox('sent');
    const [imported] = await jam.api.Email.import({
      accountId,
      emails: {
        k: {
          blobId: uploaded.blobId,
          mailboxIds: { [sent]: true },
          keywords: { $seen: true },
          receivedAt: '2026-01-12T01:00:00Z',
        },
      },
    });
    const emailId = imported.created!['k']!.id;
    const [identities] = await jam.api.Identity.get({ accountId });
    const [submitted] = await jam.api.EmailSubmission.set({
      accountId,
      create: { s: { identityId: identities.list[0]!.id, emailId } },
    });
    expect(submitted.created).toHaveProperty('s');
    expect((await jmap.world.inbox(lan.person.accountId)).at(-1)).toContain('gửi bằng jam');
    const [{ emails }] = await jam.requestMany((t) => {
      const query = t.Email.query({ accountId, filter: { subject: 'jam' }, limit: 5 });
      return {
        query,
        emails: t.Email.get({ accountId, ids: query.$ref('/ids'), properties: ['id', 'subject', 'blobId'] }),
      };
    });
    expect(emails.list).toMatchObject([{ id: emailId, subject: 'gửi bằng jam' }]);
    const downloaded = await jam.downloadBlob({
      accountId,
      blobId: uploaded.blobId,
      mimeType: 'message/rfc822',
      fileName: 'thư.eml',
    });
    expect(await downloaded.text()).toContain('gửi bằng jam');
    expect(Number(emailId.split('e')[1]) as EmailId).toBeGreaterThan(0);
  });
});
