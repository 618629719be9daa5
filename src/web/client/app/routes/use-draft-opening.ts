/** A draft is not read but written on. */
import { useCallback } from 'react';
import { openCompose } from '../../lib/compose-intent.ts';
import { describe } from '../../lib/errors.ts';
import type { MailStore } from '../../lib/jmap/mail-store.ts';
import type { Id } from '../../lib/jmap/types.ts';
import { toast } from '../../lib/toasts.ts';

export function useDraftOpening(store: MailStore): (id: Id) => void {
  return useCallback(
    (id) => {
      void store.loadBodies([id]).then((failures) => {
        const row = store.emails.get(id);
        const body = store.bodies.get(id);
        if (row && body) openCompose({ kind: 'draft', accountId: store.accountId, row, body });
        else if (failures.has(id)) toast(describe(failures.get(id)), { tone: 'danger' });
      });
    },
    [store],
  );
}
