/** What every match must fulfil, so that no more rows of the mailbox are read. */
import type { PlacePick } from '../../mailstore/types.ts';
import { keywordOf } from '../flags.ts';
import type { SearchKey } from '../wire/search-key.ts';
import type { Terms } from './match.ts';

/** What the store finds without looking at each message's keywords. */
const COMMON = new Set(['$seen', '$flagged', '$answered', '$draft', '$forwarded']);

type Known = Pick<Terms, 'hits' | 'sets'>;

export function necessary(key: SearchKey, known: Known): PlacePick {
  const uids = uidsOf(key, known);
  const flags = flagsOf(key);
  return { ...(uids && { uids: [...uids].sort((a, b) => a - b) }), ...(flags.length > 0 && { flags }) };
}

/** undefined: any message may match. */
function uidsOf(key: SearchKey, known: Known): ReadonlySet<number> | undefined {
  switch (key.key) {
    case 'AND':
      return key.of
        .map((k) => uidsOf(k, known))
        .reduce((a, b) => (a === undefined || (b !== undefined && b.size < a.size) ? b : a), undefined);
    case 'OR': {
      const all = key.of.map((k) => uidsOf(k, known));
      return all.every((one) => one !== undefined) ? new Set(all.flatMap((one) => [...one])) : undefined;
    }
    default:
      return known.hits.get(key) ?? known.sets.get(key);
  }
}

/** Flags that a match has, or has not, for sure. */
function flagsOf(key: SearchKey): { keyword: string; has: boolean }[] {
  if (key.key === 'AND') return key.of.flatMap(flagsOf);
  const [of, has] = key.key === 'NOT' ? [key.of, false] : [key, true];
  const keyword = of.key === 'FLAG' ? keywordOf(of.flag) : undefined;
  return keyword === undefined || !COMMON.has(keyword) ? [] : [{ keyword, has }];
}
