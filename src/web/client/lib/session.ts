/** Who is signed in. One store; features read it, only the session feature writes it. */
import type { Session } from '../../../base/api-types.ts';
import { createStore, useStore } from './store.ts';

/** undefined: not asked yet; null: nobody. */
export const sessionStore = createStore<Session | null | undefined>(undefined);
/** Whose session the server ended while it was in use; not set by signing out. What they were writing waits for them in this tab. */
export const endedSession = createStore<{ address: string } | undefined>(undefined);
/**
 * Its author is signed in, or about to sign in again: what is being written may stay in this tab. After signing out nothing does, and
 * nothing once somebody else is here.
 */
export const mayKeepWriting = (author: string): boolean =>
  (sessionStore.get()?.official ?? endedSession.get())?.address === author;

export function useSession(): Session {
  const session = useStore(sessionStore);
  if (!session) throw new Error('nobody is signed in');
  return session;
}
