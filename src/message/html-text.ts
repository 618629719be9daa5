/**
 * Readable text of HTML for previews and the index. It paints nothing, so it need not be a full HTML parser: it must be
 * linear, never throw, and leave out what a reader does not see (scripts, styles, hidden elements).
 */
import { decodeEntities } from './entities.ts';

/** Content is never text; ends only at its own end tag (HTML §13.2.5.2, §13.2.5.4). */
const RAW = new Set(['script', 'style', 'title', 'textarea', 'iframe', 'xmp', 'noembed', 'noframes']);
const DROPPED = new Set([
  'head',
  'template',
  'svg',
  'math',
  'object',
  'select',
  'datalist',
  'audio',
  'video',
  'canvas',
]);
const VOID = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
]);
const BLOCK = new Set(
  'address article aside blockquote body br center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
const CELL = new Set(['td', 'th']);
const HIDDEN_STYLE =
  /display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:[a-z%]*)\s*(?:;|!|$)|max-height\s*:\s*0(?:px)?\s*(?:;|!|$)|opacity\s*:\s*0\s*(?:;|!|$)/i;

/** HTML §13.2.5.43, §13.2.5.52: from its first "--" on, for "<!-->" is a whole comment. */
const COMMENT_END = /-->|(?<!<!)--!>/g;

export function htmlToText(html: string, most = Infinity): string {
  return new Reader(html, most).read();
}

class Reader {
  private readonly html: string;
  private readonly most: number;
  private readonly out: string[] = [];
  private length = 0;
  /** The element that hides what is inside it, and how many of its name are open. */
  private hidden: { name: string; depth: number } | undefined;
  /** No later "</name" exists: the search is not made twice. */
  private readonly unclosed = new Set<string>();

  constructor(html: string, most: number) {
    this.html = html;
    this.most = most;
  }

  read(): string {
    for (let at = 0; at < this.html.length && this.length < this.most;) {
      const open = this.html.indexOf('<', at);
      const end = open < 0 ? this.html.length : open;
      if (end > at) this.text(this.html.slice(at, end));
      at = open < 0 ? end : this.markup(open);
    }
    return this.out
      .join('')
      .replace(/[ \t\u00a0]*\n[ \t\u00a0]*/g, '\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim()
      .slice(0, this.most);
  }

  private text(raw: string): void {
    if (this.hidden) return;
    this.push(decodeEntities(raw).replace(/[\s\u200b\u00ad\ufeff]+/g, (space) => (/\s/.test(space) ? ' ' : '')));
  }

  private push(text: string): void {
    if (text === '') return;
    const last = this.out.at(-1);
    const value = text.startsWith(' ') && (last === undefined || /\s$/.test(last)) ? text.slice(1) : text;
    if (value === '') return;
    this.out.push(value);
    this.length += value.length;
  }

  /** At "<"; gives where the text goes on. */
  private markup(at: number): number {
    if (this.html.startsWith('<!--', at)) return this.pastComment(at + 2);
    const next = this.html.charAt(at + 1);
    if (next === '!' || next === '?') return this.past('>', at + 1, '>');
    if (!/[a-zA-Z/]/.test(next)) {
      this.text('<');
      return at + 1;
    }
    const closing = next === '/';
    const nameStart = at + (closing ? 2 : 1);
    const name =
      /^[a-zA-Z][a-zA-Z0-9:-]{0,30}/.exec(this.html.slice(nameStart, nameStart + 32))?.[0].toLowerCase() ?? '';
    const end = this.tagEnd(nameStart + name.length);
    if (closing) this.close(name);
    else {
      const attributes = this.html.slice(nameStart + name.length, Math.min(end, nameStart + 4096));
      this.open(name, attributes);
      if (RAW.has(name) && !attributes.endsWith('/>')) return this.skipRaw(name, end);
    }
    return end;
  }

  private open(name: string, attributes: string): void {
    // A head ends where the body begins, a paragraph where the next block begins, end tag or not (HTML §13.1.2.4).
    if (
      (this.hidden?.name === 'head' && name === 'body') ||
      (this.hidden?.name === 'p' && BLOCK.has(name) && name !== 'br')
    )
      this.hidden = undefined;
    if (this.hidden) {
      if (this.hidden.name === name && !attributes.endsWith('/>')) this.hidden.depth++;
      return;
    }
    this.space(name);
    if (VOID.has(name)) return;
    if (!attributes.endsWith('/>') && (DROPPED.has(name) || isHidden(attributes))) this.hidden = { name, depth: 1 };
  }

  private close(name: string): void {
    if (this.hidden?.name === name && --this.hidden.depth === 0) this.hidden = undefined;
    if (!this.hidden) this.space(name);
  }

  private space(name: string): void {
    if (BLOCK.has(name)) this.line(name === 'p' || name === 'table');
    else if (CELL.has(name)) this.push(' ');
  }

  private line(paragraph: boolean): void {
    const last = this.out.at(-1);
    if (last === undefined) return;
    if (last.endsWith('\n\n') || (last.endsWith('\n') && !paragraph)) return;
    this.out.push('\n');
    this.length++;
  }

  /** After the ">" of a tag, quotes respected; a tag that never closes ends at the next "<" or the end. */
  private tagEnd(start: number): number {
    let quote = '';
    for (let at = start; at < this.html.length && at < start + 65_536; at++) {
      const char = this.html.charAt(at);
      if (quote !== '') {
        if (char === quote) quote = '';
      } else if (char === '>') return at + 1;
      else if ((char === '"' || char === "'") && this.html.charAt(at - 1) === '=') quote = char;
    }
    return this.past('>', start, '>');
  }

  private skipRaw(name: string, start: number): number {
    const found = this.unclosed.has(name) ? -1 : this.endTag(name, start);
    if (found < 0) this.unclosed.add(name);
    return found < 0 ? this.html.length : found;
  }

  private endTag(name: string, start: number): number {
    const tag = new RegExp(`</${name}[\\s/>]`, 'gi');
    tag.lastIndex = start;
    return tag.exec(this.html)?.index ?? -1;
  }

  private pastComment(start: number): number {
    COMMENT_END.lastIndex = start;
    if (!this.unclosed.has('--') && COMMENT_END.test(this.html)) return COMMENT_END.lastIndex;
    this.unclosed.add('--');
    return this.html.length;
  }

  /** After `mark`, searched from `start`; when there is none, nothing more is searched for it. */
  private past(mark: string, start: number, key: string): number {
    const found = this.unclosed.has(key) ? -1 : this.html.indexOf(mark, start);
    if (found >= 0) return found + mark.length;
    this.unclosed.add(key);
    return this.html.length;
  }
}

function isHidden(attributes: string): boolean {
  if (attributes.length < 6) return false;
  const style = /\sstyle\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*))/i.exec(attributes);
  if (style && HIDDEN_STYLE.test(style[1] ?? style[2] ?? style[3] ?? '')) return true;
  return /\shidden(?:\s|=|>|\/|$)/i.test(attributes.replace(/"[^"]*"|'[^']*'/g, '""'));
}
