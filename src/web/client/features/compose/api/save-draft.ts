/** A draft is kept by Email/set create and the one before it destroyed in the same request (RFC 8621 §4.6: content is immutable). */
import type { JmapClient } from '../../../lib/jmap/client.ts';
import { JmapError } from '../../../lib/jmap/client.ts';
import type { Id, Identity } from '../../../lib/jmap/types.ts';
import type { Draft } from '../draft.ts';
import type { Recipient } from '../recipients.ts';

const addresses = (list: readonly Recipient[]): { name: string | null; email: string }[] =>
  list.filter(({ kind }) => kind !== 'invalid').map(({ name, email }) => ({ name: name || null, email }));

export interface DraftSaving {
  client: JmapClient;
  draft: Draft;
  identity: Identity | undefined;
  mailboxId: Id;
  previous: Id | undefined;
  /** Attachment key -> blob uploaded for it. */
  blobs: ReadonlyMap<string, Id>;
}

export async function saveDraft({ client, draft, identity, mailboxId, previous, blobs }: DraftSaving): Promise<Id> {
  const { accountId } = draft;
  const text = { partId: 'text', type: 'text/plain' };
  const email: Record<string, unknown> = {
    mailboxIds: { [mailboxId]: true },
    keywords: { $draft: true, $seen: true },
    from: identity ? [{ name: identity.name, email: identity.email }] : [],
    to: addresses(draft.to),
    subject: draft.subject,
    bodyValues: { text: { value: draft.text }, ...(draft.html === undefined ? {} : { html: { value: draft.html } }) },
    textBody: [text],
    attachments: draft.attachments
      .filter(({ key }) => blobs.has(key))
      .map(({ key, name, type, document }) => ({
        blobId: blobs.get(key),
        type,
        name,
        disposition: 'attachment',
        ...(document ? { 'header:X-CongVu-Document:asText': document.identifier } : {}),
      })),
  };
  if (draft.html !== undefined) email['htmlBody'] = [{ partId: 'html', type: 'text/html' }];
  if (draft.cc.length > 0) email['cc'] = addresses(draft.cc);
  if (draft.bcc.length > 0) email['bcc'] = addresses(draft.bcc);
  if (draft.inReplyTo.length > 0) email['inReplyTo'] = draft.inReplyTo;
  if (draft.references.length > 0) email['references'] = draft.references;
  const answers = await client.call([
    ['Email/set', { accountId, create: { draft: email }, ...(previous ? { destroy: [previous] } : {}) }, 'set'],
  ]);
  const { created, notCreated } = answers.get<{
    created?: Record<string, { id: Id }> | null;
    notCreated?: Record<string, { type: string }> | null;
  }>('set');
  const id = created?.['draft']?.id;
  if (!id) throw new JmapError(notCreated?.['draft']?.type ?? 'serverFail');
  return id;
}

export async function discardDraft(client: JmapClient, accountId: Id, id: Id): Promise<void> {
  (await client.call([['Email/set', { accountId, destroy: [id] }, 'set']])).get('set');
}
