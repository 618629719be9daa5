/** Reads one response octet by octet; `fail` says what stood there instead. */
export class Reader {
  at = 0;
  private readonly line: string;
  private readonly utf8: boolean;

  constructor(line: string, utf8: boolean) {
    this.line = line;
    this.utf8 = utf8;
  }

  fail(wanted: string): never {
    const around = this.line.slice(Math.max(0, this.at - 60), this.at + 60);
    throw new Error(`expected ${wanted} at octet ${this.at}, near ${JSON.stringify(around)}`);
  }

  ahead(text: string): boolean {
    return this.line.startsWith(text, this.at);
  }
  take(text: string): boolean {
    if (!this.ahead(text)) return false;
    this.at += text.length;
    return true;
  }
  expect(text: string): void {
    if (!this.take(text)) this.fail(JSON.stringify(text));
  }
  /** `pattern` is sticky. */
  maybe(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.line) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }
  match(pattern: RegExp, wanted: string): string {
    return this.maybe(pattern) ?? this.fail(wanted);
  }
  since(from: number): string {
    return this.line.slice(from, this.at);
  }
  end(): void {
    if (this.at < this.line.length) this.fail('the end');
  }

  /** "(" item *(SP item) ")" */
  list(item: (r: Reader) => void, empty = false): void {
    this.expect('(');
    if (empty && this.take(')')) return;
    do item(this);
    while (this.take(' '));
    this.expect(')');
  }
  /** "(" 1*item ")" */
  pack(item: (r: Reader) => void): void {
    this.expect('(');
    do item(this);
    while (!this.ahead(')'));
    this.expect(')');
  }

  /** text = 1*TEXT-CHAR, of which ours is ASCII. */
  text(): void {
    this.match(/[\x20-\x7e]+/y, 'text');
  }
  atom(): void {
    this.match(/[^\x00-\x20(){%*"\\\]\x7f-\xff]+/y, 'an atom');
  }
  astring(): void {
    if (this.maybe(/[^\x00-\x20(){%*"\\\x7f-\xff]+/y) === undefined) this.string();
  }

  string(): string {
    return this.quoted() ?? this.literal() ?? this.fail('a string');
  }
  /** `nul`: content as it was sent to us, which may hold NUL; `binary`: literal8, which NUL needs. */
  nstring(how: { nul?: boolean; binary?: boolean } = {}): string | null {
    return this.take('NIL') ? null : (this.quoted() ?? this.literal(how) ?? this.fail('a string or NIL'));
  }

  private quoted(): string | undefined {
    if (!this.ahead('"')) return undefined;
    const found = this.match(/"(?:[^\0\r\n"\\]|\\["\\])*"/y, 'a quoted string').slice(1, -1);
    if (!this.utf8 && /[\x80-\xff]/.test(found)) this.fail('ASCII in the quoted string before');
    return found.replace(/\\(.)/g, '$1');
  }
  private literal({ nul = false, binary = false }: { nul?: boolean; binary?: boolean } = {}): string | undefined {
    const eight = binary && this.take('~');
    const head = this.maybe(/\{\d+\}\r\n/y);
    if (head === undefined) return eight ? this.fail('a literal8') : undefined;
    const size = Number(head.slice(1, -3));
    const content = this.line.slice(this.at, this.at + size);
    if (content.length < size) this.fail(`${size} octets`);
    if (!nul && !eight && content.includes('\0')) this.fail('a literal without NUL');
    this.at += size;
    return content;
  }
}
