import { useState, type JSX } from 'react';
import { Fetched } from '../../../components/fetched.tsx';
import { lazily } from '../../../lib/lazily.tsx';
import { Link } from 'wouter';
import type { DocumentFileView, DocumentView } from '../../../../../base/api-types.ts';
import { Button } from '../../../components/button.tsx';
import { Chip } from '../../../components/chip.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { fetchDocumentFile, getDocument } from '../../../lib/api/documents.ts';
import { openCompose } from '../../../lib/compose-intent.ts';
import { urgencyTone, urgencyWords } from '../../../lib/documents.ts';
import { describe } from '../../../lib/errors.ts';
import { date } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { Check, CircleAlert, Send } from '../../../lib/icons.ts';
import { useQuery } from '../../../lib/use-query.ts';
import { Correspondence } from './correspondence.tsx';
import css from './document-page.module.css';
import { DocumentFiles } from './document-files.tsx';

const FileViewer = lazily(() => import('../../../components/file-viewer.tsx'));

export function DocumentPage({
  id,
  mailHref,
}: {
  id: number;
  mailHref: (open: { accountId: string; emailId: string }) => string;
}): JSX.Element {
  const { data, error } = useQuery(`document:${id}`, (signal) => getDocument(id, signal));
  const [shown, setShown] = useState<DocumentFileView | null>(null);
  if (error !== undefined)
    return (
      <EmptyState icon={CircleAlert} title={t('documents.failed')}>
        {describe(error)}
      </EmptyState>
    );
  if (!data)
    return (
      <div className={css['page']}>
        <Skeleton lines={12} />
      </div>
    );
  return (
    <div className={css['split']}>
      <main className={css['page']}>
        <Head document={data} />
        <Metadata document={data} />
        <h2 className={css['section']}>
          {t('documents.correspondence')} <span className="faint">{data.correspondenceCount}</span>
        </h2>
        <Correspondence documentId={id} mailHref={mailHref} />
      </main>
      <aside className={css['side']} aria-label={t('documents.files')}>
        <DocumentFiles document={data} onShow={setShown} />
      </aside>
      {shown && (
        <Dialog wide title={shown.name} onClose={() => setShown(null)}>
          <Fetched waiting={<Skeleton lines={9} />}>
            <FileViewer kind="pdf" name={shown.name} load={() => fetchDocumentFile(id, shown.id)} />
          </Fetched>
        </Dialog>
      )}
    </div>
  );
}

function Head({ document }: { document: DocumentView }): JSX.Element {
  const issued = document.files.filter(({ kind }) => kind === 'issued').sort((a, b) => b.version - a.version)[0];
  const year = document.issuedDate.slice(0, 4);
  const write = (): void => {
    if (!issued) return;
    const { id, identifier, numberNotation, subject } = document;
    openCompose({ kind: 'new', document: { documentId: id, identifier, numberNotation, subject, file: issued } });
  };
  return (
    <header>
      <nav className={css['crumb']} aria-label={t('documents.where')}>
        <Link href={`/documents?direction=${document.direction}&unit=${document.unitCode}&year=${year}`}>
          {t(document.direction === 'di' ? 'documents.registerOut' : 'documents.registerIn', {
            unit: document.unitName,
            year,
          })}
        </Link>
        {' › '}
        {document.numberNotation}
      </nav>
      <div className={css['bar']}>
        <span className={css['number']}>{document.numberNotation}</span>
        <Chip>{document.typeName}</Chip>
        {document.urgency !== 'thuong' && (
          <Chip tone={urgencyTone(document.urgency)}>{urgencyWords(document.urgency).toLocaleUpperCase('vi')}</Chip>
        )}
        <Chip
          tone={document.status === 'issued' ? 'ok' : document.status === 'recalled' ? 'danger' : 'plain'}
          {...(document.status === 'issued' ? { icon: Check } : {})}
        >
          {t(`documents.status.${document.status}`)}
        </Chip>
        <span className="grow" />
        <Button
          tone="primary"
          icon={Send}
          disabled={!issued}
          onClick={write}
          {...(issued ? {} : { title: t('documents.noIssuedFile') })}
        >
          {t('documents.sendWith')}
        </Button>
      </div>
      <h1 className={css['title']}>{document.subject}</h1>
    </header>
  );
}

function Metadata({ document }: { document: DocumentView }): JSX.Element {
  const { signer } = document;
  const facts: [string, string | null][] = [
    [t('documents.issuer'), `${document.issuerName} · ${document.issuerCode}`],
    [t('documents.issuedDate'), `${document.place ? `${document.place}, ` : ''}${date(document.issuedDate)}`],
    [t('documents.signer'), [signer.authority, signer.position, signer.fullName].filter(Boolean).join(' · ')],
    [t('documents.identifier'), document.identifier],
    [t('documents.due'), document.dueDate ? date(document.dueDate) : null],
    [t('documents.arrivalNumber'), document.arrivalNumber === null ? null : String(document.arrivalNumber)],
    [t('documents.arrivalDate'), document.arrivalDate ? date(document.arrivalDate) : null],
    [t('documents.pages'), document.pageAmount === null ? null : String(document.pageAmount)],
    [t('documents.responseFor'), document.responseFor],
    [t('documents.eoffice'), document.externalId],
  ];
  return (
    <>
      <dl className={css['meta']}>
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {document.recipients.length > 0 && (
        <details className={css['recipients']}>
          <summary>{t('documents.recipients', { n: document.recipients.length })}</summary>
          <p>{document.recipients.map(({ code, name }) => name ?? code).join('; ')}</p>
        </details>
      )}
    </>
  );
}
