import { useState, type FormEvent, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { noPasswords, PasswordFields } from '../../../components/password-fields.tsx';
import { describe } from '../../../lib/errors.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { changePassword, loadSession } from '../api/session.ts';
import { passwordProblem } from '../password-rules.ts';
import css from './entry-frame.module.css';
import { EntryFrame } from './entry-frame.tsx';
import { FormError } from './form-error.tsx';

/** The first password was known to whoever handed it out: it is changed before anything else. */
export function PasswordForm(): JSX.Element {
  const [passwords, setPasswords] = useState(noPasswords);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) return;
    const { current, next, again } = passwords;
    const problem = passwordProblem(current, next, again);
    if (problem) return setError(t(problem));
    setBusy(true);
    setError(undefined);
    changePassword(current, next)
      .then(loadSession)
      .catch((reason: unknown) => setError(describe(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <EntryFrame title={t('session.changePassword')} intro={t('session.changePasswordIntro')}>
      <form className={css['form']} onSubmit={submit} noValidate>
        <FormError text={error} />
        <PasswordFields value={passwords} onChange={setPasswords} autoFocus />
        <Button type="submit" tone="primary" size="l" disabled={busy}>
          {t('session.saveAndGoOn')}
        </Button>
      </form>
    </EntryFrame>
  );
}
