/** What an installation makes once: the provincial certification key and the DKIM keys, sealed by the master key; the postmaster's mailbox. */
import { randomUUID } from 'node:crypto';

import type { Parts } from './parts.ts';
import { createDkimKeys } from './smtp/dkim.ts';

export const INSTALLATION = 'installation.id';

/** @returns the certification key's fingerprint. Doing it twice changes nothing. */
export async function initialise(parts: Parts): Promise<string> {
  const { db, directory, facts, signing, secrets, config } = parts;
  const known = await signing.certificationKey();
  if (known) return known.fingerprint;
  return db.write(async (tx) => {
    await facts.put(tx, INSTALLATION, randomUUID());
    await directory.openPostmaster(tx);
    await createDkimKeys(tx, secrets, config.directory.domain);
    return signing.createCertificationKey(tx);
  });
}
