/** The state of the message being written, from what it starts with to its parts. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { getIdentities, type OwnIdentity } from '../api/identities.ts';
import { startDraft } from '../answer.ts';
import type { Attachment, Draft } from '../draft.ts';
import { useAttachments, type AttachmentActions } from './use-attachments.ts';
import { useAutosave, type Autosave } from './use-autosave.ts';
import type { ComposeIntent } from '../../../lib/compose-intent.ts';
import { useHub, type Hub } from '../../../lib/jmap/hub.ts';
import { useSession } from '../../../lib/session.ts';

export interface Compose {
  hub: Hub;
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  identities: readonly OwnIdentity[];
  identity: OwnIdentity | undefined;
  choose: (identityId: string) => void;
  files: AttachmentActions;
  autosave: Autosave;
  /** The official wrote, chose or attached something. */
  touched: { current: boolean };
}

export function useCompose(intent: ComposeIntent): Compose {
  const hub = useHub();
  const session = useSession();
  const accountId = ('accountId' in intent && intent.accountId) || hub.primary;
  const [identities, setIdentities] = useState<readonly OwnIdentity[]>([]);
  const start = useMemo(() => startDraft(intent, accountId, []), []);
  const [draft, setDraft] = useState<Draft>(() => ({
    ...start.draft,
    attachments: [],
    sign: session.signingKey !== null,
  }));
  const touched = useRef(intent.kind === 'kept');
  const fill = useCallback((change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change })), []);
  const set = useCallback((change: Partial<Draft>) => ((touched.current = true), fill(change)), [fill]);
  const update = useCallback(
    (change: (now: readonly Attachment[]) => readonly Attachment[]) =>
      setDraft((now) => ({ ...now, attachments: change(now.attachments) })),
    [],
  );

  useEffect(() => {
    const ids = [accountId, ...[...hub.accounts.keys()].filter((id) => id !== accountId)];
    getIdentities(hub.client, ids).then(
      (all) => {
        const mine = preferOwnAccount(all, session.accounts);
        setIdentities(mine);
        const again = startDraft(
          intent,
          accountId,
          mine.filter((one) => one.accountId === accountId),
        );
        const first = mine.find(({ id }) => id === again.draft.identityId) ?? mine[0];
        // Answering needs to know which addresses are one's own; nothing was typed yet.
        fill({
          ...(intent.kind === 'kept' ? {} : { identityId: first?.id ?? '' }),
          ...(intent.kind === 'replyAll' || intent.kind === 'reply' ? { to: again.draft.to, cc: again.draft.cc } : {}),
        });
      },
      // Without identities the send button says so.
      () => undefined,
    );
  }, []);

  const [, wake] = useState(0);
  const files = useAttachments(
    hub.client,
    draft.accountId,
    update,
    useCallback(() => wake((n) => n + 1), []),
  );
  const identity =
    identities.find(({ id }) => id === draft.identityId) ?? identities.find((one) => one.accountId === draft.accountId);
  const autosave = useAutosave(hub, draft, identity, files.blobs, existingDraft(intent), touched);
  useEffect(() => {
    for (const file of start.files) files.addRemote(file);
    if (start.document) files.addDocument(start.document);
  }, []);
  // A message lies in the account of the address it is written from.
  const choose = (identityId: string): void => {
    const home = identities.find(({ id }) => id === identityId)?.accountId ?? draft.accountId;
    set({ identityId, accountId: home });
  };
  return { hub, draft, set, identities, identity, choose, files: noticing(files, touched), autosave, touched };
}

const existingDraft = (intent: ComposeIntent): string | undefined =>
  intent.kind === 'draft' ? intent.row.id : intent.kind === 'kept' ? intent.kept.draftId : undefined;

/** Files that the official adds or takes away count as writing; those that come with the message do not. */
function noticing(files: AttachmentActions, touched: { current: boolean }): AttachmentActions {
  const noticed = <A extends unknown[]>(act: (...args: A) => void) => {
    return (...args: A): void => {
      touched.current = true;
      act(...args);
    };
  };
  return {
    ...files,
    addFiles: noticed(files.addFiles),
    addDocument: noticed(files.addDocument),
    remove: noticed(files.remove),
  };
}

/** The same address may be offered by two accounts; it is written from the account it belongs to, or else from one's own. */
export function preferOwnAccount(
  all: readonly OwnIdentity[],
  accounts: readonly { accountId: string; addresses: string[] }[],
): OwnIdentity[] {
  const byAddress = new Map<string, OwnIdentity>();
  const home = all[0]?.accountId;
  const ownerOf = (address: string): string | undefined =>
    accounts.find(({ addresses }) => addresses.some((one) => one.toLowerCase() === address))?.accountId;
  for (const identity of all) {
    const key = identity.email.toLowerCase();
    const known = byAddress.get(key);
    // RFC 8621 §6: who may send for a unit has its address among the own identities too; the copy belongs to the unit.
    const owner = ownerOf(key) ?? home;
    if (!known || (known.accountId !== owner && identity.accountId === owner)) byAddress.set(key, identity);
  }
  const order = new Map(accounts.map(({ accountId }, at) => [accountId, at]));
  return [...byAddress.values()].sort(
    (a, b) =>
      Number(b.accountId === home) - Number(a.accountId === home) ||
      (order.get(a.accountId) ?? 99) - (order.get(b.accountId) ?? 99),
  );
}
