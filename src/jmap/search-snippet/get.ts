/** SearchSnippet/get (RFC 8621 §5.1). */
import * as v from 'valibot';

import { phrases } from '../../db/text-index.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { EmailCondition, EmailDetail, EmailFilter } from '../../mailstore/types.ts';
import { decodePartText } from '../../message/content.ts';
import { htmlToText } from '../../message/html-text.ts';
import { decomposeBody } from '../../message/jmap-body.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type MethodContext } from '../context.ts';
import { anyObject, idSchema, nullable, parseArguments } from '../core/arguments.ts';
import { isOperator } from '../core/filter.ts';
import { askedIds } from '../core/get.ts';
import { emailFilter } from '../email/filter.ts';
import { createBudget, type Budget } from '../email/message-view.ts';
import { findWords, mark, snippet } from './highlight.ts';

const schema = v.strictObject({ accountId: idSchema, filter: nullable(anyObject), emailIds: v.array(idSchema) });
/** RFC 8621 §5: "the preview MUST NOT be bigger than 255 octets". */
const PREVIEW_OCTETS = 255;
const MAX_TEXT = 400_000;

export const searchSnippetGet: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openAccount(context, args.accountId);
    const ids = objectIds(reader.accountId);
    const wanted = soughtIn(emailFilter(context, args.filter, ids));
    const asked = askedIds(context, args.emailIds);
    const emails = await reader.emailDetails(asked.map(ids.email.parse).filter((id) => id !== undefined));
    const byId = new Map(emails.map((email) => [ids.email.print(email.id), email]));
    const budget = createBudget(context);
    const list: Record<string, unknown>[] = [];
    for (const id of asked) {
      const email = byId.get(id);
      if (email) list.push({ emailId: id, ...(await snippets(context, email, wanted, budget)) });
    }
    const notFound = asked.filter((id) => !byId.has(id));
    return { accountId: args.accountId, list, notFound: notFound.length > 0 ? notFound : null };
  },
};

interface Sought {
  subject: string[][];
  body: string[][];
}

/** What was searched for, and where; what must not occur is not shown. */
function soughtIn(filter: EmailFilter | undefined): Sought {
  const sought: Sought = { subject: [], body: [] };
  const visit = (node: EmailFilter): void => {
    if (isOperator<EmailCondition>(node)) {
      if (node.operator !== 'NOT') node.conditions.forEach(visit);
      return;
    }
    const { text = '', subject = '', body = '' } = node;
    sought.subject.push(...phrases(text), ...phrases(subject));
    sought.body.push(...phrases(text), ...phrases(body));
  };
  if (filter) visit(filter);
  return sought;
}

async function snippets(
  context: MethodContext,
  email: EmailDetail,
  sought: Sought,
  budget: Budget,
): Promise<{ subject: string | null; preview: string | null }> {
  const inSubject = findWords(email.subject, sought.subject);
  const subject = inSubject.length > 0 ? mark(email.subject, inSubject) : null;
  if (sought.body.length === 0) return { subject, preview: null };
  const text = await readableText(context, email, budget);
  return { subject, preview: snippet(text, findWords(text, sought.body), PREVIEW_OCTETS) };
}

async function readableText(context: MethodContext, email: EmailDetail, budget: Budget): Promise<string> {
  budget.read(email.size);
  const bytes = await context.blobs.read(email.blobHash);
  const parts = decomposeBody(email.derived.root).textBody.filter((part) => part.type === 'text');
  const texts = parts.map((part) => {
    const text = decodePartText(bytes, part).slice(0, MAX_TEXT);
    return part.subtype === 'html' ? htmlToText(text, MAX_TEXT) : text;
  });
  return texts.join(' ').slice(0, MAX_TEXT).replace(/\s+/g, ' ').trim();
}
