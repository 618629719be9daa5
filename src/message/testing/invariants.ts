/** What holds for the tree of any bytes whatever. */
import { expect } from 'vitest';

import { bodySection, partByPath } from '../content.ts';
import type { ParsedMessage, Part } from '../types.ts';

export function expectSoundTree(bytes: Uint8Array, parsed: ParsedMessage): void {
  expect(parsed.size).toBe(bytes.length);
  let last = 0;
  for (const field of parsed.header) {
    expect(field.start).toBeGreaterThanOrEqual(last);
    expect(field.end).toBeGreaterThan(field.start);
    last = field.end;
  }
  expect(last).toBeLessThanOrEqual(parsed.root.bodyStart);
  expect(parsed.root.headerStart).toBe(0);
  expect(parsed.root.bodyEnd).toBe(bytes.length);
  const paths = new Set<string>();
  expectSoundPart(bytes, parsed.root, paths);
}

function expectSoundPart(bytes: Uint8Array, part: Part, paths: Set<string>): void {
  const { headerStart, bodyStart, bodyEnd } = part;
  if (!(headerStart <= bodyStart && bodyStart <= bodyEnd && bodyEnd <= bytes.length))
    throw new Error(`offsets of ${part.path} are out of order`);
  if (part.lines !== countLines(bytes.subarray(bodyStart, bodyEnd))) {
    throw new Error(
      `part ${part.path} says ${part.lines} lines, has ${countLines(bytes.subarray(bodyStart, bodyEnd))}`,
    );
  }
  if (!part.parts && !part.message) {
    if (paths.has(part.path)) throw new Error(`path ${part.path} twice`);
    paths.add(part.path);
  }
  if (part.parts) {
    if (part.type !== 'multipart' || part.parts.length === 0)
      throw new Error(`${part.path} has parts but is ${part.type}`);
  } else if (part.type === 'multipart') throw new Error(`${part.path} is a multipart without parts`);
  if (part.message && part.message.root.headerStart !== bodyStart)
    throw new Error(`the message in ${part.path} begins elsewhere`);
  let from = bodyStart;
  for (const child of part.parts ?? (part.message ? [part.message.root] : [])) {
    if (child.headerStart < from || child.bodyEnd > bodyEnd)
      throw new Error(`part ${child.path} lies outside its parent or over its neighbour`);
    from = child.bodyEnd;
    expectSoundPart(bytes, child, paths);
  }
}

function countLines(body: Uint8Array): number {
  let lines = 0;
  for (const octet of body) if (octet === 10) lines++;
  return lines + (body.length > 0 && body.at(-1) !== 10 ? 1 : 0);
}

/** FETCH's sections cover the message and each part, and lie side by side (RFC 9051 §6.4.5). */
export function expectWholeSections(bytes: Uint8Array, root: Part): void {
  const section = (path: string, kind: 'all' | 'mime' | 'header' | 'text') =>
    bodySection(bytes, root, { path, kind }) ?? new Uint8Array();
  const expectSame = (pieces: Uint8Array[], whole: Uint8Array, what: string): void => {
    if (Buffer.compare(Buffer.concat(pieces), whole) !== 0) throw new Error(`${what} do not add up`);
  };
  expectSame([section('', 'header'), section('', 'text')], bytes, 'header and text');
  for (const part of allParts(root)) {
    const { path } = part;
    if (path === '' || partByPath(root, path) !== part) continue;
    const whole = bytes.subarray(part.headerStart, part.bodyEnd);
    if (part !== root) expectSame([section(path, 'mime'), section(path, 'all')], whole, `MIME and body of ${path}`);
    if (part.message)
      expectSame([section(path, 'header'), section(path, 'text')], section(path, 'all'), `header and text of ${path}`);
  }
}

export function allParts(root: Part): Part[] {
  const inside = root.parts ?? (root.message ? [root.message.root] : []);
  return [root, ...inside.flatMap(allParts)];
}

/** One string of IMAP grammar: balanced parentheses, quoted strings, atoms, nothing else. */
export function expectImapSyntax(text: string): void {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error('not printable ASCII');
  const rest = text.replace(/"(?:[^"\\]|\\["\\])*"/g, 'q');
  if (/["\\]/.test(rest)) throw new Error(`broken quoting: ${rest.slice(0, 200)}`);
  let depth = 0;
  for (const char of rest) {
    if (char === '(') depth++;
    if (char === ')' && --depth < 0) throw new Error('unbalanced');
  }
  if (depth !== 0) throw new Error('unbalanced');
  if (!/^[()q0-9A-Z ]*$/.test(rest)) throw new Error(`not IMAP: ${rest.slice(0, 200)}`);
}

/** Processor milliseconds, so that a busy machine fails no test. */
export function cpuTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
