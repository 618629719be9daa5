/**
 * What of a message is searched: every header field that a person may look for, the names of its files, and the text of all
 * its text parts. White space is one space, marks of quoting (RFC 3676 §4.5) are left out: a phrase that a program broke over
 * two lines is one phrase.
 */
import { clean } from '../base/text.ts';

import { isReadAsUtf8 } from './charset.ts';
import { decodePart, decodePartTextAndProblem } from './content.ts';
import { readHeaderFields } from './header-fields.ts';
import { decodeHeaderText } from './header.ts';
import { htmlToText } from './html-text.ts';
import { decomposeBody } from './jmap-body.ts';
import { plainText } from './plain-text.ts';
import { defaultMessageLimits, type Address, type DerivedMessage, type MessageLimits, type Part } from './types.ts';

export interface SearchText {
  /** One "Name: value" per header field, decoded. */
  header: string[];
  files: string;
  body: string;
}

/** Octets [start, end) of the message. */
export type ReadOctets = (start: number, end: number) => Promise<Uint8Array> | Uint8Array;

/** Written by servers for servers, long and nearly random: found by their name only. */
const TRACE =
  /^(?:received|x-received|dkim-signature|domainkey-signature|x-google-dkim-signature|arc-.*|authentication-results|received-spf|autocrypt|x-ms-exchange-.*|x-microsoft-.*|x-forefront-.*|x-gm-.*|x-google-smtp-source|x-spam-.*|x-ham-.*)$/;
export const isTraceField = (name: string): boolean => TRACE.test(name.toLowerCase());

const HEADER_CHARACTERS = 100_000;
const FIELD_CHARACTERS = 8000;

export type Known = Pick<DerivedMessage, 'summary' | 'root' | 'attachments'>;

export async function searchText(
  read: ReadOctets,
  message: Known,
  limits: MessageLimits = defaultMessageLimits,
): Promise<SearchText> {
  const { root } = message;
  const octets = await read(root.headerStart, root.bodyStart);
  return {
    header: headerLines(octets, message, limits),
    files: tidy(message.attachments.map(({ name }) => name ?? '').join('\n')),
    body: await bodyText(read, root, limits.text),
  };
}

/** A single space is left alone: it is most of the white space there is. */
const spaced = (text: string): string => text.replace(/\s{2,}|[^\S ]/g, ' ').trim();
const tidy = (text: string): string => spaced(clean(text));

function headerLines(octets: Uint8Array, { root, summary }: Known, limits: MessageLimits): string[] {
  const lines: string[] = [];
  let left = HEADER_CHARACTERS;
  const add = (line: string): void => {
    if (line.length > left) return;
    left -= line.length;
    lines.push(line);
  };
  for (const { name, raw } of readHeaderFields(octets, 0, root.bodyStart - root.headerStart, limits)) {
    add(isTraceField(name) ? `${name}:` : `${name}: ${tidy(decodeHeaderText(raw)).slice(0, FIELD_CHARACTERS)}`);
  }
  // As lists show them: names without quotes and comments.
  const people = { From: summary.from, To: summary.to, Cc: summary.cc, Bcc: summary.bcc };
  for (const [name, list] of Object.entries(people)) {
    const shown = tidy(list.map(asShown).join(', '));
    if (shown !== '' && !lines.some((line) => line.includes(shown))) add(`${name}: ${shown}`);
  }
  return lines;
}

const asShown = ({ name, email }: Address): string => (name === null ? email : `${name} <${email}>`);

/** First what a reader shows, then what the other text parts say besides. */
async function bodyText(read: ReadOctets, root: Part, most: number): Promise<string> {
  const shown = decomposeBody(root).textBody;
  const first = shown.filter((part) => part.type === 'text');
  const unsaid = besides();
  let text = '';
  for (const part of first) text = join(text, await readableSpaced(read, part, most - text.length));
  for (const part of textParts(root)) {
    if (first.includes(part) || text.length >= most) continue;
    text = join(text, unsaid(text, await readable(read, part, most - text.length)));
  }
  return text;
}

const join = (a: string, b: string): string => (a === '' || b === '' ? a + b : `${a} ${b}`);

/** Characters of text that may be gone over for lines: of a part as long as the text, some thousand lines. */
const LOOKED_OVER = 200_000_000;

/**
 * The lines that a text does not have yet: HTML beside plain text mostly says the same. Somebody may send a million lines that it
 * nearly has, each of which is looked for to its end: beyond a budget for all parts they are taken unseen, which is found as well.
 */
function besides(): (text: string, more: string) => string {
  let left = LOOKED_OVER;
  return (text, more) => {
    const isNew = (line: string): boolean => (left -= text.length) < 0 || !text.includes(line);
    return more
      .split('\n')
      .map(tidy)
      .filter((line) => line !== '' && isNew(line))
      .join(' ');
  };
}

/** A part, its octets alone. */
async function alone(read: ReadOctets, part: Part, most: number): Promise<{ octets: Uint8Array; part: Part }> {
  // UTF-8 needs up to 3 octets for a Vietnamese letter, base64 a third more, HTML a good deal around it.
  const end = searchedEnd(part, most);
  const octets = await read(part.headerStart, end);
  const at = -part.headerStart;
  return { octets, part: { ...part, headerStart: 0, bodyStart: part.bodyStart + at, bodyEnd: end + at } };
}

async function readable(read: ReadOctets, part: Part, most: number): Promise<string> {
  return most > 0 ? textOf(await alone(read, part, most), most) : '';
}

function textOf({ octets, part }: { octets: Uint8Array; part: Part }, most: number): string {
  const { text } = decodePartTextAndProblem(octets, part, most * 16);
  if (part.subtype === 'html') return clean(htmlToText(text, most));
  const plain = clean(text.slice(0, most));
  return plain.includes('>') ? plain.replace(/^[ \t]*(?:>[ \t]?)+/gm, '') : plain;
}

async function readableSpaced(read: ReadOctets, part: Part, most: number): Promise<string> {
  if (most <= 0) return '';
  const one = await alone(read, part, most);
  const isShort = one.part.bodyEnd - one.part.bodyStart <= most;
  const mayBePlain = isShort && part.subtype !== 'html' && isReadAsUtf8(part.params['charset']);
  return (mayBePlain ? plainText(decodePart(one.octets, one.part)) : undefined) ?? spaced(textOf(one, most));
}

const searchedEnd = (part: Part, most: number): number => Math.min(part.bodyEnd, part.bodyStart + most * 24);

/** All that `searchText` may read: the header and text parts, in order, none twice. */
export function searchedSpans(
  { root }: Known,
  limits: MessageLimits = defaultMessageLimits,
): { start: number; end: number }[] {
  const spans = [{ start: root.headerStart, end: root.bodyStart }];
  for (const part of textParts(root)) {
    const last = spans.at(-1);
    const end = searchedEnd(part, limits.text);
    if (last && part.headerStart <= last.end) last.end = Math.max(last.end, end);
    else spans.push({ start: part.headerStart, end });
  }
  return spans;
}

function textParts(part: Part): Part[] {
  if (part.parts) return part.parts.flatMap(textParts);
  if (part.message) return textParts(part.message.root);
  return part.type === 'text' ? [part] : [];
}
