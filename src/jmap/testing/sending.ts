import { identityIdOf } from '../identity/identities.ts';
import { list } from './answers.ts';
import { mail, type Answer, type Client } from './server.ts';

export const DATE = 'Mon, 12 Jan 2026 08:00:00 +0700';

let serial = 0;
/** A letter of one's own, each with another subject. */
export const letterFrom = ({ person }: Client, to: string, more: Record<string, string> = {}): Uint8Array =>
  mail({
    From: `Hùng <${person.address}>`,
    To: to,
    Date: DATE,
    Subject: `thư ${++serial}`,
    'Message-ID': `<s${serial}@x.vn>`,
    ...more,
  });

/** What the web client does: upload, then import and submit in one request. */
export async function send(
  client: Client,
  bytes: Uint8Array,
  submission: Answer = {},
  more: Answer = {},
  accountId = client.accountId,
) {
  const blobId = await client.upload(bytes, 'message/rfc822', accountId);
  const [[, mailboxes] = ['', {}]] = await client.request([['Mailbox/get', { accountId, properties: ['role'] }, 'm']]);
  const of = (role: string) => String(list(mailboxes).find((m) => m['role'] === role)!['id']);
  const emails = {
    e: { blobId, mailboxIds: { [of('drafts')]: true }, keywords: { $draft: true, $seen: true } },
  };
  const answers = await client.request([
    ['Email/import', { accountId, emails }, '1'],
    [
      'EmailSubmission/set',
      {
        accountId,
        create: { s: { identityId: identityIdOf(client.person.address), emailId: '#e', ...submission } },
        onSuccessUpdateEmail: { '#s': { mailboxIds: { [of('sent')]: true }, 'keywords/$draft': null } },
        ...more,
      },
      '2',
    ],
  ]);
  const set = answers[1]![1];
  const notCreated = set['notCreated'] as Record<string, Answer> | null;
  return { answers, set, error: notCreated?.['s'], sent: of('sent') };
}
