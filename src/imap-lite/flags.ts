/** IMAP flags and the store's keywords (RFC 8621 §4.1.1): \Seen is $seen; \Deleted belongs to the place. */
import { bad } from './errors.ts';
import type { Flags } from './store.ts';

const SYSTEM: ReadonlyMap<string, string> = new Map([
  ['\\seen', '$seen'],
  ['\\flagged', '$flagged'],
  ['\\answered', '$answered'],
  ['\\draft', '$draft'],
]);
/** RFC 9051 §2.3.2: registered keywords of mail programs; their case does not matter, but they are known by this one. */
const REGISTERED = ['$Forwarded', '$MDNSent', '$Junk', '$NotJunk', '$Phishing'];
/** Others that mail programs put on messages, as they write them: the marks of Apple Mail, the junk of Thunderbird and Apple. */
const WRITTEN = [
  ...['$MailFlagBit0', '$MailFlagBit1', '$MailFlagBit2', '$Submitted', '$SubmitPending'],
  ...['Junk', 'NonJunk', 'NotJunk', 'JunkRecorded'],
];
const SHOWN: ReadonlyMap<string, string> = new Map([
  ['$seen', '\\Seen'],
  ['$flagged', '\\Flagged'],
  ['$answered', '\\Answered'],
  ['$draft', '\\Draft'],
  ...[...REGISTERED, ...WRITTEN].map((name): [string, string] => [name.toLowerCase(), name]),
]);
const shown = (keyword: string): string => SHOWN.get(keyword) ?? keyword;

const USUAL = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft', ...REGISTERED];

/** FLAGS of a mailbox, with the keywords that messages have; any other may be made. */
export const flagList = (keywords: readonly string[]): string =>
  [...new Set([...USUAL, ...keywords.map(shown)])].join(' ');

/** @throws ImapError for \Recent (RFC 3501 §2.3.2: set by the server only) and unknown "\" flags. */
export function flagsOf(names: readonly string[]): Flags {
  const keywords = new Set<string>();
  let deleted = false;
  for (const name of names) {
    const lower = name.toLowerCase();
    if (lower === '\\deleted') deleted = true;
    else if (lower.startsWith('\\') && !SYSTEM.has(lower)) throw bad(`no such flag: ${name}`);
    else keywords.add(SYSTEM.get(lower) ?? lower);
  }
  return { keywords: [...keywords], deleted };
}

/** The keyword behind one flag name of SEARCH; undefined for \Deleted. */
export const keywordOf = (flag: string): string | undefined => flagsOf([flag]).keywords[0];

/** The store gives the same list to all messages that have the same keywords. */
const printed = new WeakMap<readonly string[], string>();

/** RFC 3501 §2.3.2: printed flags, for the session that was the first to hear of the message. */
export const withRecent = (printed: string): string =>
  printed === '()' ? '(\\Recent)' : `${printed.slice(0, -1)} \\Recent)`;

export function printFlags({ keywords, deleted }: Flags, recent = false): string {
  let text = printed.get(keywords);
  if (text === undefined) printed.set(keywords, (text = keywords.map(shown).join(' ')));
  if (deleted) text = text === '' ? '\\Deleted' : `${text} \\Deleted`;
  return recent ? withRecent(`(${text})`) : `(${text})`;
}
