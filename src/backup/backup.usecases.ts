/** `congvu backup`: who may, in which order, and what is said at the end. */
import { readFile } from 'node:fs/promises';

import { DomainError } from '../base/errors.ts';
import { INSTALLATION } from '../init.ts';
import { existingTlsPair, masterKeyPath } from '../installation.ts';
import type { Config } from '../config.ts';
import type { Parts } from '../parts.ts';
import { makeFolder } from './durable.ts';
import { takeLease } from './lease.ts';
import { lockFolder } from './lock.ts';
import { openPacks } from './packs.ts';
import { prune } from './prune.usecases.ts';
import { sealFiles, withoutPassword, type SmallFiles } from './sealed-files.ts';
import { claimFolder, packFolder } from './snapshots.ts';
import { takeSnapshot } from './take.usecases.ts';

export const LAST_BACKUP = 'backup.last';

export interface BackupOptions {
  folder: string;
  version: string;
  /** The newest so many snapshots stay, and the newest of each of the last so many months. */
  keep: number;
  months: number;
  /** Seals the master key, the settings and the certificate into the backup; without it they are not in it. */
  passphrase?: string;
  packBytes?: number;
}

export interface BackupReport {
  snapshot: string;
  seconds: number;
  rows: number;
  contents: number;
  newContents: number;
  writtenBytes: number;
  /** Content that could not be read: `congvu check --deep` says which messages. */
  missing: string[];
  removedSnapshots: string[];
  freedBytes: number;
  /** What was found damaged in the backup folder itself, as far as it was read: one sentence each. */
  faults: string[];
  secrets: boolean;
}

type BackupParts = Pick<Parts, 'db' | 'blobs' | 'clock' | 'facts' | 'config' | 'directory'>;

export async function backup(parts: BackupParts, options: BackupOptions): Promise<BackupReport> {
  const { facts, clock, db, config } = parts;
  const { folder, passphrase } = options;
  const begun = clock.now();
  const installation = await facts.get(INSTALLATION);
  if (typeof installation !== 'string')
    throw new DomainError('conflict', 'backup.no_installation', 'this installation is not complete: run "congvu init"');
  const settings = config.file === undefined ? null : await readFile(config.file, 'utf8');
  // Before anything is written: a passphrase that is too short is said now.
  const secrets = passphrase === undefined ? null : sealFiles(await smallFiles(config, settings), passphrase);
  await makeFolder(folder);
  const lock = await lockFolder(folder);
  try {
    await claimFolder(folder, installation);
    const lease = await takeLease({ db, facts, clock });
    const packs = await openPacks(packFolder(folder), { packBytes: options.packBytes, writable: true });
    try {
      const { domain } = parts.directory;
      const masked = settings === null ? null : withoutPassword(settings);
      const head = { version: options.version, installation, domain, settings: masked, secrets };
      const { snapshot, renewed, ...taken } = await takeSnapshot(parts, { packs, folder, lease }, head);
      const { name, missing } = snapshot;
      await db.write((tx) =>
        facts.put(tx, LAST_BACKUP, { at: begun, folder, snapshot: name, missing: missing.length }),
      );
      const pruned = await prune(folder, packs, options);
      return {
        ...{ snapshot: name, seconds: (clock.now() - begun) / 1000, ...taken, writtenBytes: packs.written, missing },
        ...{
          removedSnapshots: pruned.snapshots,
          freedBytes: pruned.freedBytes,
          faults: [...renewed, ...pruned.faults],
        },
        secrets: secrets !== null,
      };
    } finally {
      await packs.abandon();
      await packs.close();
      await lease.end();
    }
  } finally {
    await lock.release();
  }
}

async function smallFiles(config: Config, settings: string | null): Promise<SmallFiles> {
  const files: SmallFiles = { 'master.key': await readFile(masterKeyPath(config.data), 'utf8') };
  if (settings !== null) files['congvu.toml'] = settings;
  const pair = await existingTlsPair({ data: config.data, ...config.tls });
  if (pair) Object.assign(files, { 'tls/key.pem': pair.key, 'tls/cert.pem': pair.cert });
  return files;
}
