/** Keys and verdicts: what the rest of the program sees of this folder. */
import type { BlobHash } from '../base/ids.ts';
import type { Context, SigningParts } from './context.ts';
import { createCertificationKey, enrol, infoOf, ownKey, retireKeysOf, revoke, wkd } from './keys.usecases.ts';
import { checkAgain, handleJobs } from './outside-keys.ts';
import { createSigningRepository } from './signing.repository.ts';
import type { Signing } from './types.ts';
import { judge, judgeStored } from './verify.usecases.ts';
import { createFetchKey } from './wkd-fetch.ts';
import { createSigningWorker } from './worker.ts';

export type { FetchKey, SigningParts } from './context.ts';

/** Declares its job queues, so create it before `jobs.start()`. */
export function createSigning(parts: SigningParts): Signing & { close(): Promise<void> } {
  const { settings } = parts;
  const context: Context = {
    ...parts,
    fetchKey: parts.fetchKey ?? createFetchKey({ wkdMaxBytes: settings.wkdMaxBytes, wkdTimeout: settings.wkdTimeout }),
    repository: createSigningRepository(parts.db),
    worker: createSigningWorker(settings),
  };
  handleJobs(context);
  return {
    createCertificationKey: (tx) => createCertificationKey(context, tx),
    async certificationKey() {
      const certification = await context.repository.certification();
      return certification && { fingerprint: certification.fingerprint, publicKey: certification.publicKey };
    },
    enrol: (officialId, input) => enrol(context, officialId, input),
    ownKey: (officialId) => ownKey(context, officialId),
    revoke: (fingerprint, reason, actor, since) => revoke(context, fingerprint, reason, actor, since),
    keysOf: async (officialId) => (await context.repository.keysOf(officialId)).map(infoOf),
    retireKeysOf: (officialId, actor) => retireKeysOf(context, officialId, actor),
    wkd: (domain, hash) => wkd(context, domain, hash),
    verify: (message, bytes, at) =>
      judge(context, bytes, { hash: message.blob.hash, files: message.derived.attachments.length, arrivedAt: at }),
    verifyStored: (hash) => judgeStored(context, hash as BlobHash),
    checkAgain: (tx, hash) => checkAgain(context, tx, hash, context.clock.now()),
    close: () => context.worker.close(),
  };
}
