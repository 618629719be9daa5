/**
 * RFC 5322 §3.4 and §4.4 address lists, read leniently and in linear time. Encoded words are decoded only after the
 * structure is known, so that a name such as "A <boss@x>" can never become an address.
 */
import type { Address, AddressGroup } from './types.ts';
import { decodeWords, tidy } from './words.ts';

interface Token {
  kind: 'atom' | 'quoted' | 'comment' | 'special';
  /** Unquoted. */
  text: string;
  /** White space stood before it. */
  spaced: boolean;
}

const SPECIALS = '<>,;:@';
const ENCODED_WORD = /=\?[^?\s]{1,80}\?[bBqQ]\?[^?\s]*\?=/y;
/** RFC 5322 §3.4.1 domain-literal: the colons of "[IPv6:2001:db8::1]" begin no group and end no route. */
const DOMAIN_LITERAL = /\[[^\s[\]\\"(),;<>@]*\]/y;
const ENCODED_WORDS = new RegExp(ENCODED_WORD, 'g');

/** `text` is unfolded and of Unicode characters, encoded words still encoded. */
export function parseAddressGroups(text: string): AddressGroup[] {
  if (text === '') return [];
  const plain = plainList(text);
  return plain ? [{ name: null, addresses: plain }] : readAddressGroups(text);
}

/** Token by token, whatever it is. */
export function readAddressGroups(text: string): AddressGroup[] {
  return new Parser(tokenize(text)).groups();
}

/** `Name <a@b>`, `"Name" <a@b>`, `<a@b>` or `a@b`, and a comma when another follows: what nearly every list is made of. */
const MAILBOX =
  /[ \t]*(?:(?:"([^"\\]*)"[ \t]*|([^\s"(),:;<>@]+(?: [^\s"(),:;<>@]+)*)[ \t]*)?<([^\s"(),:;<>@]+@[^\s"(),:;<>@]+)>|([^\s"(),:;<>@]+@[^\s"(),:;<>@]+))[ \t]*(,(?!\s*$)|$)/y;

/** The same as the parser's, or undefined: something needs a closer look. */
function plainList(text: string): Address[] | undefined {
  const addresses: Address[] = [];
  MAILBOX.lastIndex = 0;
  for (;;) {
    const match = MAILBOX.exec(text);
    if (!match) return undefined;
    const [, quoted, words, angle, bare, comma] = match;
    const name = quoted ?? words;
    const email = angle ?? bare ?? '';
    // An encoded word that is not whole here holds what looks like an address.
    if (email.includes('=?') || words?.replace(ENCODED_WORDS, '').includes('=?')) return undefined;
    addresses.push({ name: name === undefined ? null : tidy(decodeWords(name)) || null, email: tidy(email) });
    if (comma === '') return addresses;
  }
}

export function parseAddresses(text: string): Address[] {
  return parseAddressGroups(text).flatMap((group) => group.addresses);
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let spaced = false;
  // An unclosed quote or comment is dropped, and so is every later one: none of them can close either (linear time).
  let quotes = true;
  let comments = true;
  const take = (kind: Token['kind'], value: string, end: number): void => {
    tokens.push({ kind, text: value, spaced });
    spaced = false;
    at = end;
  };
  while (at < text.length) {
    const char = text.charAt(at);
    if (/\s/.test(char)) {
      spaced = true;
      at++;
    } else if (char === '"' || char === '(') {
      const possible = char === '"' ? quotes : comments;
      const found = possible ? (char === '"' ? delimited(text, at, '"') : comment(text, at)) : undefined;
      if (found) take(char === '"' ? 'quoted' : 'comment', found.value, found.end);
      else {
        if (char === '"') quotes = false;
        else comments = false;
        spaced = true;
        at++;
      }
    } else if (SPECIALS.includes(char)) take('special', char, at + 1);
    else {
      const end = atomEnd(text, at);
      take('atom', text.slice(at, end), end);
    }
  }
  return tokens;
}

function atomEnd(text: string, start: number): number {
  if (text.charAt(start) === '[') {
    DOMAIN_LITERAL.lastIndex = start;
    const literal = DOMAIN_LITERAL.exec(text);
    if (literal) return start + literal[0].length;
  }
  let at = start;
  while (at < text.length) {
    if (text.startsWith('=?', at)) {
      ENCODED_WORD.lastIndex = at;
      const word = ENCODED_WORD.exec(text);
      if (word) {
        at += word[0].length;
        continue;
      }
    }
    const char = text.charAt(at);
    if (/\s/.test(char) || '"('.includes(char) || SPECIALS.includes(char)) break;
    at++;
  }
  return Math.max(at, start + 1);
}

/** A quoted string; undefined when it never closes. */
function delimited(text: string, start: number, close: string): { value: string; end: number } | undefined {
  let value = '';
  let at = start + 1;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === close) return { value, end: at + 1 };
    if (char === '\\' && at + 1 < text.length) value += text.charAt(++at);
    else value += char;
  }
  return undefined;
}

function comment(text: string, start: number): { value: string; end: number } | undefined {
  let value = '';
  let depth = 0;
  let at = start;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\' && at + 1 < text.length) {
      value += text.charAt(++at);
      continue;
    }
    if (char === '(' && depth++ === 0) continue;
    if (char === ')' && --depth === 0) return { value, end: at + 1 };
    value += char;
  }
  return undefined;
}

