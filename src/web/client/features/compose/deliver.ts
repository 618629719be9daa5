/** From the draft to the message sent: build, sign in the worker, upload, submit. */
import { serverNow } from '../../lib/http.ts';
import type { Hub } from '../../lib/jmap/hub.ts';
import { JmapError } from '../../lib/jmap/client.ts';
import type { SigningDesk } from '../../lib/signer.ts';
import type { OwnIdentity } from './api/identities.ts';
import { sendMessage } from './api/send-message.ts';
import type { Draft } from './draft.ts';
import { byRoleId } from './mailbox-roles.ts';
import { outgoingMessage } from './outgoing.ts';

export interface Delivery {
  hub: Hub;
  draft: Draft;
  identity: OwnIdentity;
  official: { fullName: string; address: string };
  desk: SigningDesk;
  draftId: string | undefined;
  /** Attachment key -> blob of the draft's account. */
  blobs: ReadonlyMap<string, string>;
  onUpload: () => void;
  onProgress: (part: number) => void;
}

export async function deliver({
  hub,
  draft,
  identity,
  official,
  desk,
  draftId,
  blobs,
  onUpload,
  onProgress,
}: Delivery): Promise<void> {
  const sent = byRoleId(hub, draft.accountId, 'sent');
  if (!sent) throw new JmapError('notFound');
  const message = await outgoingMessage(draft, identity, official, serverNow());
  const bytes = draft.sign
    ? await desk.sign(message, { at: serverNow() })
    : (await import('../../lib/mail/build.ts')).unsignedMessage(message);
  onUpload();
  await sendMessage({
    client: hub.client,
    accountId: draft.accountId,
    identityId: identity.id,
    bytes,
    files: draft.attachments.flatMap(({ key, blob }) => {
      const blobId = blobs.get(key);
      return blob && blobId !== undefined ? [{ blobId, blob }] : [];
    }),
    sent,
    envelope: {
      mailFrom: identity.email,
      rcptTo: [...new Set([...draft.to, ...draft.cc, ...draft.bcc].map(({ email }) => email))],
    },
    draftId,
    source: draft.source?.accountId === draft.accountId ? draft.source : undefined,
    onProgress,
  });
}
