/** Our own odd messages, and builders for those too large for a file. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const messagesFolder = fileURLToPath(new URL('messages/', import.meta.url));

export interface OddMessage {
  /** "22-boundary-prefixes" */
  name: string;
  bytes: Uint8Array;
}

export function oddMessages(): OddMessage[] {
  return readdirSync(messagesFolder)
    .filter((file) => file.endsWith('.eml'))
    .sort()
    .map((file) => ({ name: file.slice(0, -4), bytes: readFileSync(messagesFolder + file) }));
}

export function oddMessage(name: string): Uint8Array {
  const found = oddMessages().find((message) => message.name.endsWith(name));
  if (!found) throw new Error(`no odd message named ${name}`);
  return found.bytes;
}

/** Multiparts inside each other, `depth` of them, text in the innermost. */
export function deepNest(depth: number): Uint8Array {
  let text = 'Subject: deep\r\n';
  for (let level = 0; level < depth; level++)
    text += `Content-Type: multipart/mixed; boundary="n${level}"\r\n\r\n--n${level}\r\n`;
  text += '\r\ninnermost\r\n';
  for (let level = depth - 1; level >= 0; level--) text += `--n${level}--\r\n`;
  return Buffer.from(text);
}

export function deepForwards(depth: number): Uint8Array {
  return Buffer.from(
    `Subject: outer\r\n${'Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n'.repeat(depth)}\r\nend\r\n`,
  );
}

export function manyParts(count: number): Uint8Array {
  const part = (at: number): string =>
    `--x\r\nContent-Disposition: attachment; filename=${at}.txt\r\n\r\npart ${at}\r\n`;
  return Buffer.from(
    `Content-Type: multipart/mixed; boundary=x\r\n\r\n${Array.from({ length: count }, (_, at) => part(at)).join('')}--x--\r\nepilogue\r\n`,
  );
}

export function hugeHeader(octets: number): Uint8Array {
  return Buffer.from(`From: a@b.vn\r\nX-Huge: ${'x'.repeat(octets)}\r\nSubject: after the huge one\r\n\r\nbody\r\n`);
}

export function manyFields(count: number): Uint8Array {
  return Buffer.from(`Subject: first\r\n${'X-A: b\r\n'.repeat(count)}\r\nbody\r\n`);
}

/** One part of base64 lines, about `octets` long. */
export function bigAttachment(octets: number): Uint8Array {
  const front = 'Subject: big\r\nContent-Type: multipart/mixed; boundary=big\r\n\r\n--big\r\n\r\nsee file\r\n--big\r\n';
  const field = 'Content-Type: application/pdf; name=big.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const line = `${'QUJD'.repeat(19)}\r\n`;
  return Buffer.from(`${front}${field}${line.repeat(Math.ceil(octets / line.length))}--big--\r\n`);
}
