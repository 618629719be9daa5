import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Database } from '../db/database.ts';
import type { DerivedMessage } from '../message/types.ts';
import type { Indexer } from './indexer.ts';
import type { Digester } from './preparing/digester.ts';
import type { Suspects } from './preparing/suspects.ts';

/** What the store works with. */
export interface MailstoreParts {
  db: Database;
  blobs: BlobStore;
  clock: Clock;
  log: Log;
  /** Messages that are not taken apart on the main thread; absent: none is known. */
  suspects?: Suspects | undefined;
}
/** The same within. */
export interface InnerParts extends MailstoreParts {
  indexer: Indexer;
  digester: Digester;
}
/** Bytes -> derived data; pure. */
export type Derive = (bytes: Uint8Array) => DerivedMessage;
