/** Rules of the recipient field: what is an address, how a pasted list falls apart, what is a duplicate. */
import type { DirectoryEntryView } from '../../../../base/api-types.ts';

export interface Recipient {
  name: string;
  email: string;
  /** unit: shown square with its unit; invalid: kept as typed, marked, and stops sending. */
  kind: 'person' | 'unit' | 'title' | 'unknown' | 'invalid';
  unitName?: string | undefined;
}

// RFC 5321 §4.1.2 Mailbox without quoted strings and address literals, which no office uses; letters of any script (RFC 6531).
const mailbox =
  /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;
export const isAddress = (text: string): boolean =>
  mailbox.test(text) && !text.includes('..') && !text.startsWith('.') && !text.includes('.@');

/** `"Nguyễn, Hùng" <h@x.vn>; b@x.vn` and the like; line ends, commas and semicolons separate. */
export function parseRecipients(text: string): Recipient[] {
  return splitList(text)
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => {
      const angle = /^(.*?)<\s*([^<>]+?)\s*>$/s.exec(one);
      const email = (angle?.[2] ?? one.replace(/^mailto:/i, '')).trim();
      const name = (angle?.[1] ?? '')
        .trim()
        .replace(/^"(.*)"$/s, '$1')
        .replace(/\\(.)/g, '$1')
        .trim();
      return isAddress(email) ? { name, email, kind: 'unknown' } : { name: '', email: one, kind: 'invalid' };
    });
}
function splitList(text: string): string[] {
  const out: string[] = [];
  let now = '';
  let quoted = false;
  let angle = false;
  for (const character of text) {
    if (character === '"' && !angle) quoted = !quoted;
    if (!quoted && character === '<') angle = true;
    if (!quoted && character === '>') angle = false;
    if (!quoted && !angle && /[,;\n\r\t]/.test(character)) {
      out.push(now);
      now = '';
    } else now += character;
  }
  return [...out, now];
}

export function addRecipients(list: readonly Recipient[], added: readonly Recipient[]): Recipient[] {
  const known = new Set(list.map(({ email }) => email.toLowerCase()));
  const fresh = added.filter(({ email }) => {
    const key = email.toLowerCase();
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
  return [...list, ...fresh];
}
export const fromEntry = (entry: DirectoryEntryView): Recipient => ({
  name: entry.name,
  email: entry.address,
  kind: entry.kind,
  unitName: entry.kind === 'unit' ? undefined : [entry.title, entry.unitName].filter(Boolean).join(', ') || undefined,
});
