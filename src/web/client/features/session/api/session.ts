/** Who is signed in; the only writer of the session store. */
import type { Session } from '../../../../../base/api-types.ts';
import { composeIntent } from '../../../lib/compose-intent.ts';
import { passwordQuestion } from '../../../lib/confirm-password.ts';
import { api, ApiError } from '../../../lib/http.ts';
import { setLocale, storedLocale } from '../../../lib/i18n/i18n.ts';
import { closeHub } from '../../../lib/jmap/hub.ts';
import { sessionStore } from '../../../lib/session.ts';
import { signingDesk } from '../../../lib/signer.ts';
import { toasts } from '../../../lib/toasts.ts';

async function accept(session: Session): Promise<void> {
  if (!storedLocale()) await setLocale(session.locale, false);
  sessionStore.set(session);
}
export async function loadSession(): Promise<void> {
  try {
    await accept(await api<Session>('GET', '/session'));
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
    sessionStore.set(null);
  }
}
export async function signIn(address: string, password: string): Promise<void> {
  await accept(await api<Session>('POST', '/session', { address, password }));
}
/** Other browsers are signed out; with `endAppPasswords` mail programs too. */
export const changePassword = (current: string, next: string, endAppPasswords = false): Promise<void> =>
  api('POST', '/session/password', { current, next, endAppPasswords });

/** Nothing of the official stays in this tab: worker, mail, drafts kept for recovery, caches. */
export function forget(): void {
  signingDesk.get()?.close();
  composeIntent.set(null);
  passwordQuestion.get()?.answer(undefined);
  toasts.set([]);
  closeHub();
  for (const key of Object.keys(sessionStorage)) if (key.startsWith('congvu.')) sessionStorage.removeItem(key);
  sessionStore.set(null);
}
export async function signOut(): Promise<void> {
  await api('DELETE', '/session');
  forget();
  if ('caches' in window) for (const name of await caches.keys()) await caches.delete(name);
  // A fresh page: no list, body or key can linger in memory.
  location.assign('/');
}
