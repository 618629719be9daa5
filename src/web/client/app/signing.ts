/** Brings the signing feature to the desk that other features see. */
import { passphraseStrength } from '../features/signing/passphrase.ts';
import { createSigner } from '../features/signing/signer.ts';
import { signingDesk, type Strength } from '../lib/signer.ts';

export function openSigningDesk(): void {
  if (!signingDesk.get()) signingDesk.set(createSigner({ idleMs: 15 * 60_000 }));
}
export const strengthFor =
  (personal: readonly string[]) =>
  (passphrase: string): Strength =>
    passphraseStrength(passphrase, personal);
