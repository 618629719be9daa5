import { useState, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { noPasswords, PasswordFields } from '../../../components/password-fields.tsx';
import { t, type Key } from '../../../lib/i18n/i18n.ts';
import { toast } from '../../../lib/toasts.ts';
import { FormDialog, Refused } from './form-dialog.tsx';
import { SettingsSection } from './settings-section.tsx';
import css from './settings.module.css';

interface Props {
  /** The same rules and request as for the first password; the route brings them. */
  problemOf: (current: string, next: string, again: string) => Key | undefined;
  change: (current: string, next: string, endAppPasswords: boolean) => Promise<void>;
  onEnded: () => void;
}

export function PasswordSettings(props: Props): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <SettingsSection title={t('session.password')} intro={t('settings.passwordIntro')}>
      <Button onClick={() => setOpen(true)}>{t('settings.changePassword')}</Button>
      {open && <ChangeDialog {...props} onClose={() => setOpen(false)} />}
    </SettingsSection>
  );
}

function ChangeDialog({ problemOf, change, onEnded, onClose }: Props & { onClose: () => void }): JSX.Element {
  const [passwords, setPasswords] = useState(noPasswords);
  const [reason, setReason] = useState<'routine' | 'known'>('routine');
  const [chosen, setChosen] = useState<boolean>();
  // Somebody who knows the password may have made an app password: those end too, unless the official says otherwise.
  const endAppPasswords = chosen ?? reason === 'known';
  const work = async (): Promise<void> => {
    const { current, next, again } = passwords;
    const problem = problemOf(current, next, again);
    if (problem) throw new Refused(t(problem));
    await change(current, next, endAppPasswords);
    toast(t(endAppPasswords ? 'settings.passwordChangedAll' : 'settings.passwordChanged'));
    if (endAppPasswords) onEnded();
    onClose();
  };
  return (
    <FormDialog
      title={t('settings.changePassword')}
      submit={t('settings.changePassword')}
      onClose={onClose}
      work={work}
    >
      {(['routine', 'known'] as const).map((one) => (
        <label key={one} className={css['reason']}>
          <input type="radio" name="why" checked={reason === one} onChange={() => setReason(one)} />
          <span>{t(`settings.passwordReason.${one}`)}</span>
        </label>
      ))}
      <PasswordFields value={passwords} onChange={setPasswords} autoFocus />
      <label className={css['reason']}>
        <input type="checkbox" checked={endAppPasswords} onChange={(event) => setChosen(event.currentTarget.checked)} />
        <span>{t('settings.endAppPasswords')}</span>
      </label>
    </FormDialog>
  );
}
