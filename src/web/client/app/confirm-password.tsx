import { useState, type FormEvent, type JSX } from 'react';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Field } from '../components/field.tsx';
import { passwordQuestion, type PasswordQuestion } from '../lib/confirm-password.ts';
import { t } from '../lib/i18n/i18n.ts';
import { useStore } from '../lib/store.ts';

/** Over whatever dialog asked for it. */
export function ConfirmPassword(): JSX.Element | null {
  const question = useStore(passwordQuestion);
  return question ? <Form question={question} /> : null;
}

function Form({ question }: { question: PasswordQuestion }): JSX.Element {
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(question);
  if (asked !== question) {
    // Asked again: the one before was wrong.
    setAsked(question);
    setBusy(false);
    setPassword('');
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (busy || password === '') return;
    setBusy(true);
    question.answer(password);
  };
  const cancel = (): void => question.answer(undefined);
  return (
    <Dialog
      title={t('session.confirmTitle')}
      onClose={cancel}
      footer={
        <>
          <Button onClick={cancel}>{t('common.cancel')}</Button>
          <Button type="submit" form="confirm-password" tone="primary" disabled={busy}>
            {t('session.confirm')}
          </Button>
        </>
      }
    >
      <form id="confirm-password" onSubmit={submit}>
        <p>{t('session.confirmIntro')}</p>
        <Field
          label={t('session.password')}
          type="password"
          autoComplete="current-password"
          autoFocus
          value={password}
          error={question.error}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </form>
    </Dialog>
  );
}
