import type { JSX } from 'react';
import { Link } from 'wouter';
import type { CorrespondenceRow, DocumentMark, DocumentView } from '../../../../../base/api-types.ts';
import { Chip } from '../../../components/chip.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { getCorrespondence, getDocument } from '../../../lib/api/documents.ts';
import { urgencyWords } from '../../../lib/documents.ts';
import { describe } from '../../../lib/errors.ts';
import { courseTime, date, daysUntil } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { TriangleAlert } from '../../../lib/icons.ts';
import { useQuery } from '../../../lib/use-query.ts';
import css from './linked-documents.module.css';

/** Beside a message: the documents it carries, and the course of each. */
export default function LinkedDocuments({
  marks,
  known,
}: {
  marks: readonly DocumentMark[];
  known: boolean;
}): JSX.Element {
  // Of several files for one document, the one that is not what was issued is what must be told.
  const worstLast = [...marks].sort((a, b) => Number(a.match === 'different') - Number(b.match === 'different'));
  const worst = new Map(worstLast.map((mark) => [mark.documentId, mark]));
  const unique = [...new Set(marks.map(({ documentId }) => documentId))].flatMap((id) => worst.get(id) ?? []);
  if (known && unique.length === 0) return <p className="faint">{t('documents.noneLinked')}</p>;
  return (
    <>
      <h2 className={css['title']}>
        {t('documents.linked')}
        <span className="faint">{unique.length || ''}</span>
      </h2>
      {unique.map((mark) => (
        <LinkedDocument key={mark.documentId} mark={mark} />
      ))}
    </>
  );
}

function LinkedDocument({ mark }: { mark: DocumentMark }): JSX.Element {
  const document = useQuery(`document:${mark.documentId}`, (signal) => getDocument(mark.documentId, signal));
  const course = useQuery(`course:${mark.documentId}`, () => getCorrespondence(mark.documentId, undefined, 6));
  return (
    <>
      <article className={css['card']}>
        <div className="row">
          <Link href={`/documents/${mark.documentId}`} className={css['number']}>
            {mark.numberNotation}
          </Link>
          <span className="grow" />
          {mark.typeName && <Chip>{mark.typeName}</Chip>}
        </div>
        <p className={css['subject']}>{mark.subject || document.data?.subject}</p>
        {mark.match === 'different' && (
          <p className={css['different']}>
            <Icon of={TriangleAlert} small />
            {t('documents.different')}
          </p>
        )}
        {document.data ? (
          <Facts document={document.data} />
        ) : document.error === undefined ? (
          <Skeleton lines={4} />
        ) : (
          <p className="faint">{describe(document.error)}</p>
        )}
      </article>
      {course.data && course.data.correspondence.length > 0 && (
        <>
          <h3 className={css['title']}>{t('documents.course')}</h3>
          <Course rows={course.data.correspondence} document={document.data} />
        </>
      )}
    </>
  );
}

const dueWords = (left: number): string =>
  left < 0
    ? t('documents.overdue', { n: -left })
    : left === 0
      ? t('documents.dueToday')
      : t('documents.daysLeft', { n: left });

function Facts({ document }: { document: DocumentView }): JSX.Element {
  const left = document.dueDate ? daysUntil(document.dueDate) : undefined;
  return (
    <dl>
      <dt>{t('documents.issued')}</dt>
      <dd>
        {document.issuerName}, {date(document.issuedDate)}
      </dd>
      <dt>{t('documents.signer')}</dt>
      <dd>{document.signer.fullName}</dd>
      {document.urgency !== 'thuong' && (
        <>
          <dt>{t('documents.urgency')}</dt>
          <dd className={css['urgent']}>{urgencyWords(document.urgency)}</dd>
        </>
      )}
      {document.dueDate && left !== undefined && (
        <>
          <dt>{t('documents.due')}</dt>
          <dd>
            {date(document.dueDate)} · {dueWords(left)}
          </dd>
        </>
      )}
      {document.arrivalNumber !== null && (
        <>
          <dt>{t('documents.arrivalNumber')}</dt>
          <dd>{document.arrivalNumber}</dd>
        </>
      )}
    </dl>
  );
}

function Course({
  rows,
  document,
}: {
  rows: readonly CorrespondenceRow[];
  document: DocumentView | undefined;
}): JSX.Element {
  return (
    <ul className={css['course']}>
      {rows.map((row, at) => (
        <li key={row.id} className={at === 0 ? css['now'] : undefined}>
          <time dateTime={row.at}>{courseTime(row.at)}</time>
          {t('documents.sentTo', { name: row.from.name || row.from.address, n: row.recipientCount })}
          {row.receivedCount > 0 && (
            <>
              {' · '}
              <b>{t('documents.received', { n: row.receivedCount })}</b>
            </>
          )}
        </li>
      ))}
      {document && (
        <li>
          <time dateTime={document.createdAt}>{courseTime(document.createdAt)}</time>
          {t(document.direction === 'di' ? 'documents.registeredOut' : 'documents.registeredIn', {
            number: document.numberNotation,
          })}
        </li>
      )}
    </ul>
  );
}
