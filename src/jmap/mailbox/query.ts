/** Mailbox/query (RFC 8621 §2.3). */
import * as v from 'valibot';

import { compareVietnamese } from '../../base/text.ts';
import { objectIds } from '../../base/object-ids.ts';
import type { AccountReader, Mailbox } from '../../mailstore/types.ts';
import { capabilities } from '../capabilities.ts';
import { openAccount, type Method, type MethodContext } from '../context.ts';
import { parseArguments, queryEntries, type Comparator } from '../core/arguments.ts';
import { stateOf } from '../core/changes.ts';
import { windowOf } from '../core/query.ts';
import { checkSort } from '../core/sort.ts';
import { mailboxFilter } from './filter.ts';

export const treeEntries = { sortAsTree: v.optional(v.boolean(), false), filterAsTree: v.optional(v.boolean(), false) };
const schema = v.strictObject({ ...queryEntries, ...treeEntries });

export interface MailboxQuery {
  filter: Record<string, unknown> | null;
  sort: Comparator[] | null;
  sortAsTree: boolean;
  filterAsTree: boolean;
}

export const mailboxQuery: Method = {
  capability: capabilities.mail,
  async run(rawArgs, context) {
    const args = parseArguments(schema, rawArgs);
    const { reader } = await openAccount(context, args.accountId);
    const queryState = await stateOf(reader, 'Mailbox');
    const results = await queryMailboxes(context, reader, args);
    return {
      accountId: args.accountId,
      queryState,
      canCalculateChanges: !args.sortAsTree && !args.filterAsTree,
      ...windowOf(context, args, results),
    };
  },
};

export async function queryMailboxes(
  context: MethodContext,
  reader: AccountReader,
  query: MailboxQuery,
): Promise<string[]> {
  const ids = objectIds(reader.accountId);
  const wanted = mailboxFilter(query.filter, ids, context.settings.maxFilterConditions);
  const order = mailboxOrder(checkSort(query.sort, ['sortOrder', 'name', 'parentId']));
  const all = await reader.mailboxes();
  const byId = new Map(all.map((m) => [m.id, m]));
  const matching = new Set(all.filter(wanted));
  const withParents = (m: Mailbox): boolean => {
    if (!matching.has(m)) return false;
    const parent = m.parentId === null ? undefined : byId.get(m.parentId);
    return parent === undefined || withParents(parent);
  };
  const listed = (query.sortAsTree ? asTree(all, order) : all.toSorted(order)).filter((m) =>
    query.filterAsTree ? withParents(m) : matching.has(m),
  );
  return listed.map((m) => ids.mailbox.print(m.id));
}

type Order = (a: Mailbox, b: Mailbox) => number;

function mailboxOrder(sort: readonly Comparator[]): Order {
  return (a, b) => {
    for (const { property, isAscending } of sort) {
      const order =
        property === 'name'
          ? compareVietnamese(a.name, b.name)
          : property === 'sortOrder'
            ? a.sortOrder - b.sortOrder
            : (a.parentId ?? 0) - (b.parentId ?? 0);
      if (order !== 0) return isAscending ? order : -order;
    }
    return a.id - b.id;
  };
}

/** RFC 8621 §2.3 sortAsTree: each mailbox is followed by its children, siblings in order. */
function asTree(all: readonly Mailbox[], order: Order): Mailbox[] {
  const children = new Map<Mailbox['parentId'], Mailbox[]>();
  for (const mailbox of all) children.set(mailbox.parentId, [...(children.get(mailbox.parentId) ?? []), mailbox]);
  const out: Mailbox[] = [];
  const visit = (parentId: Mailbox['parentId']): void => {
    for (const mailbox of (children.get(parentId) ?? []).toSorted(order)) {
      out.push(mailbox);
      visit(mailbox.id);
    }
  };
  visit(null);
  return out;
}
