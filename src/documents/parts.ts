import type { Audit } from '../audit/audit.repository.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Clock } from '../base/clock.ts';
import type { BlobHash } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { OutsideOptions } from '../base/outside-get.ts';
import type { SecretBox } from '../base/secret-box.ts';
import type { Database } from '../db/database.ts';
import type { Directory } from '../directory/types.ts';
import type { Jobs } from '../jobs/types.ts';
import type { Access } from './access.ts';
import type { DocumentsRepository } from './documents.repository.ts';
import type { LinksRepository } from './links.repository.ts';
import type { DocumentsSettings } from './settings.ts';
import type { WebhooksRepository } from './webhooks.repository.ts';

export interface DocumentsDeps {
  db: Database;
  blobs: BlobStore;
  directory: Directory;
  jobs: Jobs;
  box: SecretBox;
  audit: Audit;
  clock: Clock;
  log: Log;
  settings: DocumentsSettings;
  /** The verdict of each message, from the mail store. */
  verdicts: (hashes: readonly BlobHash[]) => Promise<Map<BlobHash, unknown>>;
  /** Tests: what the names of webhooks lead to. */
  resolve?: OutsideOptions['resolve'];
}

/** What the use cases of this module share. */
export interface Parts extends DocumentsDeps {
  documents: DocumentsRepository;
  links: LinksRepository;
  hooks: WebhooksRepository;
  access: Access;
}
