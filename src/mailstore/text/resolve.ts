/**
 * Conditions on text that neither the index nor a column answers alone become lists of ids before the query: phrases typed
 * with marks, parts of subject or addresses typed with marks, and header fields.
 */
import { isMarked } from '../../base/word-text.ts';
import type { EmailId } from '../../base/ids.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import type { Scope } from '../repository/scope.ts';
import type { Candidate } from '../repository/search.ts';
import type { EmailCondition, EmailFilter } from '../types.ts';
import { findLiteral, findPhrase } from './find.ts';
import { needsText, typedGroups } from './typed.ts';

export function hasTextCondition(filter: EmailFilter): boolean {
  if ('operator' in filter) return filter.conditions.some(hasTextCondition);
  if (filter.text !== undefined || filter.body !== undefined || filter.header !== undefined) return true;
  return HEADS.some((name) => isMarked(filter[name] ?? ''));
}

const HEADS = ['subject', 'from', 'to', 'cc', 'bcc'] as const;

export async function resolveText(scope: Scope, blobs: BlobStore, filter: EmailFilter): Promise<EmailFilter> {
  if ('operator' in filter) {
    const conditions: EmailFilter[] = [];
    for (const c of filter.conditions) conditions.push(await resolveText(scope, blobs, c));
    return { ...filter, conditions };
  }
  const { header, ...own } = filter;
  const found = [...(await phrases(scope, own)), ...(await heads(scope, blobs, own))];
  if (header) found.push(await withHeader(scope, blobs, header));
  if (found.length === 0) return own;
  return { operator: 'AND', conditions: [own, { emailIds: inAll(found) }] };
}

/** One list, however many words were typed: each list would be a condition more. */
function inAll([first = [], ...others]: readonly EmailId[][]): EmailId[] {
  return others.reduce((left, list) => {
    const known = new Set(list);
    return left.filter((id) => known.has(id));
  }, first);
}

/** RFC 8621 §4.4.1: a field of this name, with a value that holds the text where one is given. */
async function withHeader(scope: Scope, blobs: BlobStore, [name, text = '']: [string, string?]): Promise<EmailId[]> {
  return idsOf(await findLiteral(scope, blobs, { in: 'header', field: name.toLowerCase(), text }));
}

async function phrases(scope: Scope, { text, body }: EmailCondition): Promise<EmailId[][]> {
  const found: EmailId[][] = [];
  for (const [where, typed] of [['text', text] as const, ['body', body] as const]) {
    for (const group of typedGroups(typed ?? '').filter(needsText)) {
      found.push(idsOf(await findPhrase(scope, where, group)));
    }
  }
  return found;
}

async function heads(scope: Scope, blobs: BlobStore, condition: EmailCondition): Promise<EmailId[][]> {
  const found: EmailId[][] = [];
  for (const field of HEADS) {
    const parts = [...(condition[field] ?? '').matchAll(/"([^"]*)"?|([^"\s]+)/g)].map(
      ([, q, plain]) => q ?? plain ?? '',
    );
    for (const text of new Set(parts.filter(isMarked))) {
      const ids = idsOf(await findLiteral(scope, blobs, { in: 'header', field, text }));
      found.push(ids);
      // Nothing has all of them.
      if (ids.length === 0) return found;
    }
  }
  return found;
}

const idsOf = (found: readonly Candidate[]): EmailId[] => found.map(({ id }) => id);
