/**
 * The part tree of a message in one pass over its octets. Every line is looked at once whatever the nesting; the
 * boundaries of all open multiparts are looked up in one map, so time is linear and memory is the tree.
 * Never throws: what is broken is read leniently and named in `defects`.
 */
import { asBuffer } from './charset.ts';
import { HeaderReader } from './header-fields.ts';
import { readHeader, summarize } from './header.ts';
import { addDefect, describePart, isMessage, notMultipart, numberParts, opaque } from './part.ts';
import { defaultMessageLimits, type HeaderField, type MessageLimits, type ParsedMessage, type Part } from './types.ts';

const LF = 10;
const CR = 13;
const DASH = 45;

interface Open {
  part: Part;
  kind: 'header' | 'leaf' | 'multipart' | 'message';
  /** multipart: the delimiter is still looked for; false after the closing one (epilogue). */
  listening: boolean;
  boundary: string;
  /** multipart/digest children default to message/rfc822 (RFC 2046 §5.1.5). */
  digest: boolean;
  /** Lines that ended before bodyStart. */
  linesBefore: number;
  header: HeaderField[];
  /** multipart kept whole: only its closing delimiter counts. */
  full: boolean;
}

export function parseMessage(bytes: Uint8Array, limits: MessageLimits = defaultMessageLimits): ParsedMessage {
  return new Scanner(bytes, limits).run();
}

class Scanner {
  private readonly bytes: Buffer;
  private readonly limits: MessageLimits;
  private readonly stack: Open[] = [];
  /** Boundary -> indexes in the stack, innermost last. */
  private readonly boundaries = new Map<string, number[]>();
  private longest = 0;
  private parts = 0;
  private lines = 0;
  private bareLf = false;

  constructor(bytes: Uint8Array, limits: MessageLimits) {
    this.bytes = asBuffer(bytes);
    this.limits = limits;
  }

  run(): ParsedMessage {
    const root = this.begin(0, 0, false);
    let at = 0;
    while (at < this.bytes.length) at = this.top().kind === 'header' ? this.headerBlock(at) : this.body(at);
    if (this.top().kind === 'header') this.endHeader(this.bytes.length, ['no-blank-line']);
    this.close(0, this.bytes.length, this.lines);
    if (this.bareLf) addDefect(root.part, 'bare-lf');
    numberParts(root.part);
    return { size: this.bytes.length, header: root.header, root: root.part, ...readHeader(root.header) };
  }

  private top(): Open {
    const open = this.stack.at(-1);
    if (open === undefined) throw new Error('the root entity stays open until the end');
    return open;
  }

  private begin(at: number, lines: number, digest: boolean): Open {
    this.parts++;
    const open: Open = {
      part: {
        path: '',
        headerStart: at,
        bodyStart: at,
        bodyEnd: at,
        type: 'text',
        subtype: 'plain',
        params: {},
        encoding: '7bit',
        lines: 0,
      },
      kind: 'header',
      listening: false,
      boundary: '',
      digest,
      linesBefore: lines,
      header: [],
      full: false,
    };
    this.stack.push(open);
    return open;
  }

  /** Reads the header that begins at `at`; gives the octet where the body, or the next delimiter line, begins. */
  private headerBlock(at: number): number {
    const open = this.top();
    const reader = new HeaderReader(this.bytes, this.limits);
    open.header = reader.fields;
    for (let pos = at; pos < this.bytes.length;) {
      const next = this.lineEnd(pos);
      const content = this.contentEnd(pos, next);
      if (content === pos) {
        this.lines += this.bytes[next - 1] === LF ? 1 : 0;
        this.endHeader(next, reader.finish());
        return next;
      }
      if (this.isDelimiter(pos, content)) {
        this.endHeader(pos, [...reader.finish(), 'no-blank-line']);
        return pos;
      }
      if (!reader.line(pos, content, next)) {
        // The very first line is no header field: all of it is body (RFC 5322 has no such message, mailboxes do).
        this.endHeader(pos, ['no-header']);
        return pos;
      }
      this.lines += this.bytes[next - 1] === LF ? 1 : 0;
      pos = next;
    }
    this.endHeader(this.bytes.length, [...reader.finish(), 'no-blank-line']);
    return this.bytes.length;
  }

  /** Decides what the entity is and opens what lies inside it. */
  private endHeader(bodyStart: number, defects: string[]): void {
    const open = this.top();
    const { part } = open;
    part.bodyStart = bodyStart;
    open.linesBefore = this.lines;
    const boundary = describePart(part, open.header, open.digest);
    open.digest = false;
    for (const defect of defects) addDefect(part, defect);
    const container = boundary !== undefined || isMessage(part);
    const crowded = this.parts > this.limits.parts;
    if (container && (crowded || this.stack.length > this.limits.depth)) {
      opaque(part);
      addDefect(part, crowded ? 'too-many-parts' : 'too-deep');
      open.kind = 'leaf';
    } else if (boundary !== undefined) this.openMultipart(open, boundary);
    else if (isMessage(part)) {
      open.kind = 'message';
      this.begin(bodyStart, this.lines, false);
    } else open.kind = 'leaf';
  }

  private openMultipart(open: Open, boundary: string): void {
    open.kind = 'multipart';
    open.listening = true;
    open.boundary = boundary;
    open.digest = open.part.subtype === 'digest';
    open.part.parts = [];
    this.longest = Math.max(this.longest, boundary.length);
    const indexes = this.boundaries.get(boundary);
    if (indexes) indexes.push(this.stack.length - 1);
    else this.boundaries.set(boundary, [this.stack.length - 1]);
  }

