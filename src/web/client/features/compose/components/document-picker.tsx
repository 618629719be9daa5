import { useState, type JSX } from 'react';
import { Chip } from '../../../components/chip.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { searchDocuments } from '../../../lib/api/documents.ts';
import type { AttachedDocument } from '../../../lib/compose-intent.ts';
import { describe } from '../../../lib/errors.ts';
import { date } from '../../../lib/format.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { CircleAlert, FileText, Search } from '../../../lib/icons.ts';
import { useLast, useQuery, useRested } from '../../../lib/use-query.ts';
import css from './document-picker.module.css';

/** The register, by number, notation or words of the abstract; only what has an issued file can be attached. */
export default function DocumentPicker({
  onPick,
  onClose,
}: {
  onPick: (document: AttachedDocument) => void;
  onClose: () => void;
}): JSX.Element {
  const [text, setText] = useState('');
  const q = useRested(text.trim());
  const { data, error, loading } = useQuery(`pick:${q}`, (signal) => searchDocuments({ q, limit: 30 }, signal));
  const last = useLast(data);
  const found = error === undefined ? last : undefined;
  return (
    <Dialog title={t('compose.pickDocument')} onClose={onClose}>
      <label className={css['search']}>
        <Icon of={Search} />
        <span className="sr">{t('compose.pickSearch')}</span>
        <input
          type="search"
          autoFocus
          value={text}
          placeholder={t('compose.pickSearch')}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <div className={css['results']} aria-busy={loading}>
        {error !== undefined && (
          <EmptyState icon={CircleAlert} title={t('documents.failed')}>
            {describe(error)}
          </EmptyState>
        )}
        {!data && !found?.documents.length && error === undefined && <Skeleton lines={9} />}
        {data?.documents.length === 0 && (
          <EmptyState icon={FileText} title={t('documents.noneFound')}>
            {t('compose.pickHint')}
          </EmptyState>
        )}
        <ul>
          {found?.documents.map((one) => {
            const file = one.issuedFile;
            return (
              <li key={one.id}>
                <button
                  type="button"
                  disabled={!file}
                  onClick={() =>
                    file &&
                    onPick({
                      documentId: one.id,
                      identifier: one.identifier,
                      numberNotation: one.numberNotation,
                      subject: one.subject,
                      file,
                    })
                  }
                >
                  <span className={css['top']}>
                    <b>{one.numberNotation}</b>
                    <Chip>{one.typeName}</Chip>
                    <span className="faint">{date(one.issuedDate)}</span>
                  </span>
                  <span className={css['subject']}>{one.subject}</span>
                  <small className="cut">{file ? file.name : t('documents.noIssuedFile')}</small>
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </Dialog>
  );
}
