/** The Email object (RFC 8621 §4.1) from an email's rows and, where asked for, its bytes. */
import type { ObjectIds } from '../../base/object-ids.ts';
import type { Email } from '../../mailstore/types.ts';
import type { Address, Summary } from '../../message/types.ts';
import { utcDate } from '../core/arguments.ts';
import { wholeBlobId } from '../ids.ts';
import { decomposeBody } from '../../message/jmap-body.ts';
import { partPresenter, presentHeaders } from './body-parts.ts';
import { bodyValues } from './body-values.ts';
import { headerValue, presentAddress, zonedDate } from './header-forms.ts';
import type { Budget, MessageView } from './message-view.ts';
import type { EmailRequest } from './request.ts';

type Properties = Record<string, unknown>;

/** From the rows alone. */
export function presentMetadata(email: Email, { properties }: EmailRequest, ids: ObjectIds): Properties {
  const all: Record<string, () => unknown> = {
    id: () => ids.email.print(email.id),
    blobId: () => wholeBlobId(email.blobHash),
    threadId: () => ids.thread.print(email.threadId),
    mailboxIds: () => Object.fromEntries(email.mailboxIds.map((id) => [ids.mailbox.print(id), true])),
    keywords: () => Object.fromEntries(email.keywords.map((keyword) => [keyword, true])),
    size: () => email.size,
    receivedAt: () => utcDate(email.receivedAt),
    subject: () => email.subject || null,
    hasAttachment: () => email.hasAttachment,
    'congvu:verdict': () => email.verdict,
  };
  const out: Properties = {};
  for (const name of properties) {
    const value = Object.hasOwn(all, name) ? all[name] : undefined;
    if (value) out[name] = value();
  }
  return out;
}

/** From what was derived of the bytes, and from the bytes. */
export async function presentMessage(view: MessageView, request: EmailRequest, budget: Budget): Promise<Properties> {
  const { summary, preview, hasAttachment } = view.derived;
  const { properties } = request;
  const out: Properties = {};
  for (const name of properties) if (Object.hasOwn(convenience, name)) out[name] = convenience[name]?.(summary);
  if (properties.has('preview')) out['preview'] = preview;
  if (properties.has('hasAttachment')) out['hasAttachment'] = hasAttachment;
  if (properties.has('headers')) out['headers'] = presentHeaders(await view.header());
  if (request.headers.length > 0) {
    const header = await view.header();
    for (const asked of request.headers) {
      const value = headerValue(header, asked);
      budget.give(asked.form === 'Raw' ? JSON.stringify(value).length : 0);
      out[asked.property] = value;
    }
  }
  return { ...out, ...(await presentBody(view, request, budget)) };
}

async function presentBody(view: MessageView, request: EmailRequest, budget: Budget): Promise<Properties> {
  const { properties } = request;
  const { root } = view.derived;
  const names = (['textBody', 'htmlBody', 'attachments'] as const).filter((name) => properties.has(name));
  const wantsStructure = properties.has('bodyStructure');
  const out: Properties = {};
  if (names.length > 0 || wantsStructure) {
    const lists = decomposeBody(root);
    const presenter = partPresenter(view, request);
    for (const name of names) out[name] = await Promise.all(lists[name].map(presenter.part));
    if (wantsStructure) out['bodyStructure'] = await presenter.structure(root);
  }
  if (properties.has('bodyValues')) out['bodyValues'] = await bodyValues(view, request, decomposeBody(root), budget);
  return out;
}

const list = <T>(items: readonly T[]): readonly T[] | null => (items.length > 0 ? items : null);
const addresses = (items: readonly Address[]): unknown => list(items.map(presentAddress));

/** RFC 8621 §4.1.3: the header fields under names of their own. */
const convenience: Readonly<Record<string, (summary: Summary) => unknown>> = {
  messageId: (s) => list(s.messageId),
  inReplyTo: (s) => list(s.inReplyTo),
  references: (s) => list(s.references),
  sender: (s) => addresses(s.sender),
  from: (s) => addresses(s.from),
  to: (s) => addresses(s.to),
  cc: (s) => addresses(s.cc),
  bcc: (s) => addresses(s.bcc),
  replyTo: (s) => addresses(s.replyTo),
  subject: (s) => s.subject || null,
  sentAt: (s) => (s.sentAt === null ? null : zonedDate(s.sentAt, s.sentZone ?? 0)),
};
