import { useState, type JSX } from 'react';
import type { OwnKey } from '../../../../../base/api-types.ts';
import { Field } from '../../../components/field.tsx';
import { putOwnKey, revokeOwnKey } from '../../../lib/api/signing-key.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { sessionStore } from '../../../lib/session.ts';
import { useDesk, type Strength } from '../../../lib/signer.ts';
import { toast } from '../../../lib/toasts.ts';
import { FormDialog, Refused } from './form-dialog.tsx';
import css from './settings.module.css';

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
