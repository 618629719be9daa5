import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
import { useEffect, useRef, useState, type JSX } from 'react';
import { t } from '../lib/i18n/i18n.ts';
import { CircleAlert } from '../lib/icons.ts';
import { EmptyState } from './empty-state.tsx';
import css from './file-viewer.module.css';
import { Skeleton } from './skeleton.tsx';

/** Pages on canvases, each drawn when it comes near; scripts of the file never run (pdf.js has no eval here). */
export function PdfPages({ blob, name }: { blob: Blob; name: string }): JSX.Element {
  const [pages, setPages] = useState<PDFPageProxy[]>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let file: PDFDocumentProxy | undefined;
    let live = true;
    const open = async (): Promise<void> => {
      const { openPdf } = await import('../lib/pdf.ts');
      const opened = await openPdf(await blob.arrayBuffer());
      file = opened;
      const count = Math.min(opened.numPages, 200);
      const all = await Promise.all(Array.from({ length: count }, (_, at) => opened.getPage(at + 1)));
      if (live) setPages(all);
    };
    open().catch(() => live && setFailed(true));
    return () => {
      live = false;
      void file?.destroy();
    };
  }, [blob]);
  if (failed)
    return (
      <EmptyState icon={CircleAlert} title={t('file.pdfFailed')}>
        {t('file.pdfFailedHint')}
      </EmptyState>
    );
  if (!pages) return <Skeleton lines={9} />;
  return (
    <div className={css['pages']}>
      <span className={css['count']}>{t('file.pages', { n: pages.length })}</span>
      {pages.map((page) => (
        <PdfPage key={page.pageNumber} page={page} label={t('file.page', { name, n: page.pageNumber })} />
      ))}
    </div>
  );
}

function PdfPage({ page, label }: { page: PDFPageProxy; label: string }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = page.getViewport({ scale: 1 });
  useEffect(() => {
    const target = canvas.current;
    const frame = box.current;
    if (!target || !frame) return;
    let task: ReturnType<PDFPageProxy['render']> | undefined;
    const watch = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting) || task) return;
        const scale = (frame.clientWidth / size.width) * Math.min(devicePixelRatio, 2);
        const viewport = page.getViewport({ scale });
        target.width = viewport.width;
        target.height = viewport.height;
        task = page.render({ canvas: target, viewport });
        // Cancelled when the dialog closes.
        task.promise.catch(() => undefined);
      },
      { rootMargin: '600px' },
    );
    watch.observe(frame);
    return () => {
      watch.disconnect();
      task?.cancel();
    };
  }, [page]);
  return (
    <div ref={box} className={css['page']} style={{ aspectRatio: `${size.width} / ${size.height}` }}>
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}
