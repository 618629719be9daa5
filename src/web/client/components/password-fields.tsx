import type { JSX } from 'react';
import { t } from '../lib/i18n/i18n.ts';
import { Field } from './field.tsx';

export interface Passwords {
  current: string;
  next: string;
  again: string;
}
export const noPasswords: Passwords = { current: '', next: '', again: '' };

/** The three fields of every change of a password: at the first sign-in and in the settings. */
export function PasswordFields(props: {
  value: Passwords;
  onChange: (value: Passwords) => void;
  autoFocus?: boolean;
}): JSX.Element {
  const { value, onChange } = props;
  const field = (name: keyof Passwords) => ({
    type: 'password',
    value: value[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...value, [name]: event.currentTarget.value }),
  });
  return (
    <>
      <Field
        label={t('session.currentPassword')}
        autoComplete="current-password"
        autoFocus={props.autoFocus ?? false}
        {...field('current')}
      />
      <Field
        label={t('session.newPassword')}
        autoComplete="new-password"
        hint={t('session.passwordRule')}
        {...field('next')}
      />
      <Field label={t('session.passwordAgain')} autoComplete="new-password" {...field('again')} />
    </>
  );
}
