/** Reads what short-json.ts writes, all or some of it. */
import {
  ARRAY,
  FALSE,
  NEGATIVE,
  NULL,
  NUMBER,
  OBJECT,
  SMALL_ARRAY,
  SMALL_NUMBER,
  SMALL_OBJECT,
  SMALL_STRING,
  TEXT_NUMBER,
  TRUE,
  UTF16,
  UTF8,
  WORD,
  words,
} from './short-json.ts';

/** @throws when it is cut off or no such value */
export function readShortJson(stored: Buffer, start = 0): unknown {
  return new Reader(stored, start).value();
}

/**
 * Of the object under the name `member` those members that are wanted, all others are passed over: a list of a large mailbox needs
 * little of each message. @throws as `readShortJson` does
 */
export function readMembers(
  stored: Buffer,
  start: number,
  member: string,
  wanted: readonly string[],
): Record<string, unknown> {
  const reader = new Reader(stored, start);
  return reader.enter(member) ? reader.some(wanted) : {};
}

class Reader {
  private readonly stored: Buffer;
  private at: number;

  constructor(stored: Buffer, at: number) {
    this.stored = stored;
    this.at = at;
  }

  value(): unknown {
    const kind = this.octet();
    if (kind >= SMALL_NUMBER) return kind - SMALL_NUMBER;
    if (kind >= SMALL_STRING) return this.string(kind - SMALL_STRING, 'utf8');
    if (kind >= SMALL_OBJECT) return this.object(kind - SMALL_OBJECT);
    if (kind >= SMALL_ARRAY) return this.array(kind - SMALL_ARRAY);
    return this.long(kind);
  }

  /** Goes to the value of a member of the object here. */
  enter(member: string): boolean {
    for (let left = this.members(); left > 0; left--) {
      if (this.name() === member) return true;
      this.skip();
    }
    return false;
  }

  /** The object here, with no other members than these. */
  some(wanted: readonly string[]): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    let open = wanted.length;
    for (let left = this.members(); left > 0 && open > 0; left--) {
      const name = this.name();
      if (!wanted.includes(name)) this.skip();
      else {
        found[name] = this.value();
        open--;
      }
    }
    return found;
  }

  /** How many members the object here has; 0 when it is none. */
  private members(): number {
    const kind = this.octet();
    if (kind === OBJECT) return this.length();
    return kind >= SMALL_OBJECT && kind < SMALL_STRING ? kind - SMALL_OBJECT : 0;
  }

  private name(): string {
    const number = this.octet();
    return number === 0 ? String(this.value()) : this.word(number);
  }

  private skip(): void {
    const kind = this.octet();
    if (kind >= SMALL_NUMBER) return;
    if (kind >= SMALL_STRING) this.at += kind - SMALL_STRING;
    else if (kind >= SMALL_OBJECT) this.skipMembers(kind - SMALL_OBJECT);
    else if (kind >= SMALL_ARRAY) this.skipItems(kind - SMALL_ARRAY);
    else if (kind === WORD) this.at++;
    else if (kind === UTF8 || kind === UTF16) {
      const length = this.length();
      this.at += length;
    } else if (kind === ARRAY) this.skipItems(this.length());
    else if (kind === OBJECT) this.skipMembers(this.length());
    else this.long(kind);
  }

  private skipItems(count: number): void {
    for (let i = 0; i < count; i++) this.skip();
  }

  private skipMembers(count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.octet() === 0) this.skip();
      this.skip();
    }
  }

  private long(kind: number): unknown {
    switch (kind) {
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case NUMBER:
        return this.length();
      case NEGATIVE:
        return -this.length();
      case TEXT_NUMBER:
        return Number(this.value());
      case UTF8:
        return this.string(this.length(), 'utf8');
      case UTF16:
        return this.string(this.length(), 'utf16le');
      case ARRAY:
        return this.array(this.length());
      case OBJECT:
        return this.object(this.length());
      case WORD:
        return this.word(this.octet());
      default:
        throw new Error('no such value');
    }
  }

  private octet(): number {
    const octet = this.stored[this.at++];
    if (octet === undefined) throw new Error('a stored value is cut off');
    return octet;
  }

  private length(): number {
    let length = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const octet = this.octet();
      length += (octet & 0x7f) * scale;
      if (octet < 0x80) return length;
    }
  }

  private word(number: number): string {
    const word = words[number - 1];
    if (word === undefined) throw new Error('no such word');
    return word;
  }

  private string(length: number, encoding: 'utf8' | 'utf16le'): string {
    const end = this.at + length;
    if (end > this.stored.length) throw new Error('a stored value is cut off');
    const text = this.stored.toString(encoding, this.at, end);
    this.at = end;
    return text;
  }

  private array(count: number): unknown[] {
    const list: unknown[] = [];
    for (let i = 0; i < count; i++) list.push(this.value());
    return list;
  }

  private object(count: number): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const name = this.name();
      // As JSON.parse has it: a member of its own, never the prototype.
      if (name === '__proto__') Object.defineProperty(value, name, { ...OWN, value: this.value() });
      else value[name] = this.value();
    }
    return value;
  }
}
const OWN = { enumerable: true, configurable: true, writable: true };
