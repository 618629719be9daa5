/** A message to be shown: an email of the account, or a blob that is parsed; its bytes are read only when something needs them. */
import type { BlobHash } from '../../base/ids.ts';
import { headerOf } from '../../message/content.ts';
import type { DerivedMessage, HeaderField } from '../../message/types.ts';
import type { MethodContext } from '../context.ts';
import { MethodError } from '../core/errors.ts';

export interface MessageView {
  /** What the blob ids of its parts start with. */
  partBase: string;
  derived: Pick<DerivedMessage, 'summary' | 'root' | 'preview' | 'hasAttachment' | 'attachments'>;
  header(): Promise<readonly HeaderField[]>;
  bytes(): Promise<Uint8Array>;
}

/** How much one call may make us read and give (RFC 8620 §3.6.2 requestTooLarge). */
export interface Budget {
  read(octets: number): void;
  give(octets: number): void;
}

export function createBudget({ settings }: MethodContext): Budget {
  let read = settings.maxBytesReadPerCall;
  let give = settings.maxTotalBodyValueBytes;
  return {
    read(octets) {
      if ((read -= octets) < 0)
        throw new MethodError('requestTooLarge', 'these messages are too large to be read in one call');
    },
    give(octets) {
      if ((give -= octets) < 0) throw new MethodError('requestTooLarge', 'the body values are too large for one call');
    },
  };
}

export function storedView(
  context: MethodContext,
  budget: Budget,
  message: { hash: BlobHash; size: number; partBase: string; derived: MessageView['derived'] },
): MessageView {
  const { hash, size, partBase, derived } = message;
  let bytes: Promise<Uint8Array> | undefined;
  let header: Promise<readonly HeaderField[]> | undefined;
  const readBytes = (): Promise<Uint8Array> => {
    if (!bytes) budget.read(size);
    return (bytes ??= context.blobs.read(hash));
  };
  const readHeader = async (): Promise<readonly HeaderField[]> => {
    // The header lies at the front: no need for the attachments behind it.
    const front = bytes ? await bytes : await context.blobs.readRange(hash, 0, derived.root.bodyStart);
    return headerOf(front, derived.root);
  };
  return {
    partBase,
    derived,
    bytes: readBytes,
    header() {
      if (!header) budget.read(derived.root.bodyStart);
      return (header ??= readHeader());
    },
  };
}

export function bytesView(partBase: string, bytes: Uint8Array, derived: MessageView['derived']): MessageView {
  return {
    partBase,
    derived,
    bytes: () => Promise.resolve(bytes),
    header: () => Promise.resolve(headerOf(bytes, derived.root)),
  };
}
