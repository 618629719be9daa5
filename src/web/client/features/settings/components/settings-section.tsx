import type { JSX, ReactNode } from 'react';
import css from './settings.module.css';

export function SettingsSection({
  title,
  intro,
  children,
}: {
  title: string;
  intro?: string;
  children: ReactNode;
}): JSX.Element {
  return (
    <section className={css['section']}>
      <div>
        <h2>{title}</h2>
        {intro && <p>{intro}</p>}
      </div>
      <div className={css['content']}>{children}</div>
    </section>
  );
}
