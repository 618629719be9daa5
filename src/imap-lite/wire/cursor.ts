/**
 * Reading one command (RFC 9051 §9). Functions bear the ABNF rule's name: the plain form returns undefined on a
 * mismatch and has then read nothing; the `expect…` form throws `SyntaxProblem`.
 *
 * A command is its text lines with the literals taken out: where the text says `{n}CRLF`, the next entry of `literals`
 * belongs. A literal is therefore never copied to be parsed.
 */
export interface RawCommand {
  readonly text: Buffer;
  readonly literals: readonly Buffer[];
}

/** The client broke the grammar: answered with BAD. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';
}

export class Cursor {
  readonly text: Buffer;
  readonly literals: readonly Buffer[];
  at = 0;
  nextLiteral = 0;

  constructor(command: RawCommand) {
    this.text = command.text;
    this.literals = command.literals;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** The octet ahead; -1 at the end. */
  peek(ahead = 0): number {
    return this.text[this.at + ahead] ?? -1;
  }

  /** Runs a rule; when it gives undefined, nothing was read. */
  attempt<T>(rule: () => T | undefined): T | undefined {
    const { at, nextLiteral } = this;
    const result = rule();
    if (result === undefined) {
      this.at = at;
      this.nextLiteral = nextLiteral;
    }
    return result;
  }

  fail(expected: string): never {
    throw new SyntaxProblem(`expected ${expected} at octet ${this.at + 1}`);
  }
}

export const cursorOf = (text: string, literals: readonly Buffer[] = []): Cursor =>
  new Cursor({ text: Buffer.from(text, 'utf8'), literals });

export const code = (char: string): number => char.charCodeAt(0);

/** One given octet. */
export function char(c: Cursor, wanted: string): true | undefined {
  if (c.peek() !== code(wanted)) return undefined;
  c.at++;
  return true;
}
export function expectChar(c: Cursor, wanted: string): void {
  if (!char(c, wanted)) c.fail(wanted === ' ' ? 'a space' : `"${wanted}"`);
}
export const expectSpace = (c: Cursor): void => expectChar(c, ' ');

export function expectEnd(c: Cursor): void {
  if (!c.done) c.fail('the end of the command');
}

/** A fixed word, ASCII case-insensitive, that is not the beginning of a longer atom. */
export function word(c: Cursor, wanted: string): true | undefined {
  const end = c.at + wanted.length;
  if (end > c.text.length || c.text.toString('latin1', c.at, end).toUpperCase() !== wanted) return undefined;
  const next = c.text[end];
  if (next !== undefined && /[A-Za-z0-9]/.test(String.fromCharCode(next)) && /[A-Za-z0-9]$/.test(wanted))
    return undefined;
  c.at = end;
  return true;
}

/** The longest run of octets that fit; undefined when there is none. */
export function octets(c: Cursor, fits: (octet: number) => boolean): Buffer | undefined {
  let end = c.at;
  while (end < c.text.length && fits(c.text[end] ?? 0)) end++;
  if (end === c.at) return undefined;
  const found = c.text.subarray(c.at, end);
  c.at = end;
  return found;
}
/** The same of ASCII. */
export const run = (c: Cursor, fits: (octet: number) => boolean): string | undefined => octets(c, fits)?.toString();

/** `( item SP item … )`; `empty` says whether `()` is good. */
export function list<T>(c: Cursor, item: (c: Cursor) => T, empty = false): T[] | undefined {
  if (!char(c, '(')) return undefined;
  const items: T[] = [];
  if (empty && char(c, ')')) return items;
  do items.push(item(c));
  while (char(c, ' '));
  expectChar(c, ')');
  return items;
}
