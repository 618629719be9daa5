import type { JSX } from 'react';
import { Link, useLocation } from 'wouter';
import type { DocumentRow } from '../../../../../base/api-types.ts';
import { Button } from '../../../components/button.tsx';
import { Chip } from '../../../components/chip.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { urgencyTone, urgencyWords } from '../../../lib/documents.ts';
import { describe } from '../../../lib/errors.ts';
import { date, number } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { CircleAlert, FileText } from '../../../lib/icons.ts';
import type { RegisterList as List } from '../hooks/use-register.ts';
import css from './register.module.css';

export function RegisterList({ list, searched }: { list: List; searched: boolean }): JSX.Element {
  if (list.error !== undefined && !list.rows)
    return (
      <EmptyState icon={CircleAlert} title={t('documents.failed')}>
        {describe(list.error)}
      </EmptyState>
    );
  if (!list.rows) return <Skeleton lines={12} />;
  if (list.rows.length === 0)
    return (
      <EmptyState icon={FileText} title={searched ? t('documents.noneFound') : t('documents.empty')}>
        {searched ? t('compose.pickHint') : t('documents.emptyHint')}
      </EmptyState>
    );
  return (
    <>
      <table className={css['table']}>
        <thead>
          <tr>
            <th scope="col">{t('documents.number')}</th>
            <th scope="col">{t('documents.abstract')}</th>
            <th scope="col">{t('documents.issuer')}</th>
            <th scope="col">{t('documents.issuedDate')}</th>
            <th scope="col" className={css['count']}>
              {t('documents.mails')}
            </th>
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </tbody>
      </table>
      {list.more && (
        <Button className={css['more']} disabled={list.loadingMore} onClick={list.more}>
          {t('documents.more')}
        </Button>
      )}
    </>
  );
}

function Row({ row }: { row: DocumentRow }): JSX.Element {
  const [, navigate] = useLocation();
  return (
    <tr onClick={() => navigate(`/documents/${row.id}`)}>
      <td>
        <Link href={`/documents/${row.id}`} className={css['number']}>
          {row.numberNotation}
        </Link>
        <div className={css['type']}>{row.typeName}</div>
      </td>
      <td>
        <span className={css['subject']}>{row.subject}</span>
        <span className={css['chips']}>
          {row.urgency !== 'thuong' && (
            <Chip tone={urgencyTone(row.urgency)}>{urgencyWords(row.urgency).toLocaleUpperCase('vi')}</Chip>
          )}
          {row.status !== 'issued' && (
            <Chip tone={row.status === 'recalled' ? 'danger' : 'plain'}>{t(`documents.status.${row.status}`)}</Chip>
          )}
          {row.direction === 'den' && row.arrivalNumber !== null && (
            <Chip>{t('documents.arrival', { n: row.arrivalNumber })}</Chip>
          )}
        </span>
      </td>
      <td className="muted">{row.issuerName}</td>
      <td className={css['date']}>{date(row.issuedDate)}</td>
      <td className={css['count']}>{row.correspondenceCount > 0 ? number(row.correspondenceCount) : ''}</td>
    </tr>
  );
}
