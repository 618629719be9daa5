/** "Write this": asked by the mail list, the reading pane, a document, the directory; answered by the compose host. */
import type { DocumentFileView, DocumentMark } from '../../../base/api-types.ts';
import type { EmailBody, EmailRow } from './jmap/types.ts';
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
  | { kind: 'draft'; accountId: string; row: EmailRow; body: EmailBody };

export const composeIntent = createStore<ComposeIntent | null>(null);
export const openCompose = (intent: ComposeIntent): void => composeIntent.set(intent);
