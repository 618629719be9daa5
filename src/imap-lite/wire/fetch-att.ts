/** fetch-att and section (RFC 9051 §9), with MODSEQ (RFC 7162), EMAILID and THREADID (RFC 8474), PREVIEW (RFC 8970), SAVEDATE (RFC 8514). */
import { type Cursor, char, expectChar, expectSpace, list, word } from './cursor.ts';
import { astring, expectNumber, expectNzNumber, nzNumber } from './strings.ts';

export type SectionText = 'HEADER' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT' | 'TEXT' | 'MIME';
export interface Section {
  /** Part specifier; empty: the message. */
  part: readonly number[];
  text?: SectionText;
  /** Of HEADER.FIELDS and HEADER.FIELDS.NOT, as the client wrote them. */
  fields?: readonly string[];
}
export interface Partial {
  start: number;
  length: number;
}

export type PlainItem =
  | 'UID'
  | 'FLAGS'
  | 'INTERNALDATE'
  | 'RFC822.SIZE'
  | 'ENVELOPE'
  | 'BODYSTRUCTURE'
  | 'BODY'
  | 'MODSEQ'
  | 'EMAILID'
  | 'THREADID'
  | 'PREVIEW'
  | 'SAVEDATE';
export type FetchAtt =
  | { kind: 'plain'; item: PlainItem }
  | { kind: 'body'; section: Section; peek: boolean; partial?: Partial; label: string }
  | { kind: 'binary'; section: Section; peek: boolean; partial?: Partial; label: string }
  | { kind: 'binarySize'; section: Section; label: string };

const plain = (...items: PlainItem[]): FetchAtt[] => items.map((item) => ({ kind: 'plain', item }));

/** Longest first, since one name may begin another. */
const PLAIN: readonly PlainItem[] = [
  'UID',
  'FLAGS',
  'INTERNALDATE',
  'RFC822.SIZE',
  'ENVELOPE',
  'BODYSTRUCTURE',
  'MODSEQ',
  'EMAILID',
  'THREADID',
  'SAVEDATE',
  'BODY',
];

/** section-part = nz-number *("." nz-number) */
export function sectionPart(c: Cursor): number[] | undefined {
  const first = nzNumber(c);
  if (first === undefined) return undefined;
  const part = [first];
  for (;;) {
    const next = c.attempt(() => (char(c, '.') ? nzNumber(c) : undefined));
    if (next === undefined) return part;
    part.push(next);
  }
}

/** section = "[" [section-spec] "]" */
export function expectSection(c: Cursor): Section {
  expectChar(c, '[');
  const part = sectionPart(c) ?? [];
  if (part.length > 0 && !char(c, '.')) {
    expectChar(c, ']');
    return { part };
  }
  const text = sectionText(c, part.length > 0);
  if (!text && part.length > 0) c.fail('a section such as HEADER or MIME');
  const section: Section = text ? { part, ...text } : { part };
  expectChar(c, ']');
  return section;
}

function sectionText(c: Cursor, inPart: boolean): Pick<Section, 'text' | 'fields'> | undefined {
  for (const text of ['HEADER.FIELDS.NOT', 'HEADER.FIELDS'] as const) {
    if (!word(c, text)) continue;
    expectSpace(c);
    const fields = list(c, (d) => astring(d) ?? d.fail('a header field name'));
    return { text, fields: fields ?? c.fail('"("') };
  }
  if (word(c, 'HEADER')) return { text: 'HEADER' };
  if (word(c, 'TEXT')) return { text: 'TEXT' };
  return inPart && word(c, 'MIME') ? { text: 'MIME' } : undefined;
}

/** partial = "<" number64 "." nz-number64 ">" */
export function partial(c: Cursor): Partial | undefined {
  if (!char(c, '<')) return undefined;
  const start = expectNumber(c);
  expectChar(c, '.');
  const length = expectNzNumber(c);
  expectChar(c, '>');
  return { start, length };
}

