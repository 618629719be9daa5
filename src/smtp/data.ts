import type { SMTPServerDataStream } from 'smtp-server';

import { SmtpReply } from './reply.ts';

/**
 * The bytes between DATA and the final dot. What is refused is still read to its end, so that the next command is found.
 * @throws SmtpReply
 */
export async function collectData(stream: SMTPServerDataStream, maxBytes: number): Promise<Uint8Array> {
  let chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    if (stream.byteLength > maxBytes) chunks = [];
    else chunks.push(chunk);
  }
  if (stream.byteLength > maxBytes) throw new SmtpReply(552, '5.3.4', `The message is larger than ${maxBytes} bytes`);
  const bytes = Buffer.concat(chunks);
  refuseBareLineEnds(bytes);
  return bytes;
}

/**
 * RFC 5321 §2.3.8: CR and LF come together or not at all. A bare one is how a second message is smuggled past a server
 * that ends lines differently from us.
 */
export function refuseBareLineEnds(bytes: Uint8Array): void {
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at - 1] !== 0x0d) throw new SmtpReply(554, '5.6.0', 'Bare <LF> is refused, lines end with <CRLF>');
  }
  for (let at = bytes.indexOf(0x0d); at >= 0; at = bytes.indexOf(0x0d, at + 1)) {
    if (bytes[at + 1] !== 0x0a) throw new SmtpReply(554, '5.6.0', 'Bare <CR> is refused, lines end with <CRLF>');
  }
}
