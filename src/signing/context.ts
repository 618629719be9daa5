import type { Audit } from '../audit/audit.repository.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { SecretBox } from '../base/secret-box.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Database } from '../db/database.ts';
import type { SecretStore } from '../db/secrets.ts';
import type { Directory } from '../directory/types.ts';
import type { Jobs } from '../jobs/types.ts';
import type { Mailstore } from '../mailstore/types.ts';
import type { SigningSettings } from './settings.ts';
import type { SigningRepository } from './signing.repository.ts';
import type { SigningWorker } from './worker.ts';

/** Asks a domain for the key of one of its addresses. Undefined: it has none. Throws when it does not answer. */
export type FetchKey = (address: string) => Promise<Uint8Array | undefined>;

export interface SigningParts {
  db: Database;
  blobs: BlobStore;
  mailstore: Mailstore;
  directory: Directory;
  secrets: SecretStore;
  box: SecretBox;
  jobs: Jobs;
  clock: Clock;
  log: Log;
  audit: Audit;
  settings: SigningSettings;
  fetchKey?: FetchKey;
}
/** What the use cases work with. */
export interface Context extends Omit<SigningParts, 'fetchKey'> {
  fetchKey: FetchKey;
  repository: SigningRepository;
  worker: SigningWorker;
}
