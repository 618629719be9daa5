import { useState, type FormEvent, type JSX } from 'react';
import { Button } from '../../../components/button.tsx';
import { CopyButton } from '../../../components/copy-button.tsx';
import { Field } from '../../../components/field.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { describe } from '../../../lib/errors.ts';
import { date } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { toast } from '../../../lib/toasts.ts';
import { useQuery } from '../../../lib/use-query.ts';
import { createAppPassword, deleteAppPassword, listAppPasswords } from '../api/app-passwords.ts';
import css from './settings.module.css';
import { SettingsSection } from './settings-section.tsx';

/** For mail programs: each its own password, shown once, taken back alone. */
export function AppPasswords(): JSX.Element {
  const list = useQuery('app-passwords', () => listAppPasswords());
  const [label, setLabel] = useState('');
  const [made, setMade] = useState<string>();
  const [error, setError] = useState<string>();
  const create = (event: FormEvent): void => {
    event.preventDefault();
    if (!label.trim()) return setError(t('settings.appPasswordName'));
    setError(undefined);
    createAppPassword(label.trim()).then(
      ({ password }) => {
        setMade(password);
        setLabel('');
        list.reload();
      },
      (reason: unknown) => setError(describe(reason)),
    );
  };
  const remove = (id: number): void => {
    deleteAppPassword(id).then(list.reload, (reason: unknown) => toast(describe(reason), { tone: 'danger' }));
  };
  return (
    <SettingsSection title={t('settings.appPasswords')} intro={t('settings.appPasswordsIntro')}>
      {made && (
        <div className={css['made']} role="status">
          <p>{t('settings.appPasswordMade')}</p>
          <div className={css['madeValue']}>
            <code>{made}</code>
            <CopyButton text={made} label={t('settings.copyAppPassword')} />
          </div>
        </div>
      )}
      {!list.data && list.error === undefined && <Skeleton lines={3} />}
      {list.error !== undefined && <p className="faint">{describe(list.error)}</p>}
      <ul className={css['rows']}>
        {list.data?.map((one) => (
          <li key={one.id}>
            <div className="grow">
              <b>{one.label}</b>
              <div className="faint">
                {t('settings.made', { date: date(one.createdAt) })} ·{' '}
                {one.lastUsedAt ? t('settings.lastUsed', { date: date(one.lastUsedAt) }) : t('settings.neverUsed')}
              </div>
            </div>
            <Button
              size="s"
              tone="danger"
              onClick={() => remove(one.id)}
              aria-label={t('settings.revokeNamed', { name: one.label })}
            >
              {t('settings.revoke')}
            </Button>
          </li>
        ))}
      </ul>
      <form className={css['inline']} onSubmit={create}>
        <Field
          label={t('settings.appPasswordLabel')}
          placeholder="Thunderbird"
          maxLength={60}
          value={label}
          error={error}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <Button type="submit">{t('settings.create')}</Button>
      </form>
    </SettingsSection>
  );
}
