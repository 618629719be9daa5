/** Between the window and what this tab keeps of it (lib/kept-draft). */
import { t } from '../../lib/i18n/i18n.ts';
import { openCompose } from '../../lib/compose-intent.ts';
import type { Hub } from '../../lib/jmap/hub.ts';
import { dropKeptDraft, keepDraft, keptDraft, type KeptDraft } from '../../lib/kept-draft.ts';
import { mayKeepWriting, sessionStore } from '../../lib/session.ts';
import { toast } from '../../lib/toasts.ts';
import { saveDraft } from './api/save-draft.ts';
import type { Draft } from './draft.ts';
import { byRoleId } from './mailbox-roles.ts';

export function keptOf(
  owner: string,
  draft: Draft,
  blobs: ReadonlyMap<string, string>,
  draftId: string | undefined,
): KeptDraft {
  const { attachments, ...fields } = draft;
  return {
    owner,
    fields,
    files: attachments.flatMap(({ key, name, type, size, document }) => {
      const blobId = blobs.get(key);
      return blobId === undefined ? [] : [{ name, type, size, blobId, ...(document ? { document } : {}) }];
    }),
    lost: attachments.filter(({ key }) => !blobs.has(key)).map(({ name }) => name),
    draftId,
  };
}

/** After the window closed: says where the message is now. */
export async function tellKept(
  kept: KeptDraft,
  saved: Promise<boolean>,
  draftId: () => string | undefined,
): Promise<void> {
  keepDraft(kept);
  const onServer = await saved;
  // Signed out meanwhile, or somebody else is here: nothing stays.
  if (!mayKeepWriting(kept.owner)) return dropKeptDraft();
  // Its author is told after signing in again.
  if (!sessionStore.get()) return;
  const now = { ...kept, draftId: draftId() };
  const action = {
    label: t('compose.reopen'),
    run: () => openCompose({ kind: 'kept', accountId: now.fields.accountId, kept: now }),
  };
  if (onServer) {
    dropKeptDraft();
    toast(t('compose.keptAsDraft'), { action });
    return;
  }
  const lost = kept.lost.length > 0 ? ` ${t('compose.filesNotKept', { names: kept.lost.join(', ') })}` : '';
  toast(t('compose.keptHere') + lost, { tone: 'danger', action, ms: 20_000 });
}

/** The connection is back and nobody writes: what was kept here goes to the drafts. */
export async function saveKept(hub: Hub): Promise<void> {
  const session = sessionStore.get();
  const kept = session ? keptDraft(session.official.address) : undefined;
  if (!kept) return;
  const mailboxId = byRoleId(hub, kept.fields.accountId, 'drafts');
  if (!mailboxId) return;
  const keyed = kept.files.map((file, at) => ({ ...file, key: `k${at}` }));
  const draft = {
    ...(kept.fields as unknown as Omit<Draft, 'attachments'>),
    attachments: keyed.map((file) => ({ ...file, blob: undefined, state: 'ready' as const, progress: 1 })),
  };
  await saveDraft({
    client: hub.client,
    draft,
    identity: undefined,
    mailboxId,
    previous: kept.draftId,
    blobs: new Map(keyed.map(({ key, blobId }) => [key, blobId])),
  });
  dropKeptDraft();
  toast(t('compose.keptAsDraft'));
}
