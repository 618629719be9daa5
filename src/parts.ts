/**
 * Builds every part from the configuration, in layer order. Listens to nothing and runs no jobs: that is main.ts, so the
 * command line works on the same parts beside a running server.
 */
import { join } from 'node:path';

import { createAudit, type Audit } from './audit/audit.repository.ts';
import { systemClock, type Clock } from './base/clock.ts';
import { createLog, type Log } from './base/log.ts';
import { createSecretBox, type SecretBox } from './base/secret-box.ts';
import { createBlobStore, type BlobStore } from './blobs/blob-store.ts';
import { folderBackend } from './blobs/folder.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import { openPostgres } from './db/dialects/postgres.ts';
import { openSqlite } from './db/dialects/sqlite.ts';
import { migrate } from './db/migrate.ts';
import { createFactStore, type FactStore } from './db/facts.ts';
import { createSecretStore, type SecretStore } from './db/secrets.ts';
import { createDelivery } from './delivery/delivery.ts';
import { createFiling } from './delivery/incoming/filing.ts';
import { createIncoming } from './delivery/incoming/incoming.ts';
import type { Incoming } from './delivery/incoming/types.ts';
import { createOutboundQueue, type OutboundQueue } from './delivery/outbound-queue.ts';
import type { Delivery } from './delivery/types.ts';
import { createVerifyToken } from './directory/access-tokens.ts';
import { createCredentials } from './directory/credentials.ts';
import { createDirectory } from './directory/directory.ts';
import { createDirectoryImport, type DirectoryImport } from './directory/import.usecases.ts';
import type { Credentials, Directory } from './directory/types.ts';
import { createDocuments } from './documents/documents.ts';
import type { Documents } from './documents/types.ts';
import { readMasterKey } from './installation.ts';
import { createJobs } from './jobs/jobs.repository.ts';
import type { Jobs } from './jobs/types.ts';
import { createMailstore } from './mailstore/mailstore.ts';
import { openSuspects } from './mailstore/preparing/suspects.ts';
import type { Mailstore } from './mailstore/types.ts';
import { createSigning } from './signing/signing.ts';
import type { Signing } from './signing/types.ts';
import { verdictOf } from './verdict-of.ts';

export interface Parts {
  config: Config;
  clock: Clock;
  log: Log;
  db: Database;
  blobs: BlobStore;
  secrets: SecretStore;
  facts: FactStore;
  audit: Audit;
  jobs: Jobs;
  mailstore: Mailstore;
  directory: Directory;
  credentials: Credentials;
  signing: Signing;
  documents: Documents;
  delivery: Delivery;
  incoming: Incoming;
  queue: OutboundQueue;
  imports: DirectoryImport;
  close(): Promise<void>;
}

/** Folder of the journal within the data folder. */
export const INCOMING = 'incoming';
/** File of those messages that a process ended over (src/mailstore/preparing/suspects.ts). */
export const SUSPECTS = 'suspects';

export interface PartsOptions {
  clock?: Clock;
  log?: Log;
  /** The disk did not keep what was written: nothing more is, until the process starts anew. */
  onLost?: () => void;
}

const databaseFile = ({ data }: Config): string => join(data, 'congvu.db');

export async function openDatabase(config: Config, log: Log, onLost?: () => void): Promise<Database> {
  if (config.database.url === '')
    return openSqlite({
      file: databaseFile(config),
      onError: (error) =>
        log.error({ err: error }, 'copying the log of the database back, or what follows a commit, failed'),
      onLost(error) {
        log.fatal({ err: error }, 'the disk did not keep what was written: writes are refused until the next start');
        onLost?.();
      },
    });
  return openPostgres({
    url: config.database.url,
    poolSize: config.database.poolSize,
    onError: (error) => log.warn({ err: error }, 'database connection lost, or what follows a commit failed'),
  });
}

export async function openParts(config: Config, options: PartsOptions = {}): Promise<Parts> {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLog(config.log.level);
  const box = createSecretBox(await readMasterKey(config.data));
  const db = await openDatabase(config, log, options.onLost);
  const applied = await migrate(db);
  if (applied.length > 0) log.info({ applied }, 'database migrated');
  return build({ config, clock, log, box, db });
}

interface Ground {
  config: Config;
  clock: Clock;
  log: Log;
  box: SecretBox;
  db: Database;
}

function build(opened: Ground): Parts {
  const { config, clock, log, db } = opened;
  const domain = domainParts(opened);
  const { mailstore, directory, signing, documents, jobs, audit, blobs } = domain;
  const deliverySettings = { ...config.delivery, hostname: config.delivery.hostname || config.hostname };
  const sending = { db, clock, log, blobs, mailstore, directory, jobs, settings: deliverySettings };
  const delivery = createDelivery({ ...sending, signing, documents, audit });
  const queue = createOutboundQueue(sending);
  const incoming = createIncoming({
    folder: join(config.data, INCOMING),
    mostBytes: config.delivery.journalMessageBytes,
    isDelivered: async (hash) => (await mailstore.derived(hash)) !== undefined,
    // On PostgreSQL mail waits long enough behind other mail for a program to miss what it has just filed.
    ...(db.dialect === 'sqlite' && {
      filing: {
        promised: mailstore.promised,
        store: createFiling({ db, mailstore, verdictOf: (...given) => verdictOf({ signing, clock }, ...given) }),
      },
    }),
    log: log.child({ part: 'incoming' }),
  });
  const imports = createDirectoryImport({
    db,
    mailstore,
    clock,
    audit,
    settings: config.directory,
    directory,
    cost: config.credentials,
  });
  return {
    ...{ config, clock, log, db },
    ...domain,
    ...{ delivery, incoming, queue, imports },
    async close() {
      await jobs.stop();
      await domain.mailstore.stop();
      await signing.close();
      await domain.blobs.close();
      await db.close();
    },
  };
}

const threadOf = (config: Config, folder: string, log: Log) => ({
  place: { file: databaseFile(config), folder },
  onError: (error: unknown) => log.error({ err: error }, 'the thread that reads contents failed'),
});

/** Below delivery; no part here knows one of the same layer but through what it is given. */
function domainParts({ config, clock, log, box, db }: Ground) {
  const ground = { db, clock, log };
  const folder = join(config.data, 'blobs');
  const blobs = createBlobStore({
    ...ground,
    backend: folderBackend(folder),
    thread: db.dialect === 'sqlite' ? threadOf(config, folder, log) : undefined,
  });
  const secrets = createSecretStore(db, box, () => clock.now());
  const facts = createFactStore(db);
  const audit = createAudit(db, clock);
  const jobs = createJobs(ground);
  const suspects = openSuspects(join(config.data, SUSPECTS), log);
  const mailstore = createMailstore({ ...ground, blobs, suspects });
  const directory = createDirectory({
    ...{ db, mailstore, clock, audit },
    settings: config.directory,
    cost: config.credentials,
  });
  const verifyToken = createVerifyToken(config.credentials.oauth, { clock, folder: config.data });
  const credentials = createCredentials({ db, directory, clock, audit, settings: config.credentials, verifyToken });
  const signing = createSigning({
    ...ground,
    ...{ blobs, mailstore, directory, secrets, box, jobs, audit },
    settings: config.signing,
  });
  const documents = createDocuments({
    ...ground,
    ...{ blobs, directory, jobs, box, audit },
    settings: config.documents,
    verdicts: mailstore.verdicts,
  });
  return { blobs, secrets, facts, audit, jobs, mailstore, directory, credentials, signing, documents };
}
