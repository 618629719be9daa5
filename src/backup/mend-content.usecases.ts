/**
 * `congvu restore --mend`: all stored content that changed or was lost here, of mail, registered documents and the queue alike, put back
 * from a backup beside the running server. Nothing else is touched. Content is found by its own name, whichever snapshot brought it.
 */
import type { BlobHash } from '../base/ids.ts';
import type { Parts } from '../parts.ts';
import { livingBackup } from './living.ts';
import type { Packs } from './packs.ts';
import { lackedContent } from './repository/gaps.ts';
import { contentIn } from './saved-content.ts';

export interface Mended {
  /** Of this many that could not be read, these can again. */
  damaged: number;
  mended: string[];
  /** The backup does not hold these either. */
  lost: string[];
}

type MendParts = Pick<Parts, 'db' | 'blobs' | 'facts' | 'mailstore' | 'audit'>;

export async function mendContent(
  parts: MendParts,
  { backup, snapshot, actor }: { backup: string; snapshot?: string; actor: string },
): Promise<Mended> {
  return livingBackup(parts, backup, snapshot, async (packs) => {
    const done: Mended = { damaged: 0, mended: [], lost: [] };
    try {
      const unreadable = await unreadableHere(parts);
      done.damaged = unreadable.length;
      for (const hash of await partsFirst(parts, unreadable)) {
        const isMended = await mendOne(parts, packs, hash);
        (isMended ? done.mended : done.lost).push(hash);
      }
    } finally {
      // Also of one that breaks off.
      const details = { mended: done.mended.length, lost: done.lost.length };
      if (done.damaged > 0)
        await parts.db.write((tx) =>
          parts.audit.record(tx, { actor, action: 'content.mended', object: 'blobs', details }),
        );
    }
    return done;
  });
}

/** Each once: what has a row and cannot be read, and what is named and has no row. */
async function unreadableHere({ db, blobs }: MendParts): Promise<BlobHash[]> {
  const found = new Set<BlobHash>(await lackedContent(db.read));
  for await (const { hash } of blobs.check(true)) if (!(await blobs.isWhole(hash))) found.add(hash);
  return [...found];
}

/** A message that only lacks one of its files is whole with that. */
async function partsFirst({ mailstore }: MendParts, hashes: readonly BlobHash[]): Promise<BlobHash[]> {
  const messages = new Set((await mailstore.verdicts(hashes)).keys());
  return [...hashes.filter((hash) => !messages.has(hash)), ...hashes.filter((hash) => messages.has(hash))];
}

async function mendOne({ db, blobs, mailstore }: MendParts, packs: Packs, hash: BlobHash): Promise<boolean> {
  if (await blobs.isWhole(hash)) return true;
  const bytes = await contentIn(packs, hash);
  if (!bytes) return false;
  // A message lies as a message again: its files under names of their own.
  const isMessage = (await mailstore.derived(hash)) !== undefined;
  const staged = isMessage ? (await mailstore.prepare(bytes)).blob : await blobs.stage(bytes);
  if ((await blobs.size(hash)) === undefined) await db.write((tx) => blobs.record(tx, staged));
  await blobs.mend(staged, bytes);
  return blobs.isWhole(hash);
}
