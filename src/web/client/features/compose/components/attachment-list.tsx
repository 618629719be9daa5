import type { JSX } from 'react';
import { Button, IconButton } from '../../../components/button.tsx';
import { Chip } from '../../../components/chip.tsx';
import { Icon } from '../../../components/icon.tsx';
import { bytes } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { Check, FileText, Paperclip, X } from '../../../lib/icons.ts';
import type { Attachment } from '../draft.ts';
import css from './attachment-list.module.css';

interface Props {
  attachments: readonly Attachment[];
  onRemove: (key: string) => void;
  onRetry: (key: string) => void;
}

export function AttachmentList({ attachments, onRemove, onRetry }: Props): JSX.Element | null {
  if (attachments.length === 0) return null;
  return (
    <ul className={css['list']} aria-label={t('message.attachments')}>
      {attachments.map((one) => (
        <li key={one.key} className={one.document ? css['document'] : css['file']}>
          <Icon of={one.document ? FileText : Paperclip} />
          <div className="grow">
            {one.document && (
              <div className="cut">
                <b className={css['number']}>{one.document.numberNotation}</b> {one.document.subject}
              </div>
            )}
            <div className={`${one.document ? css['meta'] : ''} cut`}>
              {one.name} · {bytes(one.size)}
              {one.document && ` · ${t('compose.willBeLinked')}`}
            </div>
            {one.state === 'loading' && (
              <progress value={one.progress} aria-label={t('compose.uploading', { name: one.name })} />
            )}
            {one.state === 'failed' && (
              <span className={css['failed']}>{t(one.tooLarge ? 'compose.fileTooLarge' : 'compose.uploadFailed')}</span>
            )}
          </div>
          {one.document && one.state === 'ready' && (
            <Chip tone="ok" icon={Check}>
              {t('compose.issuedCopy')}
            </Chip>
          )}
          {one.state === 'failed' && !one.tooLarge && (
            <Button size="s" onClick={() => onRetry(one.key)}>
              {t('common.retry')}
            </Button>
          )}
          <IconButton
            icon={X}
            label={
              one.state === 'loading'
                ? t('compose.cancelUpload', { name: one.name })
                : t('compose.removeFile', { name: one.name })
            }
            onClick={() => onRemove(one.key)}
          />
        </li>
      ))}
    </ul>
  );
}
