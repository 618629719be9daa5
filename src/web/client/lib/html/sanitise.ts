/**
 * The first of three walls around a message's HTML (then the sandboxed frame, then its policy). Out comes a fragment without scripts,
 * forms, names, frames or addresses that load by themselves; styles become classes of a sheet that was filtered property by property.
 */
import DOMPurify from 'dompurify';
import { filterStyle } from './style-filter.ts';

export interface SanitiseOptions {
  allowRemote: boolean;
  /** Content-ID -> data: URL of the message's own inline pictures. */
  inline: ReadonlyMap<string, string>;
}
export interface SafeHtml {
  fragment: DocumentFragment;
  css: string;
  /** How many remote pictures were left out. */
  blocked: number;
}

const tags = (
  'a abbr address b big blockquote br caption center cite code col colgroup dd del div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins ' +
  'kbd li mark ol p pre q s samp section article header footer main aside small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr details summary'
).split(' ');
const attributes =
  'href src alt title width height align valign bgcolor color face size border cellpadding cellspacing colspan rowspan dir lang start type nowrap style span background'.split(
    ' ',
  );

const linkable = /^(?:https?:|mailto:|tel:)/i;
const ownPicture = /^data:image\/(?:png|jpe?g|gif|webp|bmp);base64,[a-z0-9+/=\s]+$/i;

export function sanitise(html: string, options: SanitiseOptions): SafeHtml {
  const classes = new Map<string, string>();
  let blocked = 0;
  const fragment = purify(html) ?? document.createDocumentFragment();
  for (const element of fragment.querySelectorAll('*')) {
    cleanLink(element);
    if (cleanSource(element, options) === 'blocked') blocked++;
    moveStyle(element, classes);
  }
  const css = [...classes].map(([declarations, name]) => `.${name}{${declarations}}`).join('\n');
  return { fragment, css, blocked };
}

/** Nothing, whatever its type says, where the parser finds no body: before a frameset. */
function purify(html: string): DocumentFragment | null {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: attributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOW_UNKNOWN_PROTOCOLS: true,
    ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel|cid|data):/i,
    // Their text would be read as the message's own.
    FORBID_CONTENTS: [
      'script',
      'style',
      'title',
      'template',
      'noscript',
      'iframe',
      'object',
      'svg',
      'math',
      'textarea',
      'select',
      'button',
      'head',
      'xmp',
      'noembed',
      'noframes',
    ],
    SANITIZE_DOM: true,
    RETURN_DOM_FRAGMENT: true,
  });
}

function cleanLink(element: Element): void {
  const href = element.getAttribute('href');
  if (href === null) return;
  const bare = [...href].filter((character) => character > ' ' && character !== '\u007f').join('');
  if (element.tagName !== 'A' || !linkable.test(bare)) {
    element.removeAttribute('href');
    return;
  }
  element.setAttribute('href', bare);
  element.setAttribute('target', '_blank');
  element.setAttribute('rel', 'noopener noreferrer nofollow');
  // What one presses is what one sees.
  element.setAttribute('title', bare);
}

function cleanSource(element: Element, { allowRemote, inline }: SanitiseOptions): 'kept' | 'blocked' {
  // A table's background picture is never worth a request.
  element.removeAttribute('background');
  const src = element.getAttribute('src')?.trim();
  if (src === undefined) return 'kept';
  if (element.tagName === 'IMG') {
    if (/^cid:/i.test(src)) {
      const own = inline.get(decodeCid(src.slice(4)));
      if (own && ownPicture.test(own)) {
        element.setAttribute('src', own);
        return 'kept';
      }
    } else if (ownPicture.test(src)) return 'kept';
    else if (/^https:\/\//i.test(src) && allowRemote) return 'kept';
  }
  element.removeAttribute('src');
  return /^https?:/i.test(src) ? 'blocked' : 'kept';
}
function decodeCid(cid: string): string {
  try {
    return decodeURIComponent(cid);
  } catch {
    // Not percent-encoded after all: the name as it stands.
    return cid;
  }
}

function moveStyle(element: Element, classes: Map<string, string>): void {
  const style = element.getAttribute('style');
  if (style === null) return;
  element.removeAttribute('style');
  const declarations = filterStyle(style);
  if (!declarations) return;
  const name = classes.get(declarations) ?? `s${classes.size}`;
  classes.set(declarations, name);
  element.setAttribute('class', name);
}
