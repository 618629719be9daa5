import { describe, expect, it } from 'vitest';
import { JmapError, type Invocation, type JmapClient } from '../../../lib/jmap/client.ts';
import { fakeClient, type FakeClient } from '../../../testing/fake-client.ts';
import { sendMessage, type Sending } from './send-message.ts';

type Answers = Record<string, unknown>;

const client = (answers: Answers): FakeClient => fakeClient((id) => answers[id] ?? {});
const sending = (to: JmapClient, more: Partial<Sending> = {}): Sending => ({
  client: to,
  accountId: 'a1',
  identityId: 'i1',
  bytes: new TextEncoder().encode('From: a@b.vn\r\n\r\nx'),
  files: [],
  sent: 'm2',
  envelope: { mailFrom: 'a@b.vn', rcptTo: ['b@b.vn', 'mat@b.vn'] },
  draftId: 'd1',
  source: { emailId: 'e9', keyword: '$answered' },
  onProgress: () => undefined,
  ...more,
});
const imported = { created: { sent: { id: 'e1' } } };
const named = (calls: readonly Invocation[], id: string): Record<string, unknown>[] =>
  calls.filter((call) => call[2] === id).map((call) => call[1]);

describe('sending', () => {
  it('puts the message into Sent, submits it to all recipients, blind ones too, and then takes the draft away', async () => {
    const fake = client({ import: imported, submit: { created: { submission: { id: 's1' } } } });
    await sendMessage(sending(fake.client));
    expect(fake.uploads).toBe(1);
    expect(fake.calls.map((call) => call[2])).toEqual(['import', 'submit', 'tidy']);
    expect(named(fake.calls, 'submit')[0]).toMatchObject({
      create: { submission: { emailId: '#sent', envelope: { rcptTo: [{ email: 'b@b.vn' }, { email: 'mat@b.vn' }] } } },
    });
    expect(named(fake.calls, 'tidy')).toEqual([
      { accountId: 'a1', destroy: ['d1'], update: { e9: { 'keywords/$answered': true } } },
    ]);
  });

  it.each([
    [
      'a recipient is refused',
      { notCreated: { submission: { type: 'invalidRecipients', description: 'x@b.vn' } } },
      'invalidRecipients',
    ],
    ['the server gives up in the middle', new JmapError('serverFail'), 'serverFail'],
  ])('leaves no copy in Sent and keeps the draft when %s', async (_, submit, type) => {
    const fake = client({ import: imported, submit });
    await expect(sendMessage(sending(fake.client))).rejects.toMatchObject({ type });
    expect(named(fake.calls, 'undo')).toEqual([{ accountId: 'a1', destroy: ['e1'] }]);
    expect(named(fake.calls, 'tidy')).toEqual([]);
  });

  it('submits nothing that could not be stored', async () => {
    const fake = client({ import: { notCreated: { sent: { type: 'overQuota' } } } });
    await expect(sendMessage(sending(fake.client))).rejects.toMatchObject({ type: 'overQuota' });
    expect(named(fake.calls, 'undo')).toEqual([]);
  });

  it('is done even if the draft cannot be taken away, and asks for nothing without draft and source', async () => {
    const fake = client({
      import: imported,
      submit: { created: { submission: {} } },
      tidy: new JmapError('serverFail'),
    });
    await sendMessage(sending(fake.client));
    const plain = client({ import: imported, submit: { created: { submission: {} } } });
    await sendMessage(sending(plain.client, { draftId: undefined, source: undefined }));
    expect(named(plain.calls, 'tidy')).toEqual([]);
  });
});
