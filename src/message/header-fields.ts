/** Header lines to fields, by octets (RFC 5322 §2.2 and §4). Lenient: a line that is no field is passed over. */
import { asBuffer } from './charset.ts';
import type { HeaderField, MessageLimits } from './types.ts';

const COLON = 58;
/** Octets made text at once; fields are cut from it. */
const WINDOW = 2048;

export class HeaderReader {
  readonly fields: HeaderField[] = [];
  private readonly bytes: Buffer;
  private readonly limits: MessageLimits;
  private readonly defects = new Set<string>();
  private open: { name: string; start: number; value: number; content: number; end: number } | undefined;
  private first = true;
  private used = 0;
  private window = '';
  private windowStart = 0;

  constructor(bytes: Uint8Array, limits: MessageLimits) {
    this.bytes = asBuffer(bytes);
    this.limits = limits;
  }

  /** Takes the line [start, content) whose line end reaches to `end`. False: the header's first line is no header line. */
  line(start: number, content: number, end: number): boolean {
    const first = this.first;
    this.first = false;
    this.used += end - start;
    const char = this.bytes[start];
    if (char === 32 || char === 9) return this.continuation(content, end, first);
    this.store();
    const colon = this.colon(start, content);
    if (colon === undefined) {
      // mbox files leave their separator behind.
      const separator = /^>?From /.test(this.text(start, Math.min(content, start + 6)));
      if (first && !separator) return false;
      this.defects.add(separator ? 'mbox-separator' : 'bad-header-line');
      return true;
    }
    if (this.used > this.limits.headerBytes || this.fields.length >= this.limits.headerFields) {
      this.defects.add(this.used > this.limits.headerBytes ? 'header-too-long' : 'too-many-fields');
      return true;
    }
    const name = this.text(start, colon).trimEnd();
    this.open = { name, start, value: colon + 1, content, end };
    return true;
  }

  /** Stores the last field; gives what was wrong. */
  finish(): string[] {
    this.store();
    return [...this.defects];
  }

  private continuation(content: number, end: number, first: boolean): boolean {
    if (first) return false;
    if (this.open === undefined) return true;
    // A field longer than the whole header may be is cut at a line end: its octets stay in the message.
    if (this.used > this.limits.headerBytes) this.defects.add('header-too-long');
    else this.open.content = content;
    this.open.end = end;
    return true;
  }

  private store(): void {
    const { open } = this;
    if (open === undefined) return;
    this.open = undefined;
    const raw = this.text(open.value, open.content);
    if (raw.includes('\0')) this.defects.add('nul-in-header');
    this.fields.push({ name: open.name, raw, start: open.start, end: open.end });
  }

  /** Octets [start, end), one char each. */
  private text(start: number, end: number): string {
    if (start < this.windowStart || end > this.windowStart + this.window.length) {
      this.windowStart = start;
      this.window = this.bytes.toString('latin1', start, Math.max(end, start + WINDOW));
    }
    return this.window.slice(start - this.windowStart, end - this.windowStart);
  }

  /** RFC 5322 §3.6.8 ftext up to ":"; §4.5 allows white space before it. */
  private colon(start: number, end: number): number | undefined {
    let at = start;
    while (at < end && isFieldText(this.bytes[at] ?? 0)) at++;
    if (at === start) return undefined;
    while (at < end && (this.bytes[at] === 32 || this.bytes[at] === 9)) at++;
    return this.bytes[at] === COLON ? at : undefined;
  }
}

function isFieldText(octet: number): boolean {
  return octet > 32 && octet < 127 && octet !== COLON;
}

/** The fields of the header block [start, end) of any entity. */
export function readHeaderFields(bytes: Uint8Array, start: number, end: number, limits: MessageLimits): HeaderField[] {
  const reader = new HeaderReader(bytes, limits);
  for (let at = start; at < end;) {
    const found = bytes.indexOf(10, at);
    const next = found < 0 || found >= end ? end : found + 1;
    let content = bytes[next - 1] === 10 ? next - 1 : next;
    if (content > at && content < next && bytes[content - 1] === 13) content--;
    if (content === at || !reader.line(at, content, next)) break;
    at = next;
  }
  reader.finish();
  return reader.fields;
}
