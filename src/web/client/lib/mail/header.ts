/** Header fields from Unicode: encoded words (RFC 2047), parameters (RFC 2231), addresses and dates (RFC 5322). */
import { base64, CRLF, hex, utf8 } from './encode.ts';
import { MailBuildError, type HeaderLine, type MailAddress } from './types.ts';

const LINE = 76;

/** Line breaks and other controls never reach a header: no field can be smuggled in through a subject or a name. */
export function plainText(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .trim();
}

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** Pieces of text as encoded words; characters are never cut. RFC 2047 §2: at most 75 characters each, 76 per line. */
export function encodedWords(text: string): string[] {
  const words: string[] = [];
  let piece = '';
  let octets = 0;
  for (const character of text) {
    const size = utf8(character).length;
    // "=?UTF-8?B?" and "?=" leave room for 45 octets in base64; the first line also bears the field's name.
    if (octets + size > (words.length === 0 ? 30 : 42)) {
      words.push(word(piece));
      piece = '';
      octets = 0;
    }
    piece += character;
    octets += size;
  }
  if (piece !== '') words.push(word(piece));
  return words;
}
const word = (text: string): string => `=?UTF-8?B?${base64(utf8(text))}?=`;

/** Joins tokens by space, folding before the one that would pass column 76. A line never ends in white space. */
export function fold(name: string, tokens: readonly string[]): HeaderLine {
  let value = '';
  let column = name.length + 1;
  tokens.forEach((token, i) => {
    const folds = i > 0 && column + 1 + token.length > LINE;
    value += i === 0 ? token : folds ? `${CRLF} ${token}` : ` ${token}`;
    column = folds ? 1 + token.length : column + 1 + token.length;
  });
  return { name, value };
}

/** Subject and other unstructured text. */
export function unstructured(name: string, text: string): HeaderLine {
  const value = plainText(text);
  const fits =
    isAscii(value) &&
    !value.includes('=?') &&
    !/ {2}/.test(value) &&
    value.split(' ').every((w) => w.length < LINE - name.length - 2);
  return fold(name, fits ? value.split(' ') : encodedWords(value));
}

/** RFC 5322 §3.2.5 phrase. */
function phrase(text: string): string[] {
  if (!isAscii(text) || text.includes('=?') || text.length > 60) return encodedWords(text);
  if (/^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]*$/.test(text) && !/ {2}/.test(text)) return text.split(' ');
  return [`"${text.replace(/["\\]/g, '\\$&')}"`];
}

/** RFC 5321 §4.1.2 in the form that passes everywhere: dot-string local part, A-label domain. @throws MailBuildError */
export function addrSpec(email: string): string {
  const at = email.trim().lastIndexOf('@');
  const local = email.trim().slice(0, at);
  const domain = asciiDomain(email.trim().slice(at + 1));
  const dotAtom = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/;
  if (at < 1 || local.length > 64 || !dotAtom.test(local) || domain === undefined) {
    throw new MailBuildError('address_invalid', `not an address: ${plainText(email)}`);
  }
  return `${local}@${domain}`;
}

function asciiDomain(domain: string): string | undefined {
  const label = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;
  let ascii = domain;
  if (!isAscii(domain)) {
    try {
      ascii = new URL(`http://${domain}/`).hostname;
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }
  return ascii.length <= 253 && ascii.split('.').every((l) => label.test(l)) ? ascii : undefined;
}

export function addresses(name: string, list: readonly MailAddress[]): HeaderLine {
  const tokens: string[] = [];
  list.forEach((address, i) => {
    const comma = i < list.length - 1 ? ',' : '';
    const shown = plainText(address.name ?? '');
    const spec = addrSpec(address.email);
    if (shown !== '') tokens.push(...phrase(shown), `<${spec}>${comma}`);
    else tokens.push(`${spec}${comma}`);
  });
  return fold(name, tokens);
}

/** RFC 5322 §3.6.4, without quoted local parts. */
export function messageIds(name: string, ids: readonly string[]): HeaderLine {
  for (const id of ids) {
    if (!/^[^\s<>@()[\]\\,;:"]+@[^\s<>@()\\,;"]+$/.test(id) || !isAscii(id) || id.length > 250) {
      throw new MailBuildError('message_id_invalid', `not a message id: ${plainText(id)}`);
    }
  }
  return fold(
    name,
    ids.map((id) => `<${id}>`),
  );
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

/** RFC 5322 §3.3, in the sender's zone. */
export function dateField(date: Date, zone = 420): HeaderLine {
  if (Number.isNaN(date.getTime())) throw new MailBuildError('date_invalid', 'the date is no date');
  const local = new Date(date.getTime() + zone * 60_000);
  const offset = `${zone < 0 ? '-' : '+'}${two(Math.floor(Math.abs(zone) / 60))}${two(Math.abs(zone) % 60)}`;
  const day = `${days[local.getUTCDay()] ?? ''}, ${local.getUTCDate()} ${months[local.getUTCMonth()] ?? ''} ${local.getUTCFullYear()}`;
  return {
    name: 'Date',
    value: `${day} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())} ${offset}`,
  };
}

/** RFC 2045 §5.1 value, or RFC 2231 §3, §4 pieces when it is long or not ASCII; each token ends in ";" but the last. */
export function withParameters(
  name: string,
  value: string,
  parameters: readonly (readonly [string, string])[],
): HeaderLine {
  const tokens = [value];
  for (const [key, text] of parameters) tokens.push(...parameter(key, plainText(text)));
  return fold(
    name,
    tokens.map((token, i) => (i < tokens.length - 1 ? `${token};` : token)),
  );
}

function parameter(key: string, text: string): string[] {
  if (isAscii(text) && text.length <= 60 && !text.includes('=?')) {
    const token = /^[A-Za-z0-9!#$&+\-^_`{}.]+$/.test(text);
    return [token ? `${key}=${text}` : `${key}="${text.replace(/["\\]/g, '\\$&')}"`];
  }
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    const token = [...utf8(character)]
      .map((o) => (/[A-Za-z0-9._-]/.test(String.fromCharCode(o)) ? String.fromCharCode(o) : `%${hex(o)}`))
      .join('');
    if (piece.length + token.length > 50) {
      pieces.push(piece);
      piece = '';
    }
    piece += token;
  }
  pieces.push(piece);
  const [only] = pieces;
  if (pieces.length === 1) return [`${key}*=UTF-8''${only ?? ''}`];
  return pieces.map((p, i) => `${key}*${i}*=${i === 0 ? "UTF-8''" : ''}${p}`);
}
