/**
 * The finished message goes up without the files that are on the server already: it is put together there, and counts only when it comes out as it
 * was signed here. Where that cannot be, it goes up whole.
 */
import { ApiError } from '../../../lib/http.ts';
import type { JmapClient } from '../../../lib/jmap/client.ts';
import type { Id } from '../../../lib/jmap/types.ts';
import { base64Lines, base64LinesLength, hex } from '../../../lib/mail/encode.ts';

/** A file of the message that went up by itself. */
export interface FileThere {
  blobId: Id;
  blob: Blob;
}
export type MessagePart = { text: string } | { blobId: Id; encoding: 'base64' };

/** Less is not worth a second way. */
const WORTH = 32 * 1024;
/** Octets whose lines tell where a file begins: whole lines of 57. */
const HEAD = 57 * 4;

export async function uploadMessage(
  client: JmapClient,
  accountId: Id,
  bytes: Uint8Array,
  files: readonly FileThere[],
  onProgress: (part: number) => void,
): Promise<Id> {
  const parts = await partsOf(bytes, files);
  if (parts.length > 1) {
    try {
      const blobId = await assemble(client, accountId, bytes, parts);
      onProgress(1);
      return blobId;
    } catch (error) {
      // Nobody is signed in any more, or nobody answers: the long way ends the same.
      if (error instanceof ApiError && [0, 401].includes(error.status)) throw error;
    }
  }
  const message = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'message/rfc822' });
  return await client.upload(accountId, message, onProgress);
}

async function assemble(
  client: JmapClient,
  accountId: Id,
  bytes: Uint8Array,
  parts: readonly MessagePart[],
): Promise<Id> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  const sha256 = Array.from(digest, (octet) => hex(octet).toLowerCase()).join('');
  const answers = await client.call([
    ['congvu:Blob/assemble', { accountId, type: 'message/rfc822', parts, sha256 }, 'message'],
  ]);
  return answers.get<{ blobId: Id }>('message').blobId;
}

/** Files stand in the message in the order in which they were attached. */
export async function partsOf(bytes: Uint8Array, files: readonly FileThere[]): Promise<MessagePart[]> {
  const parts: MessagePart[] = [];
  const decoder = new TextDecoder();
  let at = 0;
  for (const { blobId, blob } of files) {
    if (blob.size < WORTH) continue;
    const head = base64Lines(new Uint8Array(await blob.slice(0, HEAD).arrayBuffer()));
    const start = indexOf(bytes, head, at);
    if (start < 0) continue;
    parts.push({ text: decoder.decode(bytes.subarray(at, start)) }, { blobId, encoding: 'base64' });
    at = start + base64LinesLength(blob.size);
  }
  parts.push({ text: decoder.decode(bytes.subarray(at)) });
  return parts;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < wanted.length && bytes[at + same] === wanted[same]) same++;
    if (same === wanted.length) return at;
  }
  return -1;
}
