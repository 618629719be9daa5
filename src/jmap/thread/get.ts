/** Thread/get (RFC 8621 §3.1). */
import * as v from 'valibot';

import { capabilities } from '../capabilities.ts';
import type { ThreadId } from '../../base/ids.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { AccountReader } from '../../mailstore/types.ts';
import { openAccount, type Method, type MethodContext } from '../context.ts';
import { getEntries, parseArguments } from '../core/arguments.ts';
import { stateOf } from '../core/changes.ts';
import { MethodError } from '../core/errors.ts';
import { askedIds, askedProperties, pick } from '../core/get.ts';

const schema = v.strictObject(getEntries);

export const threadGet: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openAccount(context, args.accountId);
    const { email, thread } = objectIds(reader.accountId);
    const properties = askedProperties(args.properties, ['id', 'emailIds']);
    const state = await stateOf(reader, 'Thread');
    const ids = args.ids === null ? (await allThreads(context, reader)).map(thread.print) : askedIds(context, args.ids);
    const threads = await reader.threads(ids.map(thread.parse).filter((id) => id !== undefined));
    const list: Record<string, unknown>[] = [];
    const notFound: string[] = [];
    for (const id of ids) {
      const emails = threads.get(thread.parse(id) ?? (0 as ThreadId));
      if (emails) list.push(pick({ id, emailIds: emails.map(email.print) }, properties));
      else notFound.push(id);
    }
    return { accountId: args.accountId, state, list, notFound };
  },
};

/** RFC 8620 §5.1: ids null asks for all, as long as they are few. */
async function allThreads(context: MethodContext, reader: AccountReader): Promise<ThreadId[]> {
  const { maxObjectsInGet } = context.settings;
  const first = await reader.query({ collapseThreads: true }, { limit: maxObjectsInGet + 1 });
  if (first.length > maxObjectsInGet) throw new MethodError('requestTooLarge');
  return (await reader.emails(first)).map((e) => e.threadId);
}
