import { useState, type FormEvent, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { getOwnKey } from '../../../lib/api/signing-key.ts';
import { describeSigning } from '../../../lib/errors.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { useDesk } from '../../../lib/signer.ts';
import type { Problem } from '../draft.ts';

/** The key is unlocked in the worker for a quarter of an hour; the passphrase goes nowhere else. */
export function UnlockDialog({ onUnlocked, onClose }: { onUnlocked: () => void; onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [passphrase, setPassphrase] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const key = await getOwnKey();
      if (!key) return setError(t('compose.noKey'));
      await desk.unlock(key, passphrase);
      onUnlocked();
    } catch (reason) {
      setError(describeSigning(reason));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('key.unlockTitle')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" form="unlock-key" tone="primary" disabled={busy || passphrase === ''}>
            {busy ? t('key.unlocking') : t('compose.signAndSend')}
          </Button>
        </>
      }
    >
      <form id="unlock-key" onSubmit={(event) => void submit(event)}>
        <Field
          label={t('key.passphrase')}
          type="password"
          autoComplete="off"
          autoFocus
          value={passphrase}
          error={error}
          hint={t('key.unlockHint')}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
        />
      </form>
    </Dialog>
  );
}

export function AskDialog({ problem, onAnswer }: { problem: Problem; onAnswer: (goOn: boolean) => void }): JSX.Element {
  return (
    <Dialog
      title={t('compose.askTitle')}
      onClose={() => onAnswer(false)}
      footer={
        <>
          <Button onClick={() => onAnswer(false)}>{t('compose.goBack')}</Button>
          <Button tone="primary" onClick={() => onAnswer(true)}>
            {t('compose.sendAnyway')}
          </Button>
        </>
      }
    >
      {t(`compose.problem.${problem.code}`, { detail: '' })}
    </Dialog>
  );
}
