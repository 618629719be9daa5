import { useState, type FormEvent, type JSX, type ReactNode } from 'react';
import type { OwnKey } from '../../../../../base/api-types.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { putOwnKey, revokeOwnKey } from '../../../lib/api/signing-key.ts';
import { describe } from '../../../lib/errors.ts';
import { t, tMaybe } from '../../../lib/i18n/i18n.ts';
import { sessionStore } from '../../../lib/session.ts';
import { signingCode, useDesk, type Strength } from '../../../lib/signer.ts';
import { toast } from '../../../lib/toasts.ts';
import css from './settings.module.css';

/** Refused here, in words of the reader. */
class Refused extends Error {}

function keyError(reason: unknown): string {
  const code = signingCode(reason);
  return (code && tMaybe(`key.error.${code}`)) ?? describe(reason);
}

interface FormProps {
  title: string;
  submit: string;
  danger?: boolean;
  onClose: () => void;
  work: () => Promise<void>;
  children: ReactNode;
}
function FormDialog({ title, submit, danger, onClose, work, children }: FormProps): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(undefined);
    work()
      .catch((reason: unknown) => setError(reason instanceof Refused ? reason.message : keyError(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" form="key-dialog" tone={danger ? 'danger' : 'primary'} disabled={busy}>
            {submit}
          </Button>
        </>
      }
    >
      <form id="key-dialog" className={css['form']} onSubmit={run}>
        {children}
        {error && (
          <p role="alert" className={css['error']}>
            {error}
          </p>
        )}
      </form>
    </Dialog>
  );
}

export function ChangePassphraseDialog({
  ownKey,
  strengthOf,
  onClose,
  onDone,
}: {
  ownKey: OwnKey;
  strengthOf: (passphrase: string) => Strength;
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const desk = useDesk();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const work = async (): Promise<void> => {
    const strength = strengthOf(next);
    if (!strength.acceptable) throw new Refused(t(`key.hint.${strength.hint}`));
    if (next !== again) throw new Refused(t('key.differs'));
    const { privateKey } = await desk.changePassphrase(ownKey, current, next);
    await putOwnKey({ publicKey: ownKey.publicKey, privateKey, revocation: '' });
    toast(t('key.passphraseChanged'));
    onDone();
  };
  return (
    <FormDialog title={t('key.changePassphrase')} submit={t('key.changePassphrase')} onClose={onClose} work={work}>
      <Field
        label={t('key.currentPassphrase')}
        type="password"
        autoFocus
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      <Field
        label={t('key.newPassphrase')}
        type="password"
        hint={next ? t(`key.hint.${strengthOf(next).hint}`) : t('key.rule')}
        value={next}
        onChange={(event) => setNext(event.currentTarget.value)}
      />
      <Field
        label={t('key.again')}
        type="password"
        value={again}
        error={again && again !== next ? t('key.differs') : undefined}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

export function ExportKeyDialog({ ownKey, onClose }: { ownKey: OwnKey; onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [passphrase, setPassphrase] = useState('');
  const work = async (): Promise<void> => {
    const armored = await desk.exportForGpg(ownKey, passphrase);
    const url = URL.createObjectURL(new Blob([armored], { type: 'application/pgp-keys' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${ownKey.fingerprint.slice(-16)}.secret.asc`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    onClose();
  };
  return (
    <FormDialog title={t('key.export')} submit={t('key.exportDo')} onClose={onClose} work={work}>
      <p>{t('key.exportHint')}</p>
      <Field
        label={t('key.passphrase')}
        type="password"
        autoFocus
        value={passphrase}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

export function RevokeKeyDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }): JSX.Element {
  const desk = useDesk();
  const [reason, setReason] = useState<'superseded' | 'compromised'>('superseded');
  const work = async (): Promise<void> => {
    await revokeOwnKey(reason);
    await desk.lock();
    const session = sessionStore.get();
    onDone();
    if (session) sessionStore.set({ ...session, signingKey: null });
  };
  return (
    <FormDialog title={t('key.revoke')} submit={t('key.revokeDo')} danger onClose={onClose} work={work}>
      <p>{t('key.revokeHint')}</p>
      {(['superseded', 'compromised'] as const).map((one) => (
        <label key={one} className={css['reason']}>
          <input type="radio" name="reason" checked={reason === one} onChange={() => setReason(one)} />
          <span>{t(`key.reason.${one}`)}</span>
        </label>
      ))}
    </FormDialog>
  );
}
