/** Ký và gửi: check, ask for the passphrase if the key is locked, sign in the worker, upload, submit. What was typed stays until it is sent. */
import { useState } from 'react';
import type { OwnIdentity } from '../api/identities.ts';
import { problems, type Draft, type Problem } from '../draft.ts';
import { deliver } from '../deliver.ts';
import type { Autosave } from './use-autosave.ts';
import { describeSigning } from '../../../lib/errors.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { quietly, type Hub } from '../../../lib/jmap/hub.ts';
import { useSession } from '../../../lib/session.ts';
import { signingCode, useDesk } from '../../../lib/signer.ts';
import { toast } from '../../../lib/toasts.ts';

export interface SendingState {
  step: 'idle' | 'signing' | 'uploading';
  progress: number;
  /** Asked before sending: empty subject, forgotten file. */
  asking: Problem | undefined;
  needsPassphrase: boolean;
  error: string | undefined;
  send: () => void;
  answer: (goOn: boolean) => void;
  unlocked: () => void;
  cancelUnlock: () => void;
}

interface Gate {
  asking: Problem | undefined;
  attempt: () => void;
  answer: (goOn: boolean) => void;
}
/** Errors stop; questions are asked once each, then it passes. */
function useGate(
  draft: Draft,
  maxBytes: number,
  onError: (text: string | undefined) => void,
  onPass: () => void,
): Gate {
  const [accepted, setAccepted] = useState<readonly string[]>([]);
  const [asking, setAsking] = useState<Problem>();
  const attempt = (skip: readonly string[]): void => {
    onError(undefined);
    const found = problems(draft, maxBytes).find(({ level, code }) => level === 'error' || !skip.includes(code));
    if (found?.level === 'error') return onError(t(`compose.problem.${found.code}`, { detail: found.detail ?? '' }));
    if (found) return setAsking(found);
    onPass();
  };
  return {
    asking,
    attempt: () => attempt(accepted),
    answer: (goOn) => {
      const code = asking?.code;
      setAsking(undefined);
      if (!goOn || !code) return;
      setAccepted([...accepted, code]);
      attempt([...accepted, code]);
    },
  };
}

export function useSending(
  hub: Hub,
  draft: Draft,
  identity: OwnIdentity | undefined,
  autosave: Autosave,
  blobs: ReadonlyMap<string, string>,
  onSent: () => void,
): SendingState {
  const desk = useDesk();
  const { official } = useSession();
  const [step, setStep] = useState<SendingState['step']>('idle');
  const [progress, setProgress] = useState(0);
  const [needsPassphrase, setNeedsPassphrase] = useState(false);
  const [error, setError] = useState<string>();

  const work = async (): Promise<void> => {
    if (!identity) return setError(t('compose.noIdentity'));
    setStep('signing');
    await autosave.saver.stop();
    try {
      const draftId = autosave.saver.id;
      await deliver({
        hub,
        draft,
        identity,
        official,
        desk,
        draftId,
        blobs,
        onUpload: () => setStep('uploading'),
        onProgress: setProgress,
      });
      tellSent(hub, draft.sign);
      onSent();
    } catch (reason) {
      autosave.saver.resume();
      setStep('idle');
      if (signingCode(reason) === 'locked') return setNeedsPassphrase(true);
      setError(sendError(reason));
    }
  };
  const gate = useGate(draft, hub.client.maxUpload, setError, () => {
    if (draft.sign && !desk.isUnlocked()) setNeedsPassphrase(true);
    else void work();
  });
  return {
    step,
    progress,
    asking: gate.asking,
    needsPassphrase,
    error,
    send: () => step === 'idle' && gate.attempt(),
    answer: gate.answer,
    unlocked: () => (setNeedsPassphrase(false), void work()),
    cancelUnlock: () => setNeedsPassphrase(false),
  };
}

function tellSent(hub: Hub, signed: boolean): void {
  toast(signed ? t('compose.sentSigned') : t('compose.sent'));
  for (const store of hub.accounts.values()) if (store.loaded) quietly(store.sync());
}

function sendError(reason: unknown): string {
  const code = signingCode(reason);
  if (code === 'message_invalid' || code === 'failed') return t('compose.signFailed');
  return describeSigning(reason);
}
