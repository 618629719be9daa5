/** Who is signed in; the only writer of the session store. */
import type { Session } from '../../../../../base/api-types.ts';
import { composeIntent } from '../../../lib/compose-intent.ts';
import { passwordQuestion } from '../../../lib/confirm-password.ts';
import { api, ApiError } from '../../../lib/http.ts';
import { setLocale, storedLocale } from '../../../lib/i18n/i18n.ts';
import { closeHub } from '../../../lib/jmap/hub.ts';
import { endedSession, sessionStore } from '../../../lib/session.ts';
import { tellTabs } from '../../../lib/tabs.ts';
import { signingDesk } from '../../../lib/signer.ts';
import { toasts } from '../../../lib/toasts.ts';

async function accept(session: Session): Promise<void> {
  if (!storedLocale()) await setLocale(session.locale, false);
  endedSession.set(undefined);
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
  const session = await api<Session>('POST', '/session', { address, password });
  await accept(session);
  tellTabs(session.official.id);
}
/** Other browsers are signed out; with `endAppPasswords` mail programs too. */
export const changePassword = (current: string, next: string, endAppPasswords = false): Promise<void> =>
  api('POST', '/session/password', { current, next, endAppPasswords });

/** Nothing of the official stays in this tab: worker, mail, drafts kept for recovery, caches. */
export function forget(): void {
  endedSession.set(undefined);
  leaveDesk();
  for (const key of Object.keys(sessionStorage)) if (key.startsWith('congvu.')) sessionStorage.removeItem(key);
}
/** The server ended the session in the middle of work: mail and key go as ever, but what was being written waits for its author. */
export function sessionEnded(): void {
  const session = sessionStore.get();
  if (!session) return;
  endedSession.set({ address: session.official.address });
  leaveDesk();
}
function leaveDesk(): void {
  signingDesk.get()?.close();
  composeIntent.set(null);
  passwordQuestion.get()?.answer(undefined);
  toasts.set([]);
  closeHub();
  sessionStore.set(null);
}
export async function signOut(): Promise<void> {
  await api('DELETE', '/session');
  tellTabs(null);
  forget();
  if ('caches' in window) for (const name of await caches.keys()) await caches.delete(name);
  // A fresh page: no list, body or key can linger in memory.
  location.assign('/');
}

/** Another tab of this browser signed in or out: the cookie is shared, so this tab must not go on as somebody else. */
export function followTab(official: number | null): void {
  const mine = sessionStore.get()?.official.id;
  if (mine !== undefined && mine !== official) forget();
  // On the sign-in page too: who signed in over there need not do it again here.
  if (official !== null && mine !== official) void loadSession().catch(() => undefined);
}