export function printSection(section: Section): string {
  const text = section.fields ? `${section.text} (${section.fields.map(printField).join(' ')})` : section.text;
  return [...section.part.map(String), ...(text ? [text] : [])].join('.');
}
const printField = (name: string): string =>
  /^[A-Za-z0-9-]+$/.test(name) ? name : `"${name.replace(/[^\x20-\x7e]/g, '?').replace(/[\\"]/g, '\\$&')}"`;

/** RFC 9051 §7.5.2: the answer repeats the section and, of a partial, only where it starts. */
const label = (name: string, section: Section, range?: Partial): string =>
  `${name}[${printSection(section)}]${range ? `<${range.start}>` : ''}`;

function bodyAtt(c: Cursor): FetchAtt | undefined {
  return c.attempt(() => {
    const peek = word(c, 'BODY.PEEK') === true;
    if ((!peek && !word(c, 'BODY')) || c.peek() !== 0x5b) return undefined;
    const section = expectSection(c);
    const range = partial(c);
    return { kind: 'body', section, peek, ...(range && { partial: range }), label: label('BODY', section, range) };
  });
}

function binaryAtt(c: Cursor): FetchAtt | undefined {
  const size = word(c, 'BINARY.SIZE') === true;
  const peek = !size && word(c, 'BINARY.PEEK') === true;
  if (!size && !peek && !word(c, 'BINARY')) return undefined;
  const section = expectSection(c);
  // section-binary = "[" [section-part] "]"
  if (section.text) c.fail('a part number');
  if (size) return { kind: 'binarySize', section, label: label('BINARY.SIZE', section) };
  const range = partial(c);
  return { kind: 'binary', section, peek, ...(range && { partial: range }), label: label('BINARY', section, range) };
}

/** RFC 3501 §6.4.5: the three old names of sections; the .PEEK of two is of RFC 1730 §6.4.5, and Outlook still asks by it. */
function rfc822Att(c: Cursor): FetchAtt | undefined {
  const old = [
    ['RFC822.HEADER', { part: [], text: 'HEADER' }, true],
    ['RFC822.TEXT', { part: [], text: 'TEXT' }, false],
    ['RFC822', { part: [] }, false],
  ] as const;
  for (const [name, section, peek] of old) {
    if (!peek && word(c, `${name}.PEEK`)) return { kind: 'body', section, peek: true, label: name };
    if (word(c, name)) return { kind: 'body', section, peek, label: name };
  }
  return undefined;
}

function preview(c: Cursor): FetchAtt | undefined {
  if (!word(c, 'PREVIEW')) return undefined;
  // RFC 8970 §3.2: ours is stored, so LAZY makes no difference.
  c.attempt(() => (char(c, ' ') ? list(c, (d) => word(d, 'LAZY') ?? d.fail('LAZY')) : undefined));
  return { kind: 'plain', item: 'PREVIEW' };
}

export function fetchAtt(c: Cursor): FetchAtt | undefined {
  const special = bodyAtt(c) ?? binaryAtt(c) ?? preview(c);
  if (special) return special;
  if (word(c, 'RFC822.SIZE')) return { kind: 'plain', item: 'RFC822.SIZE' };
  const old = rfc822Att(c);
  if (old) return old;
  const item = PLAIN.find((name) => word(c, name));
  return item && { kind: 'plain', item };
}

/** ( "ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")" ) */
export function expectFetchAtts(c: Cursor): FetchAtt[] {
  if (word(c, 'ALL')) return plain('FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE');
  if (word(c, 'FULL')) return plain('FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY');
  if (word(c, 'FAST')) return plain('FLAGS', 'INTERNALDATE', 'RFC822.SIZE');
  const one = (d: Cursor): FetchAtt => fetchAtt(d) ?? d.fail('a data item to fetch');
  return list(c, one) ?? [one(c)];
}
