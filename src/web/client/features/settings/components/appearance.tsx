import type { JSX } from 'react';
import { setLocale, t, locale, type Locale } from '../../../lib/i18n/i18n.ts';
import { applyTheme, theme, type Theme } from '../../../lib/preferences.ts';
import { useStore } from '../../../lib/store.ts';
import css from './settings.module.css';
import { SettingsSection } from './settings-section.tsx';

function Choice<T extends string>({
  name,
  value,
  options,
  onChange,
}: {
  name: string;
  value: T;
  options: [T, string][];
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <fieldset className={css['choice']}>
      <legend>{name}</legend>
      {options.map(([option, words]) => (
        <label key={option}>
          <input type="radio" name={name} value={option} checked={value === option} onChange={() => onChange(option)} />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Appearance(): JSX.Element {
  const chosen = useStore(theme);
  const themes: [Theme, string][] = [
    ['system', t('settings.themeSystem')],
    ['light', t('settings.themeLight')],
    ['dark', t('settings.themeDark')],
  ];
  const languages: [Locale, string][] = [
    ['vi', 'Tiếng Việt'],
    ['en', 'English'],
  ];
  return (
    <SettingsSection title={t('settings.appearance')} intro={t('settings.appearanceIntro')}>
      <Choice
        name={t('settings.language')}
        value={locale()}
        options={languages}
        onChange={(next) => void setLocale(next)}
      />
      <Choice name={t('settings.theme')} value={chosen} options={themes} onChange={applyTheme} />
    </SettingsSection>
  );
}
