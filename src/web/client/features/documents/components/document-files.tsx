import type { JSX } from 'react';
import type { DocumentFileView, DocumentView } from '../../../../../base/api-types.ts';
import { IconButton } from '../../../components/button.tsx';
import { Chip } from '../../../components/chip.tsx';
import { Icon } from '../../../components/icon.tsx';
import { documentFilePath } from '../../../lib/api/documents.ts';
import { copyText } from '../../../lib/clipboard.ts';
import { bytes, dateTime } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { Copy, Download, FileText } from '../../../lib/icons.ts';
import { toast } from '../../../lib/toasts.ts';
import css from './document-page.module.css';

export function DocumentFiles({
  document,
  onShow,
}: {
  document: DocumentView;
  onShow: (file: DocumentFileView) => void;
}): JSX.Element {
  const files = [...document.files].sort(
    (a, b) => Number(b.kind === 'issued') - Number(a.kind === 'issued') || b.version - a.version,
  );
  return (
    <>
      <h2 className={css['sideTitle']}>{t('documents.files')}</h2>
      {files.length === 0 && <p className="faint">{t('documents.noFiles')}</p>}
      <ul>
        {files.map((file) => (
          <File key={file.id} documentId={document.id} file={file} onShow={onShow} />
        ))}
      </ul>
    </>
  );
}

function File({
  documentId,
  file,
  onShow,
}: {
  documentId: number;
  file: DocumentFileView;
  onShow: (file: DocumentFileView) => void;
}): JSX.Element {
  const isPdf = file.type === 'application/pdf';
  const copy = (): void => {
    copyText(file.sha256).then(
      () => toast(t('documents.hashCopied')),
      () => toast(file.sha256),
    );
  };
  return (
    <li className={css['file']}>
      <Icon of={FileText} />
      <div className="grow">
        <div className={css['fileHead']}>
          {isPdf ? (
            <button type="button" className={css['fileName']} onClick={() => onShow(file)}>
              {file.name}
            </button>
          ) : (
            <span className={css['fileName']}>{file.name}</span>
          )}
          <Chip tone={file.kind === 'issued' ? 'ok' : 'plain'}>{t(`documents.kind.${file.kind}`)}</Chip>
        </div>
        <div className={css['fileMeta']}>
          {t('documents.version', { n: file.version })} · {bytes(file.size)} · {dateTime(file.createdAt)}
          {file.createdBy.startsWith('key:') && ` · ${t('documents.byEoffice')}`}
        </div>
        <div className={css['hash']}>
          SHA-256 <code title={file.sha256}>{`${file.sha256.slice(0, 8)}…${file.sha256.slice(-6)}`}</code>
          <IconButton icon={Copy} label={t('documents.copyHash')} onClick={copy} />
          <a
            href={documentFilePath(documentId, file.id)}
            download={file.name}
            aria-label={t('message.download', { name: file.name })}
            title={t('message.downloadShort')}
          >
            <Icon of={Download} />
          </a>
        </div>
      </div>
    </li>
  );
}
