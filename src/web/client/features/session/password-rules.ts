/** What can be said before the server is asked; the server has the last word (password.too_weak). */
import type { Key } from '../../lib/i18n/i18n.ts';

export function passwordProblem(current: string, next: string, again: string): Key | undefined {
  if (!current || !next) return 'session.fillAll';
  if ([...next.normalize('NFC')].length < 10) return 'session.passwordShort';
  if (next === current) return 'session.passwordSame';
  if (next !== again) return 'session.passwordDiffers';
  return undefined;
}
