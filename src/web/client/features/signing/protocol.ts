/** What the page and the key's worker say to each other. Only plain data crosses; the unlocked key never does. */
import type { OutgoingMessage } from '../../lib/mail/types.ts';

export interface MadeKey {
  /** Upper-case hex. */
  fingerprint: string;
  /** Armored transferable public key. */
  publicKey: string;
  /** Armored private key, encrypted under the passphrase (Argon2id, AEAD). */
  privateKey: string;
  /** Armored revocation signatures, one for each of superseded, compromised, retired. */
  revocation: string;
}

export interface Calls {
  makeKey: { in: { fullName: string; address: string; passphrase: string; at?: number }; out: MadeKey };
  unlock: { in: { privateKey: string; passphrase: string }; out: { fingerprint: string } };
  sign: { in: { message: OutgoingMessage; at?: number }; out: Uint8Array };
  changePassphrase: { in: { privateKey: string; current: string; next: string }; out: { privateKey: string } };
  exportForGpg: { in: { privateKey: string; passphrase: string }; out: { privateKey: string } };
  lock: { in: null; out: null };
}
export type CallName = keyof Calls;

export type Request = { [N in CallName]: { id: number; call: N; input: Calls[N]['in'] } }[CallName];

export type Reply =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; code: SigningErrorCode; message: string }
  | { event: 'locked' | 'unlocked'; fingerprint: string | null };

export type SigningErrorCode =
  /** Nothing is unlocked, or the idle limit passed: ask for the passphrase. */
  | 'locked'
  | 'wrong_passphrase'
  | 'passphrase_weak'
  | 'name_or_address_invalid'
  /** The stored private key is damaged or of a kind that we do not make. */
  | 'key_unreadable'
  /** The message cannot be built: bad address, too large. `message` says what. */
  | 'message_invalid'
  /** The page may not run WebAssembly in the worker (Argon2id needs it): see docs/signing-browser.md. */
  | 'argon2_unavailable'
  | 'closed'
  | 'failed';

export class SigningError extends Error {
  override readonly name = 'SigningError';
  readonly code: SigningErrorCode;
  constructor(code: SigningErrorCode, message: string = code) {
    super(message);
    this.code = code;
  }
}
