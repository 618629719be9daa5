import type { JSX } from 'react';
import { Link } from 'wouter';
import type { RegisterView } from '../../../../../base/api-types.ts';
import { Icon, type IconNode } from '../../../components/icon.tsx';
import { number } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { BookDown, BookOpen, BookUp, FileText } from '../../../lib/icons.ts';
import type { RegisterFilter } from '../hooks/use-register.ts';
import css from './register-nav.module.css';

function Entry({
  href,
  icon,
  name,
  on,
  count,
}: {
  href: string;
  icon: IconNode;
  name: string;
  on: boolean;
  count?: number;
}): JSX.Element {
  return (
    <Link
      href={href}
      className={`${css['entry']} ${on ? css['on'] : ''}`}
      aria-current={on ? 'page' : undefined}
      title={name}
    >
      <Icon of={icon} />
      <span className="cut">{name}</span>
      {count !== undefined && <span className={css['count']}>{number(count)}</span>}
    </Link>
  );
}

export function RegisterNav({
  registers,
  filter,
}: {
  registers: readonly RegisterView[];
  filter: RegisterFilter;
}): JSX.Element {
  const years = [...new Set(registers.map(({ year }) => year))].sort((a, b) => b - a);
  return (
    <nav aria-label={t('documents.registers')} className={css['nav']}>
      <Entry href="/documents" icon={FileText} name={t('documents.all')} on={!filter.direction && !filter.unit} />
      <Entry
        href="/documents?direction=den"
        icon={BookDown}
        name={t('documents.in')}
        on={filter.direction === 'den' && !filter.unit}
      />
      <Entry
        href="/documents?direction=di"
        icon={BookUp}
        name={t('documents.out')}
        on={filter.direction === 'di' && !filter.unit}
      />
      {years.map((year) => (
        <div key={year}>
          <h2 className={css['heading']}>{t('documents.registersOf', { year })}</h2>
          {registers
            .filter((one) => one.year === year)
            .map((one) => (
              <Entry
                key={`${one.unitCode}${one.direction}`}
                href={`/documents?direction=${one.direction}&unit=${encodeURIComponent(one.unitCode)}&year=${year}`}
                icon={BookOpen}
                name={`${t(one.direction === 'di' ? 'documents.outShort' : 'documents.inShort')} · ${one.unitName}`}
                on={filter.unit === one.unitCode && filter.direction === one.direction && filter.year === year}
                count={one.documentCount}
              />
            ))}
        </div>
      ))}
    </nav>
  );
}
