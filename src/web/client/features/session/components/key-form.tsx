import { useState, type FormEvent, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { Field } from '../../../components/field.tsx';
import { t } from '../../../lib/i18n/i18n.ts';
import type { Strength } from '../../../lib/signer.ts';
import type { KeyMaking } from '../hooks/use-key-making.ts';
import css from './entry-frame.module.css';
import { FormError } from './form-error.tsx';

interface Props {
  making: KeyMaking;
  strengthOf: (passphrase: string) => Strength;
  onLater?: () => void;
}

/** Passphrase twice with its strength; then what is happening, so that nobody closes the page halfway. */
export function KeyForm({ making, strengthOf, onLater }: Props): JSX.Element {
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [error, setError] = useState<string>();
  const strength = strengthOf(passphrase);
  if (making.step !== 'ask')
    return (
      <div className={css['form']} role="status">
        <div className={css['progress']}>
          <i />
        </div>
        <p>{making.step === 'making' ? t('key.making') : t('key.storing')}</p>
      </div>
    );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!strength.acceptable) return setError(t(`key.hint.${strength.hint}`));
    if (passphrase !== again) return setError(t('key.differs'));
    setError(undefined);
    void making.make(passphrase);
  };
  return (
    <form className={css['form']} onSubmit={submit} noValidate>
      <FormError text={error ?? making.error} />
      <Field
        label={t('key.passphrase')}
        type="password"
        autoComplete="new-password"
        autoFocus
        value={passphrase}
        hint={passphrase ? t(`key.hint.${strength.hint}`) : t('key.rule')}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
      <div className={css['meter']} data-score={passphrase ? strength.score : ''} aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
      </div>
      <Field
        label={t('key.again')}
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      <Button type="submit" tone="primary" size="l">
        {t('key.make')}
      </Button>
      {onLater && (
        <Button tone="ghost" onClick={onLater}>
          {t('key.later')}
        </Button>
      )}
    </form>
  );
}
