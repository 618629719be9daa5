import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { identityIdOf } from '../identity/identities.ts';
import { list, made, refused } from '../testing/answers.ts';
import { letterFrom, send } from '../testing/sending.ts';
import { openJmap, type Answer, type Client, type JmapWorld } from '../testing/server.ts';

describe('EmailSubmission over HTTP (RFC 8621 §7)', () => {
  let jmap: JmapWorld;
  let hung: Client;
  let lan: string;
  const sent: { id: string; emailId: unknown; threadId: unknown; sendAt: unknown }[] = [];
  beforeAll(async () => {
    jmap = await openJmap(sqliteDatabase);
    hung = jmap.as(jmap.world.people.hung);
    lan = jmap.world.people.lan.address;
    for (let i = 0; i < 3; i++) {
      const { set } = await send(hung, letterFrom(hung, lan));
      const id = String(made(set, 's')['id']);
      const [row] = list(await hung.call('EmailSubmission/get', { ids: [id] }));
      sent.push({ id, emailId: row!['emailId'], threadId: row!['threadId'], sendAt: row!['sendAt'] });
      jmap.world.clock.advance(60_000);
    }
  });
  afterAll(() => jmap.dispose());
  const [one, two, three] = [0, 1, 2];

  it.each<[string, () => Answer | null, number[]]>([
    ['null', () => null, [one, two, three]],
    ['nothing', () => ({}), [one, two, three]],
    ['emailIds', () => ({ emailIds: [sent[two]!.emailId, 'e999'] }), [two]],
    ['no emailIds', () => ({ emailIds: [] }), []],
    ['threadIds', () => ({ threadIds: [sent[three]!.threadId] }), [three]],
    ['identityIds', () => ({ identityIds: [identityIdOf(hung.person.address)] }), [one, two, three]],
    ['identityIds of another', () => ({ identityIds: ['i0'] }), []],
    ['undoStatus', () => ({ undoStatus: 'final' }), [one, two, three]],
    ['undoStatus canceled', () => ({ undoStatus: 'canceled' }), []],
    ['before, that moment not among them', () => ({ before: sent[two]!.sendAt }), [one]],
    ['after, that moment among them', () => ({ after: sent[two]!.sendAt }), [two, three]],
    ['both in one', () => ({ after: sent[two]!.sendAt, emailIds: [sent[one]!.emailId, sent[two]!.emailId] }), [two]],
    ['NOT', () => ({ operator: 'NOT', conditions: [{ emailIds: [sent[one]!.emailId] }] }), [two, three]],
  ])('are found by %s', async (_, filter, expected) => {
    const sort = [{ property: 'sentAt' }];
    expect(await hung.call('EmailSubmission/query', { filter: filter(), sort })).toMatchObject({
      ids: expected.map((i) => sent[i]!.id),
      canCalculateChanges: true,
    });
  });

  it.each(['emailId', 'threadId', 'sentAt'])('are sorted by %s, both ways', async (property) => {
    const ids = async (isAscending: boolean) =>
      (await hung.call('EmailSubmission/query', { sort: [{ property, isAscending }] }))['ids'];
    expect(await ids(true)).toEqual(sent.map((s) => s.id));
    expect(await ids(false)).toEqual(sent.map((s) => s.id).reverse());
  });

  it.each<[Answer, string]>([
    [{ filter: { emailIds: 'e1' } }, 'invalidArguments'],
    [{ filter: { before: 'now' } }, 'invalidArguments'],
    [{ filter: { undoStatus: 1 } }, 'invalidArguments'],
    [{ filter: { subject: 'x' } }, 'unsupportedFilter'],
    [{ sort: [{ property: 'undoStatus' }] }, 'unsupportedSort'],
    [{ sort: [{ property: 'sentAt', collation: 'i;octet' }] }, 'unsupportedSort'],
    [{ anchor: 's999' }, 'anchorNotFound'],
  ])('the query %j is %s', async (args, type) => {
    expect(await hung.error('EmailSubmission/query', args)).toBe(type);
  });

  it('without envelope goes from the Sender to each recipient once, and says so', async () => {
    const header = { Sender: hung.person.address, Cc: `L <${lan.replace(/@.*/, (d) => d.toUpperCase())}>, ai@noi.vn` };
    const { set } = await send(hung, letterFrom(hung, lan, header));
    expect(made(set, 's')['envelope']).toEqual({
      mailFrom: { email: hung.person.address, parameters: null },
      rcptTo: [
        { email: lan, parameters: null },
        { email: 'ai@noi.vn', parameters: null },
      ],
    });
  });

  const to = (parameters: Answer | null): Answer => ({
    mailFrom: { email: hung.person.address },
    rcptTo: [{ email: 'ai@noi.vn', parameters }],
  });
  it.each<[string, () => Answer, string | undefined]>([
    [
      'DSN parameters in any case',
      () => ({
        ...to({ notify: 'success,FAILURE' }),
        mailFrom: { email: hung.person.address, parameters: { Ret: 'hdrs', ENVID: 'x1' } },
      }),
      undefined,
    ],
    ['no parameters', () => to(null), undefined],
    ['NEVER beside another', () => to({ NOTIFY: 'NEVER,SUCCESS' }), 'invalidProperties'],
    ['a parameter of the sender', () => to({ RET: 'FULL' }), 'invalidProperties'],
    ['a parameter that is no text', () => to({ NOTIFY: 1 }), 'invalidProperties'],
    ['no sender', () => ({ rcptTo: [{ email: 'ai@noi.vn' }] }), 'invalidProperties'],
    ['one recipient, not in a list', () => ({ ...to(null), rcptTo: { email: 'ai@noi.vn' } }), 'invalidProperties'],
    ['nobody', () => ({ ...to(null), rcptTo: [] }), 'noRecipients'],
  ])('an envelope with %s', async (_, envelope, type) => {
    expect((await send(hung, letterFrom(hung, lan), { envelope: envelope() })).error?.['type']).toBe(type);
  });

  it('what becomes of the email is said by the new id or by an old one, and nothing of a submission that failed', async () => {
    const [old] = sent;
    const flag = { 'keywords/x': true };
    const update = { [old!.id]: {}, s999: {} };
    const onSuccessUpdateEmail = { [old!.id]: flag, s999: flag, '#none': flag };
    const accountId = hung.accountId;
    const answers = await hung.request([['EmailSubmission/set', { accountId, update, onSuccessUpdateEmail }, '1']]);
    expect(refused(answers[0]![1], 'notUpdated', 's999')).toMatchObject({ type: 'notFound' });
    expect(answers[1]).toMatchObject([
      'Email/set',
      { updated: { [String(old!.emailId)]: null }, notUpdated: null },
      '1',
    ]);
    // Forgotten: the email may go with it, also when it is to be changed too.
    const destroy = { destroy: [old!.id], onSuccessDestroyEmail: [old!.id], onSuccessUpdateEmail: { [old!.id]: flag } };
    const gone = await hung.request([['EmailSubmission/set', { accountId, ...destroy }, '2']]);
    expect(gone[1]![1]).toMatchObject({
      destroyed: [old!.emailId],
      notUpdated: { [String(old!.emailId)]: { type: 'willDestroy' } },
    });
    expect(await hung.error('EmailSubmission/set', { onSuccessDestroyEmail: 's1' })).toBe('invalidArguments');
  });
});
