/** Mail addresses and the rule by which an official gets one. Pure. */
import { fold } from '../base/text.ts';

export interface PersonName {
  familyName: string;
  middleName: string;
  givenName: string;
}

/** Names of two syllables that are one family name. Their initials count one by one all the same. */
const twoSyllableFamilies = new Set(['au duong', 'ton that', 'thuong quan', 'tu ma', 'hoang phu']);

/** "Nguyễn Thị Thu Hà" -> Nguyễn | Thị Thu | Hà. Names in another order (Ê Đê) must come in parts. */
export function splitName(fullName: string): PersonName {
  const words = fullName.trim().split(/\s+/u);
  const givenName = words.pop() ?? '';
  const two = fold(words.slice(0, 2).join(' '));
  const family = words.splice(0, twoSyllableFamilies.has(two) ? 2 : 1);
  return { familyName: family.join(' '), middleName: words.join(' '), givenName };
}

const letters = (text: string) => fold(text).replace(/[^a-z0-9]/g, '');

/**
 * Given name, then the initials of family and middle names: Nguyễn Văn Hùng -> "hungnv", Âu Dương Phong -> "phongad".
 * H'Mông is one word, Lê-Nguyễn two. Undefined: the given name has no letter that folds to a-z.
 */
export function localPartByRule(name: PersonName): string | undefined {
  const given = letters(name.givenName);
  if (given === '') return undefined;
  const initials = `${name.familyName} ${name.middleName}`.split(/[\s\-‐‑–.]+/u).map((word) => letters(word).charAt(0));
  return (given + initials.join('')).slice(0, MAX_RULE_PART);
}
/** Leaves room for a number within RFC 5321 §4.5.3.1.1's 64 octets. */
const MAX_RULE_PART = 56;

/** Role names of RFC 2142 and the like: nobody gets them by the rule. */
const reserved = new Set([
  'postmaster',
  'abuse',
  'hostmaster',
  'webmaster',
  'root',
  'admin',
  'administrator',
  'security',
  'noc',
  'noreply',
  'mailer-daemon',
  'support',
  'info',
]);

/** hungnv, hungnv1, hungnv2 …: the first that was never given to anybody. */
export function firstFree(localPart: string, isTaken: (candidate: string) => boolean): string {
  if (!reserved.has(localPart) && !isTaken(localPart)) return localPart;
  for (let n = 1; ; n++) if (!isTaken(`${localPart}${n}`)) return `${localPart}${n}`;
}

export interface Domains {
  domain: string;
  aliasDomains: readonly string[];
}

// RFC 5321 §4.1.2 Dot-string, without what no office address needs. "+" is left to plus addressing.
const givable = /^[a-z0-9](?:[a-z0-9_-]|\.(?!\.)){0,62}(?<![._-])$/;

/** What may be given to an account: lower case, at our main domain. Undefined: not such an address. */
export function givableAddress(text: string, { domain }: Domains): string | undefined {
  const { localPart, domain: at } = splitAddress(text.trim().toLowerCase()) ?? {};
  return localPart !== undefined && at === domain && givable.test(localPart) ? `${localPart}@${domain}` : undefined;
}

/** The key under which an address is looked up: lower case, alias domain replaced, "+detail" cut off. Undefined: not ours. */
export function lookupKey(text: string, domains: Domains): string | undefined {
  if (text.length > 320) return undefined;
  const parts = splitAddress(text.trim().toLowerCase());
  if (!parts || !isLocal(parts.domain, domains)) return undefined;
  const localPart = unquoted(parts.localPart);
  const plus = localPart.indexOf('+');
  const base = plus > 0 ? localPart.slice(0, plus) : localPart;
  return givable.test(base) ? `${base}@${domains.domain}` : undefined;
}

// RFC 5321 §4.1.2: "hungnv"@ and hungnv@ are one address; a backslash says no more than that the next character is meant.
function unquoted(localPart: string): string {
  const inside = /^"((?:[^"\\]|\\.)*)"$/.exec(localPart)?.[1];
  return inside === undefined ? localPart : inside.replace(/\\(.)/g, '$1');
}

export function isLocal(domain: string, { domain: main, aliasDomains }: Domains): boolean {
  const at = domain.toLowerCase().replace(/\.$/, '');
  return at === main || aliasDomains.includes(at);
}

export function splitAddress(address: string): { localPart: string; domain: string } | undefined {
  const at = address.lastIndexOf('@');
  if (at < 1 || at === address.length - 1) return undefined;
  return { localPart: address.slice(0, at), domain: address.slice(at + 1).replace(/\.$/, '') };
}

export const isReservedLocalPart = (localPart: string): boolean => reserved.has(localPart.toLowerCase());
