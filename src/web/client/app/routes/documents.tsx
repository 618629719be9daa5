import { useEffect, useState, type JSX } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { PaneBoundary } from '../../components/pane-boundary.tsx';
import { Icon } from '../../components/icon.tsx';
import { DocumentPage } from '../../features/documents/components/document-page.tsx';
import { RegisterList } from '../../features/documents/components/register-list.tsx';
import { RegisterNav } from '../../features/documents/components/register-nav.tsx';
import { useRegister, type RegisterFilter } from '../../features/documents/hooks/use-register.ts';
import { getRegisters } from '../../lib/api/documents.ts';
import { t } from '../../lib/i18n/i18n.ts';
import { Search } from '../../lib/icons.ts';
import { useQuery, useRested } from '../../lib/use-query.ts';
import css from './page.module.css';

function readFilter(query: URLSearchParams, q: string): RegisterFilter {
  const direction = query.get('direction');
  const year = Number(query.get('year'));
  return {
    q,
    direction: direction === 'di' || direction === 'den' ? direction : undefined,
    unit: query.get('unit') ?? undefined,
    year: year > 0 ? year : undefined,
  };
}

export default function DocumentsRoute(): JSX.Element {
  const [path] = useLocation();
  const [query] = useSearchParams();
  const registers = useQuery('registers', () => getRegisters());
  const id = Number(/^\/documents\/(\d+)/.exec(path)?.[1]);
  const filter = readFilter(query, '');
  return (
    <div className={css['page']}>
      <aside className={css['side']}>
        <RegisterNav registers={registers.data ?? []} filter={id > 0 ? { ...filter, unit: '-' } : filter} />
      </aside>
      <PaneBoundary key={path}>
        {id > 0 ? (
          <DocumentPage id={id} mailHref={({ accountId, emailId }) => `/mail/${accountId}/all/${emailId}`} />
        ) : (
          <Register key={query.toString()} filter={filter} />
        )}
      </PaneBoundary>
    </div>
  );
}

function Register({ filter }: { filter: RegisterFilter }): JSX.Element {
  const [text, setText] = useState('');
  const q = useRested(text.trim(), 250);
  const list = useRegister({ ...filter, q });
  useEffect(() => {
    document.title = `${t('nav.documents')} – Công Vụ`;
  }, []);
  const title =
    filter.direction === 'di'
      ? t('documents.out')
      : filter.direction === 'den'
        ? t('documents.in')
        : t('documents.all');
  return (
    <main className={css['main']}>
      <header className={css['head']}>
        <h1>{title}</h1>
        <label className={css['search']}>
          <Icon of={Search} />
          <span className="sr">{t('documents.search')}</span>
          <input
            type="search"
            value={text}
            placeholder={t('documents.search')}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </label>
      </header>
      <div className={css['scroll']}>
        <RegisterList list={list} searched={q !== ''} />
      </div>
    </main>
  );
}
