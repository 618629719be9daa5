/**
 * Octets from the client -> commands. Holds at most one line (`limits.line`) and the literals that `literalLimit` lets in;
 * bytes that follow stay where the caller keeps them (a read socket chunk). Answers what to do next, does no I/O itself.
 */
import type { RawCommand } from './cursor.ts';

export type ReaderEvent =
  | { kind: 'command'; command: RawCommand }
  /** Say "+": the client waits with its literal. */
  | { kind: 'continue' }
  /** A synchronizing literal that is too large: answered NO or BAD, nothing of it will come. */
  | { kind: 'refused'; text: Buffer; size: number }
  /** A line or a literal on its way is too large: only closing helps (RFC 7888 §4). */
  | { kind: 'fatal'; reason: 'line' | 'literal' };

export interface ReaderLimits {
  /** Octets of text in one command, literals not counted. */
  line: number;
  /** Octets that the literals of this command may have together; `text` is the command up to its first literal. */
  literalLimit(text: Buffer): number;
}

const LITERAL_AT_END = /~?\{(\d{1,15})(\+?)\}\r?\n$/;
const LF = 10;
const EMPTY = Buffer.alloc(0);

export class CommandReader {
  private input: Buffer = EMPTY;
  private text: Buffer[] = [];
  private textLength = 0;
  private literals: Buffer[] = [];
  private literalTotal = 0;
  private chunks: Buffer[] | undefined;
  private missing = 0;

  push(chunk: Buffer): void {
    this.input = this.input.length === 0 ? chunk : Buffer.concat([this.input, chunk]);
  }

  /** What was sent ahead is forgotten: after STARTTLS nothing from before may count (RFC 9051 §11.1). */
  discard(): number {
    const had = this.input.length;
    this.input = EMPTY;
    this.reset();
    return had;
  }

  /** Octets of an unfinished command that wait here. */
  get waiting(): number {
    return this.input.length;
  }

  /** With fewer octets than this nothing can be done: the rest of a literal, and some end of its line. */
  get wanted(): number {
    return this.missing + 1;
  }

  /** One bare line (SASL answers, DONE). Undefined: more is needed; null: longer than `limit`. */
  nextLine(limit: number): Buffer | null | undefined {
    const end = this.input.indexOf(LF);
    if ((end < 0 ? this.input.length : end) > limit) return null;
    if (end < 0) return undefined;
    const line = this.input.subarray(0, end);
    this.consume(end + 1);
    return line[line.length - 1] === 13 ? line.subarray(0, -1) : line;
  }

  next(limits: ReaderLimits): ReaderEvent | undefined {
    for (;;) {
      if (this.chunks && !this.takeLiteral()) return undefined;
      const end = this.input.indexOf(LF);
      const length = end < 0 ? this.input.length : end + 1;
      if (this.textLength + length > limits.line) return { kind: 'fatal', reason: 'line' };
      if (end < 0) return undefined;
      this.addText(this.input.subarray(0, length));
      this.consume(length);
      const event = this.endOfLine(limits);
      if (event) return event;
    }
  }

  private takeLiteral(): boolean {
    const part = this.input.subarray(0, this.missing);
    if (part.length > 0) this.chunks?.push(part);
    this.consume(part.length);
    this.missing -= part.length;
    if (this.missing > 0) return false;
    this.literals.push(Buffer.concat(this.chunks ?? []));
    this.chunks = undefined;
    return true;
  }

  /** An idle connection must not hold the chunk that its last command came in. */
  private consume(octets: number): void {
    this.input = octets < this.input.length ? this.input.subarray(octets) : EMPTY;
  }

  private addText(line: Buffer): void {
    this.text.push(line);
    this.textLength += line.length;
  }

  private endOfLine(limits: ReaderLimits): ReaderEvent | undefined {
    const last = this.text[this.text.length - 1] ?? EMPTY;
    const found = LITERAL_AT_END.exec(last.toString('latin1', Math.max(0, last.length - 24)));
    if (!found) {
      const text = stripLineEnd(Buffer.concat(this.text));
      const command = { text, literals: this.literals };
      this.reset();
      return { kind: 'command', command };
    }
    const size = Number(found[1]);
    // Not all that came so far: a line of nothing but empty literals would be copied once for each of them.
    const text = this.text[0] ?? last;
    if (this.literalTotal + size > limits.literalLimit(text)) {
      if (found[2] === '+') return { kind: 'fatal', reason: 'literal' };
      this.reset();
      return { kind: 'refused', text, size };
    }
    this.literalTotal += size;
    this.missing = size;
    this.chunks = [];
    return found[2] === '+' ? undefined : { kind: 'continue' };
  }

  private reset(): void {
    this.text = [];
    this.textLength = 0;
    this.literals = [];
    this.literalTotal = 0;
    this.chunks = undefined;
    this.missing = 0;
  }
}

function stripLineEnd(text: Buffer): Buffer {
  const end = text[text.length - 2] === 13 ? text.length - 2 : text.length - 1;
  return text.subarray(0, end);
}
