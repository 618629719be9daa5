/** The finished message goes up once; then one request puts it in Sent, submits it and takes the draft away. */
import type { JmapClient } from '../../../lib/jmap/client.ts';
import { JmapError, type Invocation } from '../../../lib/jmap/client.ts';
import type { Id } from '../../../lib/jmap/types.ts';
import { uploadMessage, type FileThere } from './upload-message.ts';

export interface Sending {
  client: JmapClient;
  accountId: Id;
  identityId: Id;
  bytes: Uint8Array;
  /** Those of its files that are on the server, in their order. */
  files: readonly FileThere[];
  sent: Id;
  /** All of them, blind ones too: RFC 8621 §7 envelope. */
  envelope: { mailFrom: string; rcptTo: readonly string[] };
  draftId: Id | undefined;
  /** Set on what was answered or passed on, when it lies in the same account. */
  source: { emailId: Id; keyword: string } | undefined;
  onProgress: (part: number) => void;
}

export async function sendMessage(sending: Sending): Promise<void> {
  const { client, accountId } = sending;
  const blobId = await uploadMessage(client, accountId, sending.bytes, sending.files, sending.onProgress);
  const calls: Invocation[] = [
    [
      'Email/import',
      { accountId, emails: { sent: { blobId, mailboxIds: { [sending.sent]: true }, keywords: { $seen: true } } } },
      'import',
    ],
    [
      'EmailSubmission/set',
      {
        accountId,
        create: {
          submission: {
            identityId: sending.identityId,
            emailId: '#sent',
            envelope: {
              mailFrom: { email: sending.envelope.mailFrom, parameters: null },
              rcptTo: sending.envelope.rcptTo.map((email) => ({ email, parameters: null })),
            },
          },
        },
      },
      'submit',
    ],
  ];
  const answers = await client.call(calls);
  const imported = answers.get<{
    created?: Record<string, { id: Id }> | null;
    notCreated?: Record<string, { type: string; existingId?: string }> | null;
  }>('import');
  const emailId = imported.created?.['sent']?.id;
  if (!emailId) throw new JmapError(imported.notCreated?.['sent']?.type ?? 'serverFail');
  try {
    const submitted = answers.get<{
      created?: Record<string, unknown> | null;
      notCreated?: Record<string, { type: string; description?: string }> | null;
    }>('submit');
    const refused = submitted.notCreated?.['submission'];
    if (refused) throw new JmapError(refused.type, refused.description);
  } catch (error) {
    // Not sent: no copy in Sent may say otherwise.
    await client.call([['Email/set', { accountId, destroy: [emailId] }, 'undo']]).catch(() => undefined);
    throw error;
  }
  const tidy: Record<string, unknown> = { accountId };
  if (sending.draftId) tidy['destroy'] = [sending.draftId];
  if (sending.source) tidy['update'] = { [sending.source.emailId]: { [`keywords/${sending.source.keyword}`]: true } };
  // It is sent: a draft left over is no reason to say otherwise.
  if (sending.draftId || sending.source) await client.call([['Email/set', tidy, 'tidy']]).catch(() => undefined);
}
