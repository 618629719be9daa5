/** Keywords as stored: the common ones as bits, the rest as a sorted list. */
import { DomainError } from '../base/errors.ts';

const BITS = { $seen: 1, $flagged: 2, $answered: 4, $draft: 8, $forwarded: 16 } as const;
const bitOf: ReadonlyMap<string, number> = new Map(Object.entries(BITS));

const MAX_KEYWORDS = 100;

export interface StoredKeywords {
  flags: number;
  keywords: string[];
}
export interface KeywordPatch {
  set?: readonly string[];
  add?: readonly string[];
  remove?: readonly string[];
}

/** Neither seen nor a draft (RFC 8621 §2 unreadEmails). */
export const UNREAD_MASK = BITS.$seen | BITS.$draft;
export const isUnread = (flags: number): boolean => (flags & UNREAD_MASK) === 0;

export const keywordBit = (keyword: string): number | undefined => bitOf.get(keyword);

/** RFC 8621 §4.1.1: 1..255 of %x21-7e except ( ) { ] % * " \. Before its case is lost: the Kelvin sign in lower case is a "k". */
export const isKeyword = (name: string): boolean => /^[!#$&'+-[^-z|}~]{1,255}$/.test(name);

/** In lower case. */
export function normalKeyword(keyword: string): string {
  if (!isKeyword(keyword)) {
    throw new DomainError('invalid', 'mail.keyword_invalid', `not a keyword: ${JSON.stringify(keyword.slice(0, 80))}`, {
      keyword: keyword.slice(0, 80),
    });
  }
  return keyword.toLowerCase();
}

export function packKeywords(list: Iterable<string>): StoredKeywords {
  let flags = 0;
  const others = new Set<string>();
  for (const keyword of list) {
    const name = normalKeyword(keyword);
    const bit = bitOf.get(name);
    if (bit) flags |= bit;
    else others.add(name);
  }
  if (others.size > MAX_KEYWORDS) {
    throw new DomainError('overLimit', 'mail.too_many_keywords', `more than ${MAX_KEYWORDS} keywords`, {
      max: MAX_KEYWORDS,
    });
  }
  return { flags, keywords: [...others].sort() };
}

export function unpackKeywords({ flags, keywords }: StoredKeywords): string[] {
  const list = [...keywords];
  for (const [name, bit] of bitOf) if (flags & bit) list.push(name);
  return list.sort();
}

/** The patch with every name checked; applied to any number of emails. */
export function keywordPatcher(patch: KeywordPatch): (now: StoredKeywords) => StoredKeywords {
  const set = patch.set && packKeywords(patch.set);
  const add = packKeywords(patch.add ?? []);
  const remove = packKeywords(patch.remove ?? []);
  return (now) => {
    const start = set ?? now;
    const others = new Set(start.keywords);
    for (const k of add.keywords) others.add(k);
    for (const k of remove.keywords) others.delete(k);
    // A later patch may not pass the limit that one call cannot.
    return packKeywords(unpackKeywords({ flags: (start.flags | add.flags) & ~remove.flags, keywords: [...others] }));
  };
}

export const sameKeywords = (a: StoredKeywords, b: StoredKeywords): boolean =>
  a.flags === b.flags && a.keywords.length === b.keywords.length && a.keywords.every((k, i) => k === b.keywords[i]);
