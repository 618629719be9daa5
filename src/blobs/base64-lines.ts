/**
 * Base64 as mailers write it (RFC 2045 §6.8): lines of one length, one kind of line end between them, none after the last.
 * Whoever knows the decoded octets and these two facts can write the same lines again, octet for octet.
 */
export interface Lines {
  /** Characters of every line but the last; 0: one line, however long. */
  readonly lineLength: number;
  /** Octets of the line end: 2 is CRLF, 1 is LF, 0 when there is one line only. */
  readonly lineEnd: 0 | 1 | 2;
}

const CR = 13;
const LF = 10;
/** RFC 4648 §5 has them in place of "+" and "/"; Node reads both. */
const DASH = 45;
const UNDERSCORE = 95;

export interface Regular extends Lines {
  readonly content: Buffer;
  /** After the last octet that is written anew from `content`. */
  readonly end: number;
}

/**
 * The longest run from `start` that lines of one length explain; undefined when its octets would not come out the same (padding
 * within, spaces, loose bits, another alphabet).
 * @param decoded what somebody has decoded from the same octets
 */
export function readLines(bytes: Buffer, start: number, stop: number, decoded?: Uint8Array): Regular | undefined {
  const lines = shapeOf(bytes, start, stop);
  if (!lines) return undefined;
  const end = lines.lineEnd === 0 ? stop : endOfLines(bytes, start, stop, lines);
  const content =
    Buffer.isBuffer(decoded) && encodedLength(decoded.length, lines) === end - start
      ? decoded
      : Buffer.from(bytes.toString('latin1', start, end), 'base64');
  if (encodedLength(content.length, lines) !== end - start) return undefined;
  const regular = { ...lines, content, end };
  return isWrittenAgain(bytes, start, regular) ? regular : undefined;
}

/** Every so many groups of three octets are encoded again, besides the last. */
const PROBES = 16;

/**
 * Whether the lines of `content` are these very octets, by counting. A decoder takes four characters for three octets and passes
 * over what is no character of its alphabet. The lines have room for exactly the characters that so many octets need; so there
 * is nothing among them to be passed over but the padding, if the padding is where it belongs. Then each character stands for
 * its own six bits, and comes out again unless it is one of the other alphabet ("-", "_") or has loose bits before the padding.
 */
function isWrittenAgain(bytes: Buffer, start: number, { content, end, lineLength, lineEnd }: Regular): boolean {
  if (content.length === 0) return end === start;
  const width = lineLength + lineEnd;
  const place = (character: number): number =>
    start + (lineEnd === 0 ? character : Math.floor(character / lineLength) * width + (character % lineLength));
  const hasGroup = (group: number): boolean => {
    const written = content.toString('base64', group * 3, group * 3 + 3);
    for (let at = 0; at < 4; at++) if (bytes[place(group * 4 + at)] !== written.charCodeAt(at)) return false;
    return true;
  };
  const last = Math.ceil(content.length / 3) - 1;
  // The last group has the padding. The others only show that this content was decoded from these octets and no others.
  for (let probe = 0; probe <= PROBES; probe++) if (!hasGroup(Math.floor((last * probe) / PROBES))) return false;
  const written = bytes.subarray(start, end);
  return !written.includes(DASH) && !written.includes(UNDERSCORE);
}

function shapeOf(bytes: Buffer, start: number, stop: number): Lines | undefined {
  const lf = bytes.indexOf(LF, start);
  if (lf < 0 || lf >= stop) return { lineLength: 0, lineEnd: 0 };
  const lineEnd = lf > start && bytes[lf - 1] === CR ? 2 : 1;
  const lineLength = lf + 1 - lineEnd - start;
  return lineLength > 0 ? { lineLength, lineEnd } : undefined;
}

function endOfLines(bytes: Buffer, start: number, stop: number, { lineLength, lineEnd }: Lines): number {
  let line = start;
  for (let next = line + lineLength + lineEnd; next <= stop; next = line + lineLength + lineEnd) {
    if (bytes[next - 1] !== LF || (lineEnd === 2 && bytes[next - 2] !== CR)) break;
    line = next;
  }
  // The last line is shorter, or there is none and the line end before it is not ours.
  let end = line;
  while (end < stop && end - line <= lineLength && bytes[end] !== CR && bytes[end] !== LF) end++;
  const last = end - line;
  return last === 0 || last > lineLength ? line - lineEnd : end;
}

export const encodedLength = (size: number, lines: Lines): number => writtenLength(Math.ceil(size / 3) * 4, lines);

/** Which of the decoded octets the encoded ones [start, end) need. */
export function octetsOf(size: number, lines: Lines, start: number, end: number): { from: number; to: number } {
  const { first, last } = charactersOf(lines, start, end);
  return { from: Math.min(size, Math.floor(first / 4) * 3), to: Math.min(size, Math.ceil(last / 4) * 3) };
}

/** Whole lines around [start, end), as characters counted without line ends. */
function charactersOf({ lineLength, lineEnd }: Lines, start: number, end: number): { first: number; last: number } {
  if (lineLength === 0) return { first: start, last: end };
  const width = lineLength + lineEnd;
  // One character of the next line, or the line end before it would not be written.
  return { first: Math.floor(start / width) * lineLength, last: Math.floor(end / width) * lineLength + lineLength + 1 };
}

/** Encoded octets [start, end), from the decoded ones that `octetsOf` names. */
export function encodeRange(octets: Buffer, lines: Lines, start: number, end: number): Buffer {
  const { first } = charactersOf(lines, start, end);
  const skip = first % 4;
  const written = Buffer.allocUnsafe(writtenLength(Math.ceil(octets.length / 3) * 4 - skip, lines));
  if (skip === 0) encodeInto(written, 0, octets, lines);
  else writeLines(written, 0, octets.toString('base64').slice(skip), lines);
  const width = lines.lineLength + lines.lineEnd;
  const before = lines.lineLength === 0 ? start : start - (start % width);
  return written.subarray(start - before, end - before);
}

/** Encoded at once: text that is still in the processor's cache when its lines are written. */
const BLOCK = 24 * 1024;

/** Writes the lines of all of `content` from `at` on. @returns after them. */
export function encodeInto(out: Buffer, at: number, content: Buffer, lines: Lines): number {
  // Four lines have a whole number of groups, whatever their length.
  const four = lines.lineLength * 3 || 3;
  const block = four * Math.max(1, Math.floor(BLOCK / four));
  for (let from = 0; from < content.length; from += block) {
    if (from > 0) at = writeLineEnd(out, at, lines);
    at = writeLines(out, at, content.toString('base64', from, from + block), lines);
  }
  return at;
}

function writtenLength(characters: number, { lineLength, lineEnd }: Lines): number {
  if (lineLength === 0 || characters === 0) return characters;
  return characters + (Math.ceil(characters / lineLength) - 1) * lineEnd;
}

function writeLines(out: Buffer, at: number, text: string, lines: Lines): number {
  const lineLength = lines.lineLength || text.length;
  const end = at + writtenLength(text.length, lines);
  // All characters lie at the end; each line moves to its place before them.
  let from = end - text.length;
  out.write(text, from, 'latin1');
  for (let to = at; to < from;) {
    out.copyWithin(to, from, from + lineLength);
    to += lineLength;
    from += lineLength;
    to = writeLineEnd(out, to, lines);
  }
  return end;
}

function writeLineEnd(out: Buffer, at: number, { lineEnd }: Lines): number {
  if (lineEnd === 2) out[at++] = CR;
  if (lineEnd > 0) out[at++] = LF;
  return at;
}
