import type { JSX, ReactNode } from 'react';
import { setLocale, t, locale } from '../../../lib/i18n/i18n.ts';
import css from './entry-frame.module.css';

/** The plain sheet for everything before the desk: sign-in, first password, first key. */
export function EntryFrame({
  title,
  intro,
  children,
}: {
  title: string;
  intro?: ReactNode;
  children: ReactNode;
}): JSX.Element {
  return (
    <main className={css['page']}>
      <div className={css['brand']}>
        <img src="/emblem.svg" width="40" height="40" alt="" />
        <div>
          <div className={css['name']}>Công Vụ</div>
          <div className={css['tag']}>{t('session.tagline')}</div>
        </div>
      </div>
      <section className={css['sheet']}>
        <h1>{title}</h1>
        {intro && <p className={css['intro']}>{intro}</p>}
        {children}
      </section>
      <button type="button" className={css['language']} onClick={() => void setLocale(locale() === 'vi' ? 'en' : 'vi')}>
        {locale() === 'vi' ? 'English' : 'Tiếng Việt'}
      </button>
    </main>
  );
}
