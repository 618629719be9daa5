/** Email/get (RFC 8621 §4.2). */
import * as v from 'valibot';

import type { EmailId } from '../../base/ids.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { AccountReader, Email, EmailDetail } from '../../mailstore/types.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type MethodContext } from '../context.ts';
import { getEntries, parseArguments } from '../core/arguments.ts';
import { stateOf } from '../core/changes.ts';
import { MethodError } from '../core/errors.ts';
import { askedIds } from '../core/get.ts';
import { partBase } from '../ids.ts';
import { authenticationOf } from './authentication.ts';
import { createBudget, storedView, type Budget } from './message-view.ts';
import { presentMessage, presentMetadata } from './present.ts';
import { bodyEntries, emailRequest, needsDerived, type EmailRequest } from './request.ts';

const schema = v.strictObject({ ...getEntries, ...bodyEntries });

export const emailGet: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openAccount(context, args.accountId);
    const request = emailRequest(context, args, 'get');
    const state = await stateOf(reader, 'Email');
    const ids = args.ids === null ? await allEmails(context, reader) : askedIds(context, args.ids);
    const shown = await showEmails(context, reader, ids, request);
    const list: Record<string, unknown>[] = [];
    const notFound: string[] = [];
    for (const id of ids) {
      const email = shown.get(id);
      if (email) list.push(email);
      else notFound.push(id);
    }
    return { accountId: args.accountId, state, list, notFound };
  },
};

async function allEmails(context: MethodContext, reader: AccountReader): Promise<string[]> {
  const { maxObjectsInGet } = context.settings;
  const ids = await reader.query({}, { limit: maxObjectsInGet + 1 });
  if (ids.length > maxObjectsInGet) throw new MethodError('requestTooLarge');
  return ids.map(objectIds(reader.accountId).email.print);
}

/** A list asks for few columns and gets no more read; only what needs the bytes reads them. */
export async function showEmails(
  context: MethodContext,
  reader: AccountReader,
  ids: readonly string[],
  request: EmailRequest,
): Promise<Map<string, Record<string, unknown>>> {
  const own = objectIds(reader.accountId);
  const numbers = ids.map(own.email.parse).filter((id) => id !== undefined);
  const budget = createBudget(context);
  const out = new Map<string, Record<string, unknown>>();
  if (needsDerived(request)) {
    for (const email of await reader.emailDetails(numbers)) {
      out.set(own.email.print(email.id), {
        ...presentMetadata(email, request, own),
        ...(await showDetail(context, email, request, budget)),
      });
    }
  } else {
    for (const email of await reader.emails(numbers))
      out.set(own.email.print(email.id), presentMetadata(email, request, own));
  }
  if (request.properties.has('congvu:documents')) await addDocuments(context, reader, numbers, out);
  return out;
}

async function showDetail(
  context: MethodContext,
  email: EmailDetail,
  request: EmailRequest,
  budget: Budget,
): Promise<Record<string, unknown>> {
  const view = storedView(context, budget, {
    hash: email.blobHash,
    size: email.size,
    partBase: partBase(email.id),
    derived: email.derived,
  });
  const out = await presentMessage(view, request, budget);
  if (request.properties.has('congvu:authentication'))
    out['congvu:authentication'] = authenticationOf(await view.header(), context.settings.authservId);
  if (request.properties.has('congvu:lostParts')) out['congvu:lostParts'] = await view.lostParts();
  return out;
}

async function addDocuments(
  context: MethodContext,
  reader: AccountReader,
  ids: EmailId[],
  shown: Map<string, Record<string, unknown>>,
): Promise<void> {
  const emails: Email[] = await reader.emails(ids);
  const marks = await context.documents.marks([...new Set(emails.map((e) => e.blobHash))]);
  const unmarked = emails.filter(({ blobHash }) => !marks.has(blobHash)).map(({ id }) => id);
  const sent = await context.documents.sentMarks(reader.accountId, unmarked);
  const { email } = objectIds(reader.accountId);
  for (const { id, blobHash } of emails) {
    const properties = shown.get(email.print(id));
    if (properties) properties['congvu:documents'] = marks.get(blobHash) ?? sent.get(id) ?? [];
  }
}
