/**
 * The official's signing key in this tab: one worker per signed-in session, ended at sign-out. The routes bring in the worker's page side
 * (features/signing); features see only this.
 */
import type { OwnKey } from '../../../base/api-types.ts';
import type { OutgoingMessage } from './mail/types.ts';
import { createStore } from './store.ts';

export interface SigningDesk {
  makeKey: (input: {
    fullName: string;
    address: string;
    passphrase: string;
    at?: number;
  }) => Promise<{ publicKey: string; privateKey: string; revocation: string }>;
  unlock: (key: Pick<OwnKey, 'privateKey'>, passphrase: string) => Promise<void>;
  isUnlocked: () => boolean;
  sign: (message: OutgoingMessage, options?: { at?: number }) => Promise<Uint8Array>;
  changePassphrase: (key: Pick<OwnKey, 'privateKey'>, current: string, next: string) => Promise<{ privateKey: string }>;
  exportForGpg: (key: Pick<OwnKey, 'privateKey'>, passphrase: string) => Promise<string>;
  lock: () => Promise<void>;
  close: () => void;
}
export interface Strength {
  score: 0 | 1 | 2 | 3 | 4;
  acceptable: boolean;
  hint: 'too_short' | 'too_common' | 'contains_name' | 'repeats' | 'add_words' | 'good';
}
export const signingDesk = createStore<SigningDesk | undefined>(undefined);
export function useDesk(): SigningDesk {
  const desk = signingDesk.get();
  if (!desk) throw new Error('no signing desk');
  return desk;
}
/** "wrong_passphrase", "locked": the worker's errors by their code. */
export function signingCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
