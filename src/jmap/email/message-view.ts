/** A message to be shown: an email of the account, or a blob that is parsed; its bytes are read only when something needs them. */
import type { BlobHash } from '../../base/ids.ts';
import { headerOf } from '../../message/content.ts';
import type { DerivedMessage, HeaderField, Part } from '../../message/types.ts';
import type { MethodContext } from '../context.ts';
import { isLost, MethodError } from '../core/errors.ts';

export interface MessageView {
  /** What the blob ids of its parts start with. */
  partBase: string;
  derived: Pick<DerivedMessage, 'summary' | 'root' | 'preview' | 'hasAttachment' | 'attachments'>;
  header(): Promise<readonly HeaderField[]>;
  partHeader(part: Part): Promise<readonly HeaderField[]>;
  /** Octets in which the part lies as it says; its own alone when others of the message are lost. @throws DomainError blob.missing, blob.damaged */
  around(part: Part): Promise<Around>;
  /** Paths of those parts that something was asked of and that are lost, and of all others that are when one is. */
  lostParts(): Promise<string[]>;
}
export interface Around {
  bytes: Uint8Array;
  part: Part;
}

export const leaves = (part: Part): Part[] => (part.parts ? part.parts.flatMap(leaves) : [part]);

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
    const front = (bytes && (await intact())) ?? (await context.blobs.readRange(hash, 0, derived.root.bodyStart));
    return headerOf(front, derived.root);
  };
  const intact = (): Promise<Uint8Array | undefined> =>
    readBytes().catch((error: unknown) => {
      if (isLost(error)) return undefined;
      throw error;
    });
  const alone = async (part: Part): Promise<Around> => {
    const moved = { ...part, headerStart: 0, bodyStart: part.bodyStart - part.headerStart };
    const octets = await context.blobs.readRange(hash, part.headerStart, part.bodyEnd);
    return { bytes: octets, part: { ...moved, bodyEnd: octets.length } };
  };
  return {
    partBase,
    derived,
    async around(part) {
      const whole = await intact();
      return whole ? { bytes: whole, part } : alone(part);
    },
    async partHeader(part) {
      const whole = await intact();
      if (whole) return headerOf(whole, part);
      const { headerStart, bodyStart } = part;
      const octets = await context.blobs.readRange(hash, headerStart, bodyStart);
      return headerOf(octets, { ...part, headerStart: 0, bodyStart: octets.length });
    },
    async lostParts() {
      // Nothing was read, or all of it could be.
      if (!bytes || (await intact())) return [];
      const lost: string[] = [];
      for (const part of leaves(derived.root)) {
        const isThere = await alone(part).then(
          () => true,
          (error: unknown) => !isLost(error),
        );
        if (!isThere) lost.push(part.path);
      }
      return lost;
    },
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
    partHeader: (part) => Promise.resolve(headerOf(bytes, part)),
    around: (part) => Promise.resolve({ bytes, part }),
    lostParts: () => Promise.resolve([]),
    header: () => Promise.resolve(headerOf(bytes, derived.root)),
  };
}
