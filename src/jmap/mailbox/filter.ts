/** RFC 8621 §2.3: FilterCondition of Mailbox. */
import { fold } from '../../base/text.ts';
import type { ObjectIds } from '../../base/object-ids.ts';
import type { Mailbox } from '../../mailstore/types.ts';
import { MethodError } from '../core/errors.ts';
import { matches, parseFilter } from '../core/filter.ts';

interface Condition {
  tests: ((mailbox: Mailbox) => boolean)[];
}

/** @throws MethodError invalidArguments, unsupportedFilter */
export function mailboxFilter(
  filter: Record<string, unknown> | null,
  ids: ObjectIds,
  maxConditions: number,
): (mailbox: Mailbox) => boolean {
  if (filter === null) return () => true;
  const tree = parseFilter<Condition>(filter, (raw) => readCondition(raw, ids), maxConditions);
  return (mailbox) => matches(tree, ({ tests }) => tests.every((test) => test(mailbox)));
}

function readCondition(raw: Record<string, unknown>, ids: ObjectIds): Condition {
  return { tests: Object.entries(raw).map(([name, value]) => readTest(name, value, ids)) };
}

function readTest(name: string, value: unknown, ids: ObjectIds): (mailbox: Mailbox) => boolean {
  const isText = typeof value === 'string';
  switch (name) {
    case 'parentId':
      if (value === null) return (m) => m.parentId === null;
      if (isText) return (m) => m.parentId !== null && m.parentId === ids.mailbox.parse(value);
      break;
    case 'name':
      if (isText) return (m) => fold(m.name).includes(fold(value));
      break;
    case 'role':
      if (isText || value === null) return (m) => m.role === value;
      break;
    case 'hasAnyRole':
      if (typeof value === 'boolean') return (m) => (m.role !== null) === value;
      break;
    case 'isSubscribed':
      if (typeof value === 'boolean') return (m) => m.isSubscribed === value;
      break;
    default:
      throw new MethodError('unsupportedFilter', `unknown condition: ${name.slice(0, 100)}`);
  }
  throw new MethodError('invalidArguments', `filter: ${name} is of the wrong type`);
}
