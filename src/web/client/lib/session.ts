/** Who is signed in. One store; features read it, only the session feature writes it. */
import type { Session } from '../../../base/api-types.ts';
import { createStore, useStore } from './store.ts';

/** undefined: not asked yet; null: nobody. */
export const sessionStore = createStore<Session | null | undefined>(undefined);
export function useSession(): Session {
  const session = useStore(sessionStore);
  if (!session) throw new Error('nobody is signed in');
  return session;
}
