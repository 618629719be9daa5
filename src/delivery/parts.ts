import type { Audit } from '../audit/audit.repository.ts';
import type { Clock } from '../base/clock.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Database, Tx } from '../db/database.ts';
import type { Directory } from '../directory/types.ts';
import type { Documents } from '../documents/types.ts';
import type { Jobs } from '../jobs/types.ts';
import type { Mailstore, PreparedMessage } from '../mailstore/types.ts';
import type { Signing } from '../signing/types.ts';
import type { QueueRepository } from './queue.repository.ts';
import type { DeliverySettings } from './settings.ts';
import type { Envelope } from './types.ts';

/** What may be sent to whom. @throws DomainError of its own, shown to the sender. */
export type SendPolicy = (
  message: PreparedMessage,
  envelope: Envelope,
  by: { officialId: number; accountId: number },
) => Promise<void>;

export interface DeliveryOptions {
  db: Database;
  blobs: BlobStore;
  mailstore: Mailstore;
  directory: Directory;
  signing: Signing;
  documents: Documents;
  jobs: Jobs;
  audit: Audit;
  clock: Clock;
  log: Log;
  settings: DeliverySettings;
  /** Asked in this order before anything is stored. */
  policies?: readonly SendPolicy[];
}

export interface DeliveryParts extends DeliveryOptions {
  queue: QueueRepository;
  hostname: string;
  /** In the unit that stores a message whose signer's key must first be fetched. */
  askForKey(tx: Tx, address: string, hash: BlobHash): Promise<void>;
}
