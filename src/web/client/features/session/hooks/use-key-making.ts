/** Makes the official's key in the worker and hands its public half, and the private half encrypted, to the server. */
import { useState } from 'react';
import { putOwnKey } from '../../../lib/api/signing-key.ts';
import { describeSigning } from '../../../lib/errors.ts';
import { serverNow } from '../../../lib/http.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { sessionStore, useSession } from '../../../lib/session.ts';
import { signingCode, useDesk } from '../../../lib/signer.ts';

export interface KeyMaking {
  step: 'ask' | 'making' | 'storing';
  error: string | undefined;
  make: (passphrase: string) => Promise<void>;
}
export function useKeyMaking(onDone?: () => void): KeyMaking {
  const desk = useDesk();
  const { official } = useSession();
  const [step, setStep] = useState<KeyMaking['step']>('ask');
  const [error, setError] = useState<string>();
  const make = async (passphrase: string): Promise<void> => {
    setError(undefined);
    setStep('making');
    try {
      const made = await desk.makeKey({
        fullName: official.fullName,
        address: official.address,
        passphrase,
        at: serverNow(),
      });
      setStep('storing');
      const { fingerprint } = await putOwnKey(made);
      const session = sessionStore.get();
      onDone?.();
      if (session) sessionStore.set({ ...session, signingKey: { fingerprint } });
    } catch (reason) {
      setError(signingCode(reason) === 'failed' ? t('key.makeFailed') : describeSigning(reason));
      setStep('ask');
    }
  };
  return { step, error, make };
}
