/** Email/query filters and sorts (RFC 8621 §4.4.1, §4.4.2) in the store's words. */
import type { MailboxId } from '../../base/ids.ts';
import type { ObjectIds } from '../../base/object-ids.ts';
import type { EmailCondition, EmailFilter, EmailSort } from '../../mailstore/types.ts';
import { knowsOfficial, type MethodContext } from '../context.ts';
import { parseUtcDate, type Comparator } from '../core/arguments.ts';
import { MethodError } from '../core/errors.ts';
import { parseFilter, someCondition } from '../core/filter.ts';
import { resolveId } from '../core/get.ts';
import { checkSort } from '../core/sort.ts';
import { isKeyword } from './keywords.ts';

/** An id that no mailbox has: such a condition matches nothing. */
const NO_MAILBOX = 0 as MailboxId;

interface Where {
  context: MethodContext;
  ids: ObjectIds;
}
type Reader = (where: Where, value: unknown) => EmailCondition | undefined;

const text =
  (name: 'text' | 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body'): Reader =>
  (_, value) =>
    typeof value === 'string' ? { [name]: value } : undefined;
const keyword =
  (
    name:
      'hasKeyword' | 'notKeyword' | 'someInThreadHaveKeyword' | 'allInThreadHaveKeyword' | 'noneInThreadHaveKeyword',
  ): Reader =>
  (_, value) =>
    isKeyword(value) ? { [name]: value.toLowerCase() } : undefined;
const date =
  (name: 'before' | 'after'): Reader =>
  (_, value) => {
    const at = typeof value === 'string' ? parseUtcDate(value) : undefined;
    return at === undefined ? undefined : { [name]: at };
  };
const size =
  (name: 'minSize' | 'maxSize'): Reader =>
  (_, value) =>
    Number.isSafeInteger(value) && Number(value) >= 0 ? { [name]: Number(value) } : undefined;
const flag =
  (name: 'hasAttachment' | 'hasDocument' | 'isSigned'): Reader =>
  (_, value) =>
    typeof value === 'boolean' ? { [name]: value } : undefined;

const mailboxOf = ({ context, ids }: Where, value: unknown): MailboxId | undefined =>
  typeof value === 'string' ? (ids.mailbox.parse(resolveId(context, value)) ?? NO_MAILBOX) : undefined;

const conditions: Readonly<Record<string, Reader>> = {
  inMailbox(where, value) {
    const id = mailboxOf(where, value);
    return id === undefined ? undefined : { inMailbox: id };
  },
  inMailboxOtherThan(where, value) {
    if (!Array.isArray(value)) return undefined;
    const ids = value.map((id) => mailboxOf(where, id));
    return ids.every((id) => id !== undefined) ? { inMailboxOtherThan: ids } : undefined;
  },
  header(_, value) {
    if (
      !Array.isArray(value) ||
      value.length < 1 ||
      value.length > 2 ||
      !value.every((item) => typeof item === 'string')
    )
      return undefined;
    const [name = '', wanted] = value;
    return { header: wanted === undefined ? [name] : [name, wanted] };
  },
  before: date('before'),
  after: date('after'),
  minSize: size('minSize'),
  maxSize: size('maxSize'),
  allInThreadHaveKeyword: keyword('allInThreadHaveKeyword'),
  someInThreadHaveKeyword: keyword('someInThreadHaveKeyword'),
  noneInThreadHaveKeyword: keyword('noneInThreadHaveKeyword'),
  hasKeyword: keyword('hasKeyword'),
  notKeyword: keyword('notKeyword'),
  hasAttachment: flag('hasAttachment'),
  text: text('text'),
  from: text('from'),
  to: text('to'),
  cc: text('cc'),
  bcc: text('bcc'),
  subject: text('subject'),
  body: text('body'),
};
const officialConditions: Readonly<Record<string, Reader>> = {
  'congvu:hasDocument': flag('hasDocument'),
  'congvu:isSigned': flag('isSigned'),
};

/** @throws MethodError invalidArguments, unsupportedFilter */
export function emailFilter(
  context: MethodContext,
  filter: Record<string, unknown> | null,
  ids: ObjectIds,
): EmailFilter | undefined {
  if (filter === null) return undefined;
  const known = knowsOfficial(context) ? { ...conditions, ...officialConditions } : conditions;
  return parseFilter<EmailCondition>(
    filter,
    (raw) => {
      const out: EmailCondition = {};
      for (const [name, value] of Object.entries(raw)) {
        const reader = Object.hasOwn(known, name) ? known[name] : undefined;
        if (!reader) throw new MethodError('unsupportedFilter', `unknown condition: ${name.slice(0, 100)}`);
        const condition = reader({ context, ids }, value);
        if (!condition) throw new MethodError('invalidArguments', `filter: ${name} is of the wrong type`);
        Object.assign(out, condition);
      }
      return out;
    },
    context.settings.maxFilterConditions,
  );
}

const keywordSorts = ['hasKeyword', 'allInThreadHaveKeyword', 'someInThreadHaveKeyword'];
export const emailSorts = ['receivedAt', 'sentAt', 'size', 'from', 'to', 'subject', ...keywordSorts];

/** @throws MethodError unsupportedSort, invalidArguments */
export function emailSort(sort: readonly Comparator[] | null): EmailSort[] | undefined {
  const checked = checkSort(sort, emailSorts);
  if (checked.length === 0) return undefined;
  return checked.map(({ property, isAscending, keyword: name }) => {
    const base = { property: property as EmailSort['property'], isAscending };
    if (!keywordSorts.includes(property)) return base;
    if (!isKeyword(name)) throw new MethodError('invalidArguments', `sort: ${property} needs a keyword`);
    return { ...base, keyword: name.toLowerCase() };
  });
}

/** Whether an email's place may depend on other emails of its thread. */
export function looksAtThreads(filter: EmailFilter | undefined, sort: readonly EmailSort[] | undefined): boolean {
  const inFilter =
    filter !== undefined &&
    someCondition<EmailCondition>(
      filter,
      (c) =>
        c.allInThreadHaveKeyword !== undefined ||
        c.someInThreadHaveKeyword !== undefined ||
        c.noneInThreadHaveKeyword !== undefined,
    );
  return (
    inFilter ||
    (sort?.some((s) => s.property === 'allInThreadHaveKeyword' || s.property === 'someInThreadHaveKeyword') ?? false)
  );
}

/** A document may be registered after its mail came: the email's own log does not tell. */
export function looksAtDocuments(filter: EmailFilter | undefined): boolean {
  return filter !== undefined && someCondition<EmailCondition>(filter, (c) => c.hasDocument !== undefined);
}
