/**
 * Content as the packs hold it, by its own name: no table is asked, so it is there also where a piece of one is damaged. How
 * content lies stays the affair of src/blobs.
 */
import type { BlobHash } from '../base/ids.ts';
import { readStored } from '../blobs/stored.ts';
import type { Packs } from './packs.ts';
import { DamagedBackup, type Kind } from './records.ts';

/** What can be read by itself before what needs other content. */
const FORMS = ['p', 'f', 'r'] as const;

/** The stored form of a content, the first that is whole. Undefined: the backup does not hold it. */
export async function storedIn(
  packs: Packs,
  hash: string,
): Promise<{ kind: Exclude<Kind, 't'>; data: Buffer } | undefined> {
  for (const kind of FORMS) {
    if (!packs.index.has(kind, hash)) continue;
    const data = await packs.read(kind, hash).catch(ifDamaged);
    if (data) return { kind, data };
  }
  return undefined;
}

const ifDamaged = (error: unknown): undefined => {
  if (!(error instanceof DamagedBackup)) throw error;
};

/** The octets of a content. Undefined: the backup does not hold them. */
export const contentIn = (packs: Packs, hash: string): Promise<Buffer | undefined> =>
  readStored(async (name) => (await storedIn(packs, name))?.data, hash as BlobHash);
