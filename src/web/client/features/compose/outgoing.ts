/** The draft as the message that is signed: bytes of the files, thread, sender. */
import type { OutgoingMessage } from '../../lib/mail/types.ts';
import type { Identity } from '../../lib/jmap/types.ts';
import type { Draft } from './draft.ts';
import type { Recipient } from './recipients.ts';

const people = (list: readonly Recipient[]): { name?: string; email: string }[] =>
  list.map(({ name, email }) => ({ ...(name ? { name } : {}), email }));

function newMessageId(email: string): string {
  const random = crypto.getRandomValues(new Uint8Array(18));
  return `${[...random].map((byte) => byte.toString(36).padStart(2, '0')).join('')}@${email.slice(email.lastIndexOf('@') + 1)}`;
}

export async function outgoingMessage(
  draft: Draft,
  identity: Identity,
  official: { fullName: string; address: string },
  now: number,
): Promise<OutgoingMessage> {
  const attachments = await Promise.all(
    draft.attachments.map(async ({ name, type, blob, document }) => ({
      name,
      type,
      bytes: new Uint8Array(await (blob ?? new Blob()).arrayBuffer()),
      ...(document ? { documentIdentifier: document.identifier } : {}),
    })),
  );
  // RFC 5322 §3.6.2: who writes for a unit is named in Sender.
  const delegate = identity.email.toLowerCase() !== official.address.toLowerCase();
  return {
    from: { name: identity.name, email: identity.email },
    ...(delegate ? { sender: { name: official.fullName, email: official.address } } : {}),
    to: people(draft.to),
    ...(draft.cc.length > 0 ? { cc: people(draft.cc) } : {}),
    subject: draft.subject.trim(),
    text: draft.text,
    ...(draft.html === undefined ? {} : { html: draft.html }),
    date: new Date(now),
    messageId: newMessageId(identity.email),
    ...(draft.inReplyTo.length > 0 ? { inReplyTo: draft.inReplyTo } : {}),
    ...(draft.references.length > 0 ? { references: draft.references } : {}),
    ...(attachments.length > 0 ? { attachments } : {}),
  };
}
