/** What a message being written needs beside its mailbox: a place for uploads, and a signing desk. */
import type { SigningDesk } from '../lib/signer.ts';

export interface FakeUploads {
  /** For `XMLHttpRequest`. */
  Upload: new () => unknown;
  /** What went up, as text. */
  uploads: string[];
  /** 0: the line is broken. `waits`: nothing is answered. */
  answers: { status: number; waits: boolean };
}

export function fakeUploads(): FakeUploads {
  const uploads: string[] = [];
  const answers = { status: 201, waits: false };
  class Upload {
    upload: { onprogress?: (event: Partial<ProgressEvent>) => void } = {};
    status = 0;
    response: unknown;
    onload?: () => void;
    onerror?: () => void;
    onabort?: () => void;
    open(): void {
      return;
    }
    setRequestHeader(): void {
      return;
    }
    abort(): void {
      this.onabort?.();
    }
    send(data: Blob): void {
      this.upload.onprogress?.({ lengthComputable: true, loaded: 1, total: 4 });
      if (answers.waits) return;
      const reader = new FileReader();
      reader.onload = () => {
        this.status = answers.status;
        if (this.status === 0) return this.onerror?.();
        if (this.status === 201) uploads.push(typeof reader.result === 'string' ? reader.result : '');
        this.response = this.status === 201 ? { blobId: `B${uploads.length}` } : {};
        this.onload?.();
      };
      reader.readAsText(data);
    }
  }
  return { Upload, uploads, answers };
}

/** Opens with one passphrase, and signs by a word in front; the true one has tests of its own (features/signing). */
export function deskWith(passphrase: string): SigningDesk {
  let open = false;
  return {
    isUnlocked: () => open,
    unlock: async (_: unknown, typed: string) => {
      if (typed !== passphrase) throw Object.assign(new Error('no'), { code: 'wrong_passphrase' });
      open = true;
    },
    sign: async ({ text }: { text: string }) => new TextEncoder().encode(`X-Signed: yes\r\n\r\n${text}`),
    close: () => undefined,
  } as unknown as SigningDesk;
}
