import { useRef, useState, type FormEvent, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { Field } from '../../../components/field.tsx';
import { describe } from '../../../lib/errors.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { endedSession } from '../../../lib/session.ts';
import { useStore } from '../../../lib/store.ts';
import { signIn } from '../api/session.ts';
import css from './entry-frame.module.css';
import { EntryFrame } from './entry-frame.tsx';
import { FormError } from './form-error.tsx';

function text(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === 'string' ? value : '';
}

export function SignInForm(): JSX.Element {
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // Whom the server signed out in the middle of work: only the password is missing.
  const ended = useStore(endedSession);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!form.current || busy) return;
    const data = new FormData(form.current);
    const address = text(data, 'address').trim();
    const password = text(data, 'password');
    if (!address || !password) return setError(t('session.fillBoth'));
    setBusy(true);
    setError(undefined);
    signIn(address, password).catch((reason: unknown) => {
      setError(describe(reason));
      setBusy(false);
    });
  };
  return (
    <EntryFrame title={t('session.signIn')}>
      <form ref={form} className={css['form']} onSubmit={submit} noValidate>
        {ended && (
          <p role="status" className={css['note']}>
            {t('session.ended')}
          </p>
        )}
        <FormError text={error} />
        <Field
          label={t('session.address')}
          name="address"
          type="email"
          autoComplete="username"
          autoFocus={!ended}
          defaultValue={ended?.address ?? ''}
          placeholder="ten@caoson.gov.vn"
          spellCheck={false}
          autoCapitalize="none"
        />
        <Field
          label={t('session.password')}
          name="password"
          type="password"
          autoComplete="current-password"
          autoFocus={Boolean(ended)}
        />
        <Button type="submit" tone="primary" size="l" disabled={busy}>
          {busy ? t('session.signingIn') : t('session.signIn')}
        </Button>
        <p className="faint">{t('session.help')}</p>
      </form>
    </EntryFrame>
  );
}
