/** All accounts of the signed-in official: their stores, live update, and leaving nothing behind on sign-out. */
import { useSyncExternalStore } from 'react';
import { online } from '../http.ts';
import { createStore, useStore } from '../store.ts';
import { JmapClient } from './client.ts';
import { MailStore } from './mail-store.ts';
import { listen } from './push.ts';
import { MAIL, type Id } from './types.ts';

export interface Hub {
  client: JmapClient;
  primary: Id;
  accounts: ReadonlyMap<Id, MailStore>;
}
export const hubStore = createStore<Hub | undefined>(undefined);
let stop: (() => void) | undefined;

export async function openHub(): Promise<Hub> {
  const client = await JmapClient.connect();
  const ids = Object.keys(client.session.accounts);
  const primary = client.session.primaryAccounts[MAIL] ?? ids[0] ?? '';
  const accounts = new Map(ids.map((id) => [id, new MailStore(client, id)]));
  const hub: Hub = { client, primary, accounts };
  hubStore.set(hub);
  const stopPush = listen(client.session, (changed) => {
    for (const [id, store] of accounts) if (changed.length === 0 || changed.includes(id)) quietly(store.sync());
  });
  const wake = (): void => {
    if (document.visibilityState === 'visible') for (const store of accounts.values()) quietly(store.sync());
  };
  const offline = (): void => online.set(false);
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', wake);
  window.addEventListener('offline', offline);
  stop = () => {
    stopPush();
    document.removeEventListener('visibilitychange', wake);
    window.removeEventListener('online', wake);
    window.removeEventListener('offline', offline);
  };
  return hub;
}

export function closeHub(): void {
  stop?.();
  stop = undefined;
  hubStore.set(undefined);
}

/** A failed background sync shows as "offline" or is asked again at the next change; nothing else to say. */
export function quietly(work: Promise<unknown>): void {
  work.catch(() => undefined);
}

export function useHub(): Hub {
  const hub = useStore(hubStore);
  if (!hub) throw new Error('the mail hub is not open');
  return hub;
}
/** Re-renders whenever the account's mail changes. */
export function useMailStore(accountId: Id): MailStore {
  const hub = useHub();
  const store = hub.accounts.get(accountId) ?? hub.accounts.get(hub.primary);
  if (!store) throw new Error('no account');
  useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot);
  return store;
}
