/** All that is computed from the octets of a message before it is stored; pure, in whichever thread. */
import { packUp, type Packing } from '../../blobs/blob-store.ts';
import { deriveMessage } from '../../message/derive.ts';
import { encodedSpans } from '../../message/spans.ts';
import type { DerivedMessage } from '../../message/types.ts';

export interface Digest {
  readonly derived: DerivedMessage;
  readonly packing: Packing;
}

export async function digest(bytes: Uint8Array): Promise<Digest> {
  const contents = new Map<string, Uint8Array>();
  const derived = deriveMessage(bytes, undefined, contents);
  const spans = encodedSpans(derived.root, derived.attachments, contents);
  const packing = await packUp(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), spans);
  return { derived, packing };
}
