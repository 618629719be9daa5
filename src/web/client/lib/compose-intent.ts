/** "Write this": asked by the mail list, the reading pane, a document, the directory; answered by the compose host. */
import type { DocumentFileView, DocumentMark } from '../../../base/api-types.ts';
import type { EmailBody, EmailRow } from './jmap/types.ts';
import type { KeptDraft } from './kept-draft.ts';
import { createStore } from './store.ts';

export interface AttachedDocument {
  documentId: number;
  identifier: string;
  numberNotation: string;
  subject: string;
  file: Pick<DocumentFileView, 'id' | 'name' | 'type' | 'size'>;
}
export type ComposeIntent =
  | { kind: 'new'; accountId?: string; to?: { name: string; email: string }[]; document?: AttachedDocument }
  | {
      kind: 'reply' | 'replyAll' | 'forward';
      accountId: string;
      row: EmailRow;
      body: EmailBody;
      marks: readonly DocumentMark[];
    }
  | { kind: 'draft'; accountId: string; row: EmailRow; body: EmailBody }
  /** As it was left: closed, kept in this tab, or asked back right after closing. */
  | { kind: 'kept'; accountId: string; kept: KeptDraft };

export interface OpenCompose {
  /** One window each. */
  id: number;
  intent: ComposeIntent;
  /** Grows when an open window is asked for again. */
  calls: number;
}
export const composeIntent = createStore<OpenCompose | null>(null);
let next = 1;
/** "Write" while one writes brings that window back; anything more particular takes its place (what it had is kept as a draft). */
export function openCompose(intent: ComposeIntent): void {
  const bare = intent.kind === 'new' && !intent.to && !intent.document;
  composeIntent.set((now) => (now && bare ? { ...now, calls: now.calls + 1 } : { id: next++, intent, calls: 0 }));
}
