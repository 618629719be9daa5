/** smtp-server's parser looks at each octet of a message by itself, in search of dots; the long stretches without any go past it. */
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';

const DOT = 0x2e;
const LF = 0x0a;
/** What the parser keeps of a chunk, since the end may lie across two. */
const KEPT = 4;
/** Shorter stretches are left to it. */
const SHORT = 64;
const NOTHING = Buffer.alloc(0);

export class DataParser extends SMTPStream {
  /**
   * The same as when the octets before the next line that begins with a dot came as a chunk of their own: RFC 5321 §4.5.2 asks nothing
   * of them. The dot itself, and one at the start of the message, is for smtp-server.
   */
  override _feedDataStream(chunk: Buffer, done: (error?: Error | null) => void): void {
    const before = this._lastBytes || NOTHING;
    const dot = chunk.indexOf('\n.', 0, 'latin1');
    const length = dot < 0 ? chunk.length : dot;
    const opensWithDot = this._atDataStart && (before[0] ?? chunk[0]) === DOT;
    if (length < SHORT || opensWithDot || hasDotLine(before, chunk[0])) return super._feedDataStream(chunk, done);
    this.#pass(before);
    this.#pass(chunk.subarray(0, length - KEPT));
    this._lastBytes = chunk.subarray(length - KEPT, length);
    if (dot < 0) done();
    else super._feedDataStream(chunk.subarray(length), done);
  }

  /** Whoever takes the octets always has room (data.ts), so nothing waits for a drain. */
  #pass(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this._countDataBytes(bytes.length);
    if (this._dataStream?.writable) this._dataStream.write(bytes);
  }
}

function hasDotLine(before: Buffer, next: number | undefined): boolean {
  return before.includes('\n.', 0, 'latin1') || (before.at(-1) === LF && next === DOT);
}
