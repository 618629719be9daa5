import { useMemo, useState, type JSX } from 'react';
import type { DirectoryEntryView, UnitView } from '../../../../../base/api-types.ts';
import { fold } from '../../../../../base/text.ts';
import { Avatar } from '../../../components/avatar.tsx';
import { Button } from '../../../components/button.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { listUnits, searchDirectory } from '../../../lib/api/directory.ts';
import { openCompose } from '../../../lib/compose-intent.ts';
import { describe } from '../../../lib/errors.ts';
import { useAutoFocus } from '../../../lib/focus.ts';
import { daysUntil } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { CircleAlert, PenLine, Search, Users } from '../../../lib/icons.ts';
import { useLast, useQuery, useRested } from '../../../lib/use-query.ts';
import css from './directory.module.css';

/** People and units by any part of name, title or unit, with or without tone marks. */
export function DirectoryScreen(): JSX.Element {
  const [text, setText] = useState('');
  const input = useAutoFocus(true);
  const q = useRested(text.trim());
  const people = useQuery(`directory:${q}`, (signal) => searchDirectory(q, 50, signal));
  const last = useLast(people.data);
  const shown = people.error === undefined ? last : undefined;
  const units = useQuery('units', () => listUnits());
  const found = useMemo(
    () =>
      units.data?.filter(
        (unit) => !q || fold(`${unit.name} ${unit.shortName} ${unit.abbreviation} ${unit.code}`).includes(fold(q)),
      ),
    [units.data, q],
  );
  return (
    <main className={css['screen']}>
      <header className={css['head']}>
        <h1>{t('nav.directory')}</h1>
        <label className={css['search']}>
          <Icon of={Search} />
          <span className="sr">{t('directory.search')}</span>
          <input
            ref={input}
            type="search"
            value={text}
            placeholder={t('directory.search')}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </label>
      </header>
      <div className={css['columns']}>
        <section aria-label={t('directory.people')}>
          <h2>{t('directory.people')}</h2>
          {people.error !== undefined && (
            <EmptyState icon={CircleAlert} title={t('directory.failed')}>
              {describe(people.error)}
            </EmptyState>
          )}
          {!people.data && !shown?.length && people.error === undefined && <Skeleton lines={9} />}
          {people.data?.length === 0 && (
            <EmptyState icon={Users} title={q ? t('directory.none') : t('directory.start')}>
              {t('directory.noneHint')}
            </EmptyState>
          )}
          <ul>
            {shown?.map((entry) => (
              <Entry key={entry.address} entry={entry} />
            ))}
          </ul>
        </section>
        <section aria-label={t('directory.units')}>
          <h2>{t('directory.units')}</h2>
          {units.error !== undefined && (
            <EmptyState icon={CircleAlert} title={t('directory.failed')}>
              {describe(units.error)}
            </EmptyState>
          )}
          {!found && units.error === undefined && <Skeleton lines={9} />}
          {found?.length === 0 && <p className={css['meta']}>{t('directory.noUnit')}</p>}
          <ul>
            {found?.map((unit) => (
              <Unit key={unit.code} unit={unit} />
            ))}
          </ul>
        </section>
      </div>
    </main>
  );
}

function Entry({ entry }: { entry: DirectoryEntryView }): JSX.Element {
  return (
    <li className={css['entry']}>
      <Avatar name={entry.name} unit={entry.kind === 'unit'} large />
      <div className="grow">
        <b>{entry.name}</b>
        <div className={css['meta']}>
          {[entry.title, entry.kind === 'unit' ? t('directory.unitMailbox') : entry.unitName]
            .filter(Boolean)
            .join(' · ')}
        </div>
        <div className={css['address']}>{entry.address}</div>
      </div>
      <Button
        size="s"
        icon={PenLine}
        onClick={() => openCompose({ kind: 'new', to: [{ name: entry.name, email: entry.address }] })}
        aria-label={t('directory.writeTo', { name: entry.name })}
      >
        {t('directory.write')}
      </Button>
    </li>
  );
}

function Unit({ unit }: { unit: UnitView }): JSX.Element {
  // From that day on nothing reaches its mailbox; before, it works as ever.
  const closed = unit.validTo !== null && daysUntil(unit.validTo) <= 0;
  const email = closed ? null : unit.email;
  return (
    <li className={css['entry']}>
      <Avatar name={unit.shortName || unit.name} unit large />
      <div className="grow">
        <b>{unit.name}</b>
        <div className={css['meta']}>
          {unit.code}
          {closed && ` · ${t('directory.closed')}`}
        </div>
        {email && <div className={css['address']}>{email}</div>}
      </div>
      {email && (
        <Button
          size="s"
          icon={PenLine}
          onClick={() => openCompose({ kind: 'new', to: [{ name: unit.name, email }] })}
          aria-label={t('directory.writeTo', { name: unit.name })}
        >
          {t('directory.write')}
        </Button>
      )}
    </li>
  );
}
