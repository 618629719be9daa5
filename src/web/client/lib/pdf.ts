/** pdf.js, loaded only when a PDF is opened; its worker is our own file. */
import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist';

let worker: Worker | undefined;

export function openPdf(data: ArrayBuffer): Promise<PDFDocumentProxy> {
  worker ??= new Worker(new URL('pdfjs-dist/build/pdf.worker.min.mjs', import.meta.url), { type: 'module' });
  GlobalWorkerOptions.workerPort = worker;
  return getDocument({
    data,
    // WebAssembly would need a wider policy for the page.
    useWasm: false,
    isOffscreenCanvasSupported: false,
    enableXfa: false,
    stopAtErrors: false,
    maxImageSize: 50_000_000,
  }).promise;
}
