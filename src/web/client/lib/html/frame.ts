/**
 * The message's document and its height. The frame has neither scripts nor our origin, so it can neither tell its height nor be measured;
 * instead a twin of its layout is built here from a fixed list of elements, numbers and text (never by parsing markup), hidden, with the same
 * filtered styles, and measured at the frame's width.
 */
import type { SafeHtml } from './sanitise.ts';

const base = `html{overflow:auto hidden}body{margin:0;padding:1px;font:14.5px/1.6 system-ui,"Segoe UI",Roboto,sans-serif;color:#1d2127;background:#fff;overflow-wrap:anywhere}
img{max-width:100%;height:auto}table{max-width:100%}blockquote{margin:0 0 0 2px;padding-left:12px;border-left:2px solid #c6c3b9}pre{white-space:pre-wrap}a{color:#14507f}p{margin:0 0 12px}`;

const toBase64 = (text: string): string => {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
};

export function frameDocument(safe: SafeHtml, lang: string): string {
  const holder = document.createElement('div');
  holder.append(safe.fragment.cloneNode(true));
  // The page's own policy is inherited by srcdoc; this one narrows it further.
  const policy = "default-src 'none'; style-src data:; img-src data:; form-action 'none'; base-uri 'none'";
  const sheet = `data:text/css;base64,${toBase64(`${base}\n${safe.css}`)}`;
  return (
    `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">` +
    `<meta name="referrer" content="no-referrer"><link rel="stylesheet" href="${sheet}"></head><body>${holder.innerHTML}</body></html>`
  );
}

const numbers = [
  'width',
  'height',
  'border',
  'cellpadding',
  'cellspacing',
  'colspan',
  'rowspan',
  'size',
  'start',
  'span',
];
const words = ['align', 'valign', 'nowrap', 'dir', 'face', 'type'];
const dropped = new Set(['A', 'MARK', 'DETAILS', 'SUMMARY']);

function copyNode(node: Node): Node | null {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.nodeValue ?? '');
  if (!(node instanceof Element)) return null;
  const copy = document.createElement(dropped.has(node.tagName) ? 'span' : node.tagName.toLowerCase());
  for (const name of numbers)
    if (/^\d{1,4}%?$/.test(node.getAttribute(name) ?? '')) copy.setAttribute(name, node.getAttribute(name) ?? '');
  for (const name of words)
    if (/^[\w ,-]{1,80}$/.test(node.getAttribute(name) ?? '')) copy.setAttribute(name, node.getAttribute(name) ?? '');
  if (/^s\d+$/.test(node.className)) copy.className = node.className;
  const src = node.getAttribute('src');
  if (copy instanceof HTMLImageElement && src) {
    copy.referrerPolicy = 'no-referrer';
    copy.src = src;
  }
  for (const child of node.childNodes) {
    const inner = copyNode(child);
    if (inner) copy.append(inner);
  }
  return copy;
}

/** Calls back with the height that the frame needs, now and when pictures or the width change. */
export function measureTwin(host: HTMLElement, safe: SafeHtml, onHeight: (height: number) => void): () => void {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${base.replace(/html\{[^}]*\}/, '').replace('body{', '.body{display:flow-root;')}\n${safe.css}`);
  root.adoptedStyleSheets = [sheet];
  const body = document.createElement('div');
  body.className = 'body';
  for (const child of safe.fragment.childNodes) {
    const inner = copyNode(child);
    if (inner) body.append(inner);
  }
  root.replaceChildren(body);
  // Room for a horizontal scroll bar of a table too wide.
  const report = (): void =>
    onHeight(Math.ceil(body.getBoundingClientRect().height) + (body.scrollWidth > host.clientWidth ? 18 : 2));
  const observer = new ResizeObserver(report);
  observer.observe(body);
  report();
  return () => observer.disconnect();
}
