/** Which addresses are units' (square avatars) and which domains are ours (no "from outside"). */
import { useEffect, useMemo } from 'react';
import { listUnits } from '../../lib/api/directory.ts';
import { createStore, useStore } from '../../lib/store.ts';
import { quietly } from '../../lib/jmap/hub.ts';
import { useSession } from '../../lib/session.ts';

const units = createStore<readonly string[] | undefined>(undefined);
let asked = false;

export interface KnownAddresses {
  unitAddresses: ReadonlySet<string>;
  ownDomains: ReadonlySet<string>;
}
export function useKnownAddresses(): KnownAddresses {
  const session = useSession();
  const known = useStore(units);
  useEffect(() => {
    if (asked) return;
    asked = true;
    quietly(listUnits().then((list) => units.set(list.map(({ email }) => email?.toLowerCase() ?? '').filter(Boolean))));
  }, []);
  return useMemo(() => {
    const own = session.accounts.flatMap(({ addresses }) => addresses);
    const domains = [...own, session.official.address, ...(known ?? [])].map((address) =>
      address.slice(address.lastIndexOf('@') + 1).toLowerCase(),
    );
    const mine = session.accounts
      .filter(({ kind }) => kind !== 'person')
      .flatMap(({ addresses }) => addresses.map((one) => one.toLowerCase()));
    return { unitAddresses: new Set([...(known ?? []), ...mine]), ownDomains: new Set(domains) };
  }, [session, known]);
}
