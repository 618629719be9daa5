import { useEffect, useState, type JSX } from 'react';
import { describe } from '../lib/errors.ts';
import { t } from '../lib/i18n/i18n.ts';
import { CircleAlert } from '../lib/icons.ts';
import { EmptyState } from './empty-state.tsx';
import css from './file-viewer.module.css';
import { PdfPages } from './pdf-pages.tsx';
import { Skeleton } from './skeleton.tsx';

interface Props {
  kind: 'pdf' | 'image';
  name: string;
  load: (signal: AbortSignal) => Promise<Blob>;
}

/** Shows a file in place from its bytes: the viewer is never given an address of active content. */
export default function FileViewer({ kind, name, load }: Props): JSX.Element {
  const [blob, setBlob] = useState<Blob>();
  const [error, setError] = useState<unknown>();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const abort = new AbortController();
    load(abort.signal).then(
      (got) => !abort.signal.aborted && setBlob(got),
      (reason: unknown) => !abort.signal.aborted && setError(reason),
    );
    return () => abort.abort();
  }, []);
  useEffect(() => {
    if (!blob || kind !== 'image') return;
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob, kind]);
  if (error !== undefined)
    return (
      <EmptyState icon={CircleAlert} title={t('file.failed')}>
        {describe(error)}
      </EmptyState>
    );
  if (!blob) return <Skeleton lines={9} />;
  if (kind === 'pdf') return <PdfPages blob={blob} name={name} />;
  return url ? <img className={css['image']} src={url} alt={name} /> : <Skeleton lines={9} />;
}
