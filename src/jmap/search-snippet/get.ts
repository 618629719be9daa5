/** SearchSnippet/get (RFC 8621 §5.1). */
import * as v from 'valibot';

import { objectIds } from '../../base/object-ids.ts';
import type { EmailId } from '../../base/ids.ts';
import type { Email, EmailCondition, EmailFilter } from '../../mailstore/types.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method } from '../context.ts';
import { anyObject, idSchema, nullable, parseArguments } from '../core/arguments.ts';
import { isOperator } from '../core/filter.ts';
import { askedIds } from '../core/get.ts';
import { emailFilter } from '../email/filter.ts';
import { findWords, mark, snippet, soughtPhrases, type Sought } from './highlight.ts';

const schema = v.strictObject({ accountId: idSchema, filter: nullable(anyObject), emailIds: v.array(idSchema) });
/** RFC 8621 §5: "the preview MUST NOT be bigger than 255 octets". */
const PREVIEW_OCTETS = 255;

export const searchSnippetGet: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openAccount(context, args.accountId);
    const ids = objectIds(reader.accountId);
    const wanted = soughtIn(emailFilter(context, args.filter, ids));
    const asked = askedIds(context, args.emailIds);
    const emails = await reader.emails(asked.map(ids.email.parse).filter((id) => id !== undefined));
    const found = emails.map((email) => email.id);
    const texts = wanted.body.length > 0 ? await reader.bodyTexts(found) : new Map<EmailId, string>();
    const byId = new Map(emails.map((email) => [ids.email.print(email.id), email]));
    const list: Record<string, unknown>[] = [];
    for (const id of asked) {
      const email = byId.get(id);
      if (email) list.push({ emailId: id, ...snippets(email, texts.get(email.id), wanted) });
    }
    const notFound = asked.filter((id) => !byId.has(id));
    return { accountId: args.accountId, list, notFound: notFound.length > 0 ? notFound : null };
  },
};

interface SoughtIn {
  subject: Sought[][];
  body: Sought[][];
}

/** What was searched for, and where; what must not occur is not shown. */
function soughtIn(filter: EmailFilter | undefined): SoughtIn {
  const sought: SoughtIn = { subject: [], body: [] };
  const visit = (node: EmailFilter): void => {
    if (isOperator<EmailCondition>(node)) {
      if (node.operator !== 'NOT') node.conditions.forEach(visit);
      return;
    }
    const { text = '', subject = '', body = '' } = node;
    sought.subject.push(...soughtPhrases(text), ...soughtPhrases(subject));
    sought.body.push(...soughtPhrases(text), ...soughtPhrases(body));
  };
  if (filter) visit(filter);
  return sought;
}

function snippets(
  email: Email,
  text: string | undefined,
  sought: SoughtIn,
): { subject: string | null; preview: string | null } {
  const inSubject = findWords(email.subject, sought.subject);
  const subject = inSubject.length > 0 ? mark(email.subject, inSubject) : null;
  if (text === undefined || sought.body.length === 0) return { subject, preview: null };
  return { subject, preview: snippet(text, findWords(text, sought.body), PREVIEW_OCTETS) };
}
