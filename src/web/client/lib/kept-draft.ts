/**
 * The message being written, as this tab keeps it: so that a reload, a crash or a lost connection takes nothing that was typed.
 * Session storage: this tab only, gone at sign-out (features/session `forget`) and once the message is sent. Never a key, never a file's bytes.
 */
import type { AttachedDocument } from './compose-intent.ts';

export interface KeptDraft {
  /** Whose: nobody else who signs in here is shown it. */
  owner: string;
  /** Plain data of features/compose `Draft`, without its files. */
  fields: Record<string, unknown> & { accountId: string };
  /** Those that lie on the server already. */
  files: { name: string; type: string; size: number; blobId: string; document?: AttachedDocument }[];
  /** Names of files that never reached the server. */
  lost: string[];
  draftId: string | undefined;
}

const KEY = 'congvu.draft';

export function keepDraft(kept: KeptDraft): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Full or forbidden: the server's draft is then the only copy.
  }
}
export function dropKeptDraft(): void {
  sessionStorage.removeItem(KEY);
}
export function keptDraft(owner: string): KeptDraft | undefined {
  const stored = sessionStorage.getItem(KEY);
  if (stored === null) return undefined;
  try {
    const kept: unknown = JSON.parse(stored);
    if (isKept(kept) && kept.owner === owner) return kept;
  } catch {
    // Not ours: forgotten below.
  }
  dropKeptDraft();
  return undefined;
}

function isKept(value: unknown): value is KeptDraft {
  if (typeof value !== 'object' || value === null) return false;
  const { owner, fields, files, lost } = value as Partial<KeptDraft>;
  return (
    typeof owner === 'string' &&
    typeof fields === 'object' &&
    typeof fields?.accountId === 'string' &&
    Array.isArray(files) &&
    Array.isArray(lost)
  );
}
