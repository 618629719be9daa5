/** Saves one draft after another: one save at a time, a save asked for meanwhile runs after it, none once stopped. */
import { serverNow } from '../../lib/http.ts';
import { quietly, type Hub } from '../../lib/jmap/hub.ts';
import { JmapError } from '../../lib/jmap/client.ts';
import type { Id, Identity } from '../../lib/jmap/types.ts';
import { discardDraft, saveDraft } from './api/save-draft.ts';
import { isEmpty, type Draft } from './draft.ts';
import { byRoleId } from './mailbox-roles.ts';

export interface SaverState {
  /** Server time of the last save, ms. */
  savedAt: number | undefined;
  failed: boolean;
}
export interface SaverOptions {
  hub: Hub;
  existing: Id | undefined;
  accountId: Id;
  blobs: ReadonlyMap<string, Id>;
  latest: () => { draft: Draft; identity: Identity | undefined };
  onState: (state: SaverState) => void;
}

export class DraftSaver {
  id: Id | undefined;
  private accountId: Id;
  private running: Promise<boolean> = Promise.resolve(true);
  private stopped = false;
  private savedAt: number | undefined;
  private readonly options: SaverOptions;

  constructor(options: SaverOptions) {
    this.options = options;
    this.id = options.existing;
    this.accountId = options.accountId;
  }

  /** @returns whether the server has it now. */
  save = (): Promise<boolean> => {
    this.running = this.running.then(
      () => this.saveNow(),
      () => this.saveNow(),
    );
    return this.running;
  };
  private async saveNow(): Promise<boolean> {
    const { hub, blobs, latest, onState } = this.options;
    const { draft, identity } = latest();
    if (this.stopped || isEmpty(draft)) return true;
    // Another identity may mean another account: its draft starts anew.
    const moved = this.accountId !== draft.accountId;
    const before = this.id;
    try {
      const store = hub.accounts.get(draft.accountId);
      // A window reopened with the page may be quicker than its account's folders.
      if (store && !store.loaded) await store.loadMailboxes();
      const mailboxId = byRoleId(hub, draft.accountId, 'drafts');
      if (!mailboxId) throw new JmapError('notFound');
      this.id = await saveDraft({
        client: hub.client,
        draft,
        identity,
        mailboxId,
        previous: moved ? undefined : before,
        blobs,
      });
      if (moved && before) quietly(discardDraft(hub.client, this.accountId, before));
      this.accountId = draft.accountId;
      this.savedAt = serverNow();
      onState({ savedAt: this.savedAt, failed: false });
      return true;
    } catch {
      // Shown as "not saved"; the text stays in the window and is tried again with the next change.
      onState({ savedAt: this.savedAt, failed: true });
      return false;
    }
  }

  /** Waits for a save under way and starts no other. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }
  resume(): void {
    this.stopped = false;
  }
  discard(): void {
    this.stopped = true;
    const { client } = this.options.hub;
    quietly(this.running.then(async () => this.id && discardDraft(client, this.accountId, this.id)));
  }
}
