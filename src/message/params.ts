/**
 * `value; name=value` fields (RFC 2045 §5.1, RFC 2183) with RFC 2231 continuations and charsets, and with what is found in
 * the wild: encoded words inside quotes, spaces without quotes, raw 8-bit. Never throws.
 */
import { decodeCharset, decodeRaw, fromLatin1 } from './charset.ts';
import { decodeWords, tidy, unfold } from './words.ts';

export interface ParameterizedField {
  /** Lower case, without parameters. */
  value: string;
  /** Names lower case. */
  params: Record<string, string>;
  /** The boundary parameter octet for octet: it is compared, never shown. */
  boundary?: string;
}

/** Hostile fields carry thousands; nobody honest has this many. */
const MAX_PARAMS = 200;

interface Piece {
  order: number;
  /** RFC 2231 §4: percent-encoded. */
  extended: boolean;
  text: string;
}

/** `raw` is latin1, one char per octet, folding kept. */
export function parseParameterized(raw: string): ParameterizedField {
  const text = unfold(raw);
  return plainField(text) ?? readParameterized(text);
}

/** `; name=value` or `; name="value"`: what nearly every field is made of. */
const PARAMETER = /;[ \t]*([\w!#$&.^`{|}~+-]+)=(?:"([^"\\]*)"|([^\s;"(\\]+))[ \t]*(?=;|$)/y;

/** The same as a close look gives, or undefined: something needs one. */
function plainField(text: string): ParameterizedField | undefined {
  const semicolon = text.indexOf(';');
  const value = semicolon < 0 ? text : text.slice(0, semicolon);
  if (/["(]/.test(value)) return undefined;
  const params = new Map<string, string>();
  for (let at = value.length; at < text.length; at = PARAMETER.lastIndex) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(text);
    if (!match || params.size === MAX_PARAMS) return undefined;
    const name = (match[1] ?? '').toLowerCase();
    // Twice the same: the close look says which counts.
    if (params.has(name)) return undefined;
    params.set(name, match[2] ?? match[3] ?? '');
  }
  const boundary = params.get('boundary');
  return {
    value: value.trim().toLowerCase(),
    params: Object.fromEntries([...params].map(([name, octets]) => [name, plainValue(octets)])),
    ...(boundary !== undefined && { boundary: withoutSpaceAtEnd(boundary) }),
  };
}

/** Character by character, whatever it is. `text` is unfolded. */
export function readParameterized(text: string): ParameterizedField {
  const scan = new Scan(text);
  const value = scan.until(';').trim().toLowerCase();
  const pieces = new Map<string, Piece[]>();
  for (let count = 0; count < MAX_PARAMS && scan.skipSemicolon(); count++) {
    const pair = scan.pair();
    if (pair === undefined) continue;
    const match = /^([^*]+)(?:\*(\d{1,4}))?(\*)?$/.exec(pair.name);
    const name = match?.[1] ?? pair.name;
    const plain = match?.[2] === undefined && match?.[3] === undefined;
    const piece = { order: plain ? -1 : Number(match?.[2] ?? 0), extended: match?.[3] === '*', text: pair.value };
    const list = pieces.get(name);
    if (list) list.push(piece);
    else pieces.set(name, [piece]);
  }
  // fromEntries defines own properties: a parameter named "__proto__" is only a name.
  const field: ParameterizedField = {
    value,
    params: Object.fromEntries([...pieces].map(([name, list]) => [name, join(list)])),
  };
  const boundary = pieces.get('boundary');
  if (boundary) field.boundary = withoutSpaceAtEnd(octetsOf(boundary).octets);
  return field;
}

/** RFC 2231 §4.1 prefers the extended form over the plain one of the same name; the first of equals wins. */
function octetsOf(list: Piece[]): { octets: string; charset?: string; extended: boolean } {
  const numbered = list.filter((piece) => piece.order >= 0).sort((a, b) => a.order - b.order);
  const whole = numbered.filter((piece, at) => at === 0 || piece.order !== numbered[at - 1]?.order);
  const first = whole[0];
  if (first === undefined) return { octets: list[0]?.text ?? '', extended: false };
  // RFC 2231 §4: charset'language'text; the apostrophes may be missing.
  const label = first.extended ? /^([^']{0,80})'[^']{0,80}'/.exec(first.text) : null;
  const texts = whole.map((piece) => ({
    ...piece,
    text: piece === first ? piece.text.slice(label?.[0].length ?? 0) : piece.text,
  }));
  const octets = texts.map((piece) => (piece.extended ? percentDecode(piece.text) : piece.text)).join('');
  return { octets, charset: label?.[1] ?? '', extended: whole.some((piece) => piece.extended) };
}

function join(list: Piece[]): string {
  const { octets, charset, extended } = octetsOf(list);
  return extended ? tidy(decodeCharset(fromLatin1(octets), charset)) : plainValue(octets);
}

/** RFC 2047 §5 (3) forbids encoded words in quotes; Outlook and many others write them all the same. */
function plainValue(octets: string): string {
  return tidy(decodeWords(decodeRaw(octets)));
}

/** Of ASCII: octet A0 is no space but half of "à" in UTF-8. */
function withoutSpaceAtEnd(octets: string): string {
  let end = octets.length;
  while (end > 0 && ' \t\r\n\v\f'.includes(octets.charAt(end - 1))) end--;
  return octets.slice(0, end);
}

function percentDecode(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

class Scan {
  private at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  /** Text up to a stop character, comments dropped, quoted strings unquoted. */
  until(stop: string): string {
    let out = '';
    while (this.at < this.text.length) {
      const char = this.text.charAt(this.at);
      if (stop.includes(char)) break;
      if (char === '"') out += this.quoted();
      else if (char === '(' && this.comment()) out += ' ';
      else {
        out += char;
        this.at++;
      }
    }
    return out;
  }

  skipSemicolon(): boolean {
    while (this.at < this.text.length && /[;\s]/.test(this.text.charAt(this.at))) this.at++;
    return this.at < this.text.length;
  }

  pair(): { name: string; value: string } | undefined {
    const name = this.until('=;').replace(/\s+/g, '').toLowerCase();
    if (this.text.charAt(this.at) !== '=') return undefined;
    this.at++;
    const value = this.value(/name/.test(name));
    return name === '' ? undefined : { name, value };
  }

  private value(fileName: boolean): string {
    while (/[ \t]/.test(this.text.charAt(this.at))) this.at++;
    if (this.text.charAt(this.at) !== '"') return withoutSpaceAtEnd(this.until(';'));
    const value = this.quoted(fileName);
    // Rubbish between the closing quote and the next ";" is dropped.
    this.until(';');
    return value;
  }

  /** At a quote. An unclosed one reaches to the end. In file names a quote inside ("bản "sạch".doc") does not close. */
  private quoted(fileName = false): string {
    let out = '';
    for (this.at++; this.at < this.text.length; this.at++) {
      const char = this.text.charAt(this.at);
      if (char === '"' && !(fileName && this.isInside())) {
        this.at++;
        return out;
      }
      if (char === '\\') {
        const next = this.text.charAt(this.at + 1);
        // A Windows path (C:\congvan\x.pdf) keeps its backslashes: only \" and \\ are escapes here.
        if (next === '"' || next === '\\') {
          out += next;
          this.at++;
          continue;
        }
      }
      out += char;
    }
    return out;
  }

  /** At a quote: neither the end nor another parameter follows. */
  private isInside(): boolean {
    let next = this.at + 1;
    while (this.text.charAt(next) === ' ' || this.text.charAt(next) === '\t') next++;
    return next < this.text.length && !';('.includes(this.text.charAt(next)) && this.text.includes('"', next);
  }

  /** At "(": skips a closed comment; an unclosed one is text ("báo cáo (1.pdf"). */
  private comment(): boolean {
    if (this.unclosed) return false;
    let depth = 0;
    for (let at = this.at; at < this.text.length; at++) {
      const char = this.text.charAt(at);
      if (char === '\\') at++;
      else if (char === '(') depth++;
      else if (char === ')' && --depth === 0) {
        this.at = at + 1;
        return true;
      }
    }
    this.unclosed = true;
    return false;
  }
  /** An unclosed comment was seen: later ones cannot close either, so no second look. */
  private unclosed = false;
}
