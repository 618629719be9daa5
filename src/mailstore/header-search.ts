/**
 * The `header` condition (RFC 8621 §4.4.1): no index knows every header field, so the emails that the rest of the filter
 * leaves are looked at one by one, outside any unit of work, and the condition becomes a list of ids.
 */
import { DomainError } from '../base/errors.ts';
import type { EmailId } from '../base/ids.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { decodeHeaderText, findFields } from '../message/header.ts';
import type { HeaderField } from '../message/types.ts';
import { candidates } from './repository/query/run.ts';
import type { Scope } from './repository/scope.ts';
import { storedHeader } from './text/trace-fields.ts';
import type { EmailCondition, EmailFilter } from './types.ts';

/** Emails whose headers one query may look into. */
const MAX_LOOKED_INTO = 20_000;
const AT_ONCE = 8;

type Operator = Exclude<EmailFilter, EmailCondition>;

export function hasHeaderCondition(filter: EmailFilter): boolean {
  return 'operator' in filter ? filter.conditions.some(hasHeaderCondition) : filter.header !== undefined;
}

/** The same filter with every header condition answered. */
export async function resolveHeaders(scope: Scope, blobs: BlobStore, filter: EmailFilter): Promise<EmailFilter> {
  if (!('operator' in filter)) return resolveCondition(scope, blobs, filter, undefined);
  if (filter.operator !== 'AND') {
    const conditions: EmailFilter[] = [];
    for (const c of filter.conditions) conditions.push(await resolveHeaders(scope, blobs, c));
    return { ...filter, conditions };
  }
  return resolveAnd(scope, blobs, filter);
}

/** What the siblings leave is all that has to be looked into. */
async function resolveAnd(scope: Scope, blobs: BlobStore, filter: Operator): Promise<EmailFilter> {
  const plain = filter.conditions.filter((c) => !hasHeaderCondition(c));
  const rest: EmailFilter | undefined = plain.length > 0 ? { operator: 'AND', conditions: plain } : undefined;
  const conditions = [...plain];
  for (const c of filter.conditions.filter(hasHeaderCondition)) {
    conditions.push(
      'operator' in c ? await resolveHeaders(scope, blobs, c) : await resolveCondition(scope, blobs, c, rest),
    );
  }
  return { operator: 'AND', conditions };
}

async function resolveCondition(
  scope: Scope,
  blobs: BlobStore,
  condition: EmailCondition,
  siblings: EmailFilter | undefined,
): Promise<EmailCondition> {
  const { header, ...own } = condition;
  if (!header) return condition;
  const filter: EmailFilter = siblings ? { operator: 'AND', conditions: [own, siblings] } : own;
  const [name, value] = header;
  const found = await candidates(scope, filter, MAX_LOOKED_INTO + 1, partOfId(name, value));
  if (found.length > MAX_LOOKED_INTO) {
    throw new DomainError('overLimit', 'mail.search_too_wide', 'too many emails to look into their headers', {
      max: MAX_LOOKED_INTO,
    });
  }
  const matches = matcher(name, value);
  const emailIds: EmailId[] = [];
  for (let i = 0; i < found.length; i += AT_ONCE) {
    const part = found.slice(i, i + AT_ONCE);
    const fields = await Promise.all(part.map(({ blobHash }) => storedHeader(blobs, blobHash)));
    part.forEach(({ id }, at) => {
      if (matches(fields[at] ?? [])) emailIds.push(id);
    });
  }
  const wanted = own.emailIds && new Set(own.emailIds);
  return { ...own, emailIds: wanted ? emailIds.filter((id) => wanted.has(id)) : emailIds };
}

/** What one of a message's ids must hold when the field matches: ids are stored as they are written. */
function partOfId(name: string, value: string | undefined): string | undefined {
  if (!['message-id', 'in-reply-to', 'references'].includes(name.toLowerCase())) return undefined;
  const inner = value?.trim().replace(/^</, '').replace(/>$/, '');
  return inner && /^[A-Za-z0-9.@_+-]{3,}$/.test(inner) ? inner : undefined;
}

function matcher(name: string, value: string | undefined): (fields: readonly HeaderField[]) => boolean {
  const wanted = value?.normalize('NFC').toLowerCase();
  return (fields) =>
    findFields(fields, name).some(
      (f) => wanted === undefined || decodeHeaderText(f.raw).normalize('NFC').toLowerCase().includes(wanted),
    );
}
