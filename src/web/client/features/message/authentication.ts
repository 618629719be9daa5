/** What receiving servers found out about a message from outside, in one sentence. */
import type { Authentication, AuthResult } from '../../../../base/api-types.ts';
import { t } from '../../lib/i18n/i18n.ts';

export interface AuthenticationView {
  tone: 'ok' | 'warn' | 'danger';
  text: string;
  results: { name: string; result: AuthResult }[];
}
export function authenticationView(found: Authentication, fromDomain: string): AuthenticationView {
  const results = (['spf', 'dkim', 'dmarc', 'arc'] as const)
    .map((name) => ({ name: name.toUpperCase(), result: found[name] }))
    .filter(({ result }) => result !== 'none');
  if (found.dmarc === 'fail') return { tone: 'danger', text: t('auth.fail', { domain: fromDomain }), results };
  if (found.alignedDomain) return { tone: 'ok', text: t('auth.aligned', { domain: found.alignedDomain }), results };
  return { tone: 'warn', text: t('auth.unknown', { domain: fromDomain }), results };
}
export const resultTone = (result: AuthResult): 'ok' | 'warn' | 'danger' =>
  result === 'pass' ? 'ok' : result === 'fail' || result === 'permerror' ? 'danger' : 'warn';
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();
/** Another display name that looks like an address, or like one of ours, is the oldest trick. */
export function nameLooksLikeAddress(name: string | null, email: string): boolean {
  // Full-width and other forms of the same letters look alike; what nobody sees must not split a word.
  const plain = (name ?? '')
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Cc}]/gu, '')
    .toLowerCase();
  const claimed = plain.match(/[^\s<>()[\]"',;]+@[^\s<>()[\]"',;]+\.[^\s<>()[\]"',;]+/g) ?? [];
  return claimed.some((one) => one !== email.toLowerCase());
}