class Parser {
  private readonly tokens: Token[];
  private readonly result: AddressGroup[] = [];
  private group: AddressGroup | undefined;
  /** Tokens of the mailbox being read, outside angle brackets. */
  private words: Token[] = [];
  /** `words` holds an "@". */
  private signed = false;

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  groups(): AddressGroup[] {
    for (let at = 0; at < this.tokens.length; at++) {
      const token = this.tokens[at];
      if (token === undefined) break;
      if (token.kind !== 'special' || token.text === '@') {
        this.words.push(token);
        this.signed ||= token.kind === 'special';
      } else if (token.text === '<') at = this.angle(at + 1);
      else if (token.text === ':') this.colon();
      else if (token.text === '>') continue;
      else {
        this.flush();
        if (token.text === ';') this.group = undefined;
      }
    }
    this.flush();
    return this.result;
  }

  /** RFC 5322 §3.4: display-name ":" begins a group; a second colon inside one is read as part of a name. */
  private colon(): void {
    if (this.group || this.signed) {
      this.words.push({ kind: 'atom', text: ':', spaced: false });
      return;
    }
    this.group = { name: displayName(this.take()) ?? '', addresses: [] };
    this.result.push(this.group);
  }

  /** From after "<" to ">"; gives the index of the last token taken. */
  private angle(start: number): number {
    let inside: Token[] = [];
    let at = start;
    for (; at < this.tokens.length; at++) {
      const token = this.tokens[at];
      if (token === undefined || (token.kind === 'special' && '<>;'.includes(token.text))) break;
      if (token.kind === 'special' && token.text === ',' && inside[0]?.text !== '@') break;
      // RFC 5322 §4.4 obs-route: "@a,@b:" says how to get there and is ignored.
      if (token.kind === 'special' && token.text === ':') inside = [];
      else if (token.kind !== 'comment') inside.push(token);
    }
    const name = displayName(this.take());
    this.add({ name, email: addrSpec(inside) });
    const stop = this.tokens[at];
    return stop?.text === '>' && stop.kind === 'special' ? at : at - 1;
  }

  private flush(): void {
    const words = this.take();
    const plain = words.filter((word) => word.kind !== 'comment');
    if (plain.length === 0) return;
    const sign = plain.findIndex((word) => word.kind === 'special');
    if (sign < 0) return this.withoutSign(words, plain);
    // RFC 5322 §3.4 allows no display name here, yet "Nguyen Van A a@b.vn" is seen: the spaced words are the name.
    let start = Math.max(0, sign - 1);
    while (start > 0 && (!isSpaced(plain, start) || joins(plain, start - 1))) start--;
    let end = sign + 1;
    while (end + 1 < plain.length && (!isSpaced(plain, end + 1) || joins(plain, end))) end++;
    const rest = [...plain.slice(0, start), ...plain.slice(end + 1)];
    const name = rest.length > 0 ? phrase(rest) : displayName(words.filter((word) => word.kind === 'comment'));
    this.add({ name, email: addrSpec(plain.slice(start, end + 1)) });
  }

  private take(): Token[] {
    const words = this.words;
    this.words = [];
    this.signed = false;
    return words;
  }

  /** No "@": one bare word is a local user, more are a name without an address. */
  private withoutSign(words: Token[], plain: Token[]): void {
    const only = plain[0];
    if (plain.length === 1 && only?.kind === 'atom' && /^[\x21-\x7e]+$/.test(only.text) && !only.text.includes('=?')) {
      return this.add({ name: phrase(words.filter((word) => word.kind === 'comment')), email: only.text });
    }
    this.add({ name: phrase(plain), email: '' });
  }

  private add(address: Address): void {
    if (address.email === '' && address.name === null) return;
    if (this.group) this.group.addresses.push(address);
    else {
      const last = this.result.at(-1);
      // Addresses outside any group that follow each other share one entry (RFC 8621 §4.1.2.4).
      if (last?.name === null) last.addresses.push(address);
      else this.result.push({ name: null, addresses: [address] });
    }
  }
}

function isSpaced(tokens: Token[], at: number): boolean {
  return tokens[at]?.spaced === true;
}

/** "a . c @ b . vn" (RFC 5322 §4.4 obs-local-part, obs-domain): the dot or the "@" joins across white space. */
function joins(tokens: Token[], end: number): boolean {
  const left = tokens[end]?.text ?? '';
  const right = tokens[end + 1]?.text ?? '';
  return left === '@' || left.endsWith('.') || (right.startsWith('.') && right.length > 0);
}

/** RFC 8621 §4.1.2.3: without a display name a comment serves. */
function displayName(tokens: Token[]): string | null {
  const plain = tokens.filter((token) => token.kind !== 'comment');
  return phrase(plain.length > 0 ? plain : tokens);
}

/** Display names: RFC 2047 decoded, cleaned; null when nothing is left. */
function phrase(tokens: Token[]): string | null {
  if (tokens.length === 0) return null;
  let text = '';
  for (const token of tokens) text += (token.spaced && text !== '' ? ' ' : '') + token.text;
  const name = tidy(decodeWords(text));
  return name === '' ? null : name;
}

/** local@domain as written, without white space and comments; a quoted local part keeps its quotes. */
function addrSpec(tokens: Token[]): string {
  if (tokens.length === 0) return '';
  let out = '';
  for (const token of tokens) {
    if (token.kind === 'quoted') out += `"${token.text.replace(/["\\]/g, '\\$&')}"`;
    else out += token.text;
  }
  return tidy(out).replace(/^@+$/, '');
}
