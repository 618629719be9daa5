import { useState, type FormEvent, type JSX, type ReactNode } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { describeSigning } from '../../../lib/errors.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import css from './settings.module.css';

/** Refused here, in words of the reader. */
export class Refused extends Error {}

interface FormProps {
  title: string;
  submit: string;
  danger?: boolean;
  onClose: () => void;
  work: () => Promise<void>;
  children: ReactNode;
}
export function FormDialog({ title, submit, danger, onClose, work, children }: FormProps): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(undefined);
    work()
      .catch((reason: unknown) => setError(reason instanceof Refused ? reason.message : describeSigning(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" form="settings-dialog" tone={danger ? 'danger' : 'primary'} disabled={busy}>
            {submit}
          </Button>
        </>
      }
    >
      <form id="settings-dialog" className={css['form']} onSubmit={run}>
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