  /** Walks body lines from `at`, the start of a line, to the end or past a delimiter line. */
  private body(at: number): number {
    const { bytes } = this;
    const end = bytes.length;
    const watching = this.boundaries.size > 0;
    let lineStart = at;
    while (lineStart < end) {
      if (watching && bytes[lineStart] === DASH && bytes[lineStart + 1] === DASH) {
        const next = this.lineEnd(lineStart);
        const found = this.delimiter(lineStart, this.contentEnd(lineStart, next));
        if (found) return this.atDelimiter(found, lineStart, next);
      }
      const lf = bytes.indexOf(LF, lineStart);
      if (lf < 0) break;
      this.lines++;
      if (bytes[lf - 1] !== CR) this.bareLf = true;
      lineStart = lf + 1;
    }
    return end;
  }

  private atDelimiter(found: Delimiter, lineStart: number, next: number): number {
    const open = this.stack[found.index];
    if (open === undefined) return next;
    this.close(found.index + 1, this.beforeLineEnd(lineStart), this.lines);
    this.lines += this.bytes[next - 1] === LF ? 1 : 0;
    if (found.closing) this.silence(open);
    else {
      this.begin(next, this.lines, open.digest);
      if (this.parts > this.limits.parts) this.swallow(open);
    }
    return next;
  }

  /** One more part than the limit allows takes all that follows up to the closing delimiter. */
  private swallow(open: Open): void {
    const last = this.top();
    opaque(last.part);
    last.part.encoding = 'binary';
    addDefect(last.part, 'too-many-parts');
    last.kind = 'leaf';
    open.full = true;
  }

  private silence(open: Open): void {
    open.listening = false;
    const indexes = this.boundaries.get(open.boundary);
    indexes?.pop();
    if (indexes?.length === 0) this.boundaries.delete(open.boundary);
  }

  /** Closes all entities from stack index `from` on; their bodies end at `end` unless they hold more. */
  private close(from: number, end: number, linesAtEnd: number): void {
    while (this.stack.length > from) {
      const open = this.top();
      if (open.kind === 'header') this.endHeader(this.top().part.headerStart, []);
      else {
        this.stack.pop();
        this.seal(open, end, linesAtEnd);
      }
    }
  }

  private seal(open: Open, end: number, linesAtEnd: number): void {
    const { part } = open;
    if (open.listening) {
      addDefect(part, 'no-closing-boundary');
      this.silence(open);
    }
    const inner = part.parts?.at(-1)?.bodyEnd ?? part.message?.root.bodyEnd ?? 0;
    part.bodyEnd = Math.max(end, part.bodyStart, inner);
    part.lines = this.countLines(open, linesAtEnd);
    if (part.parts?.length === 0) {
      notMultipart(part);
      addDefect(part, 'boundary-not-found');
    }
    const parent = this.stack.at(-1);
    if (parent?.kind === 'multipart') parent.part.parts?.push(part);
    else if (parent?.kind === 'message') parent.part.message = { root: part, summary: summarize(open.header) };
  }

  /** Line ends inside the body, and a last line without one. */
  private countLines(open: Open, linesAtEnd: number): number {
    const { bodyStart, bodyEnd } = open.part;
    if (bodyEnd === bodyStart) return 0;
    const cut = bodyEnd < this.bytes.length && linesAtEnd > open.linesBefore && this.endsBeforeLineEnd(bodyEnd);
    const ended = linesAtEnd - open.linesBefore - (cut ? 1 : 0);
    return ended + (this.bytes[bodyEnd - 1] === LF ? 0 : 1);
  }

  private endsBeforeLineEnd(at: number): boolean {
    return this.bytes[at] === LF || (this.bytes[at] === CR && this.bytes[at + 1] === LF);
  }

  private isDelimiter(start: number, end: number): boolean {
    return (
      this.boundaries.size > 0 &&
      this.bytes[start] === DASH &&
      this.bytes[start + 1] === DASH &&
      this.delimiter(start, end) !== undefined
    );
  }

  /** RFC 2046 §5.1.1: "--" boundary ["--"] and trailing white space, nothing else: prefixes of a boundary are not it. */
  private delimiter(start: number, end: number): Delimiter | undefined {
    let stop = end;
    while (stop > start && (this.bytes[stop - 1] === 32 || this.bytes[stop - 1] === 9 || this.bytes[stop - 1] === CR))
      stop--;
    if (stop - start > this.longest + 4) return undefined;
    const text = this.bytes.toString('latin1', start + 2, stop);
    const index = this.boundaries.get(text)?.at(-1);
    if (index !== undefined && this.stack[index]?.full !== true) return { index, closing: false };
    if (!text.endsWith('--')) return undefined;
    const closed = this.boundaries.get(text.slice(0, -2))?.at(-1);
    return closed === undefined ? undefined : { index: closed, closing: true };
  }

  /** After the line end of the line at `start`. */
  private lineEnd(start: number): number {
    const at = this.bytes.indexOf(LF, start);
    return at < 0 ? this.bytes.length : at + 1;
  }

  /** Before the line end of the line [start, next). */
  private contentEnd(start: number, next: number): number {
    return this.bytes[next - 1] === LF ? Math.max(start, this.beforeLineEnd(next)) : next;
  }

  /** RFC 2046 §5.1.1: the line end before a delimiter belongs to the delimiter. */
  private beforeLineEnd(lineStart: number): number {
    if (this.bytes[lineStart - 1] !== LF) return lineStart;
    return this.bytes[lineStart - 2] === CR ? lineStart - 2 : lineStart - 1;
  }
}

interface Delimiter {
  index: number;
  closing: boolean;
}
