/** IMAP flags and the store's keywords (RFC 8621 §4.1.1): \Seen is $seen; \Deleted belongs to the place. */
import { bad } from './errors.ts';
import type { Flags } from './store.ts';

const SYSTEM: Record<string, string> = {
  '\\seen': '$seen',
  '\\flagged': '$flagged',
  '\\answered': '$answered',
  '\\draft': '$draft',
};
const SHOWN: Record<string, string> = {
  $seen: '\\Seen',
  $flagged: '\\Flagged',
  $answered: '\\Answered',
  $draft: '\\Draft',
};

/** FLAGS of a mailbox; any other keyword may be made. */
export const FLAG_LIST = '\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk';

/** @throws ImapError for \Recent (RFC 3501 §2.3.2: set by the server only) and unknown "\" flags. */
export function flagsOf(names: readonly string[]): Flags {
  const keywords = new Set<string>();
  let deleted = false;
  for (const name of names) {
    const lower = name.toLowerCase();
    if (lower === '\\deleted') deleted = true;
    else if (lower.startsWith('\\') && !SYSTEM[lower]) throw bad(`no such flag: ${name}`);
    else keywords.add(SYSTEM[lower] ?? lower);
  }
  return { keywords: [...keywords], deleted };
}

/** The keyword behind one flag name of SEARCH; undefined for \Deleted. */
export const keywordOf = (flag: string): string | undefined => flagsOf([flag]).keywords[0];

/** The store gives the same list to all messages that have the same keywords. */
const printed = new WeakMap<readonly string[], string>();

export function printFlags({ keywords, deleted }: Flags, recent = false): string {
  let text = printed.get(keywords);
  if (text === undefined) printed.set(keywords, (text = keywords.map((k) => SHOWN[k] ?? k).join(' ')));
  if (!deleted && !recent) return `(${text})`;
  const more = deleted ? (recent ? '\\Deleted \\Recent' : '\\Deleted') : '\\Recent';
  return text === '' ? `(${more})` : `(${text} ${more})`;
}
