import { useState, type JSX } from 'react';
import { Link } from 'wouter';
import type { CorrespondenceRow } from '../../../../../base/api-types.ts';
import { Button } from '../../../components/button.tsx';
import { Chip } from '../../../components/chip.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { getCorrespondence } from '../../../lib/api/documents.ts';
import { verdictShort } from '../../../lib/documents.ts';
import { describe } from '../../../lib/errors.ts';
import { courseTime } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { BadgeCheck, TriangleAlert } from '../../../lib/icons.ts';
import { toast } from '../../../lib/toasts.ts';
import { useQuery } from '../../../lib/use-query.ts';
import css from './document-page.module.css';

interface Props {
  documentId: number;
  mailHref: (open: { accountId: string; emailId: string }) => string;
}

/** Every message that carried the document: header line for all with a right to it, the message for those with the mailbox. */
export function Correspondence({ documentId, mailHref }: Props): JSX.Element {
  const first = useQuery(`correspondence:${documentId}`, () => getCorrespondence(documentId));
  const [further, setFurther] = useState<{ rows: CorrespondenceRow[]; next: string | null }>();
  if (first.error !== undefined) return <p className="faint">{describe(first.error)}</p>;
  if (!first.data) return <Skeleton lines={6} />;
  const rows = [...first.data.correspondence, ...(further?.rows ?? [])];
  const next = further ? further.next : first.data.nextCursor;
  if (rows.length === 0) return <p className={css['none']}>{t('documents.noCorrespondence')}</p>;
  const more = (): void => {
    if (!next) return;
    getCorrespondence(documentId, next).then(
      (page) => setFurther({ rows: [...(further?.rows ?? []), ...page.correspondence], next: page.nextCursor }),
      (reason: unknown) => toast(describe(reason), { tone: 'danger' }),
    );
  };
  return (
    <>
      <table className={css['table']}>
        <thead>
          <tr>
            <th scope="col">{t('documents.time')}</th>
            <th scope="col">{t('documents.fromTo')}</th>
            <th scope="col">{t('documents.content')}</th>
            <th scope="col">{t('documents.relation')}</th>
            <th scope="col">{t('documents.signature')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} mailHref={mailHref} />
          ))}
        </tbody>
      </table>
      {next && (
        <Button className={css['more']} onClick={more}>
          {t('documents.more')}
        </Button>
      )}
    </>
  );
}

function Row({ row, mailHref }: { row: CorrespondenceRow; mailHref: Props['mailHref'] }): JSX.Element {
  const verdict = row.verdict ? verdictShort(row.verdict) : undefined;
  const only = row.recipients.length === 1 ? row.recipients[0] : undefined;
  return (
    <tr>
      <td className={css['time']}>
        <time dateTime={row.at}>{courseTime(row.at)}</time>
      </td>
      <td title={row.recipients.map(({ name, address }) => name ?? address).join(', ')}>
        {row.from.name || row.from.address} →{' '}
        {only ? (only.name ?? only.address) : t('documents.recipientCount', { n: row.recipientCount })}
      </td>
      <td>{row.open ? <Link href={mailHref(row.open)}>{row.subject}</Link> : row.subject}</td>
      <td>
        {row.match === 'same' ? (
          <Chip tone="doc">{t('documents.carried')}</Chip>
        ) : (
          <Chip tone="warn" icon={TriangleAlert}>
            {t('documents.carriedDifferent')}
          </Chip>
        )}
      </td>
      <td>
        {verdict ? (
          <Chip tone={verdict.tone} {...(row.verdict === 'whole' ? { icon: BadgeCheck } : {})}>
            {verdict.text}
          </Chip>
        ) : (
          <Chip>{t('verdict.short.pending')}</Chip>
        )}
      </td>
    </tr>
  );
}
