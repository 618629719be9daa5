/**
 * `congvu restore --to`: a whole installation from a backup, onto a machine that has none. Either database, whichever the backup came
 * from. Until its end a mark lies in the folder, with which nothing starts there; the master key is put last.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { createAudit } from '../audit/audit.repository.ts';
import type { Clock } from '../base/clock.ts';
import { DomainError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { createBlobStore } from '../blobs/blob-store.ts';
import { folderBackend } from '../blobs/folder.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { indexDocumentsAnew } from '../documents/documents.repository.ts';
import { RESTORE_MARK } from '../installation.ts';
import { createMailstore } from '../mailstore/mailstore.ts';
import type { Mailstore } from '../mailstore/types.ts';
import { openDatabase } from '../parts.ts';
import { makeFolder, syncFolder, writeDurably } from './durable.ts';
import { lockFolder } from './lock.ts';
import { fillGaps } from './fill-gaps.usecases.ts';
import { readable, type TableGap } from './gaps.ts';
import { openPacks, type Packs } from './packs.ts';
import { isEmptyDatabase } from './repository/tables.ts';
import { freeBackupLease, freeJobs, waitingRecipients } from './repository/after.ts';
import { restoreTables } from './restore-tables.ts';
import { openFiles, type SmallFiles } from './sealed-files.ts';
import { packFolder, readSnapshot, type SnapshotFile } from './snapshots.ts';

export interface RestoreOptions {
  folder: string;
  to: string;
  snapshot?: string;
  /** Opens the sealed master key, settings and certificate of the backup. */
  passphrase?: string;
  /** The copy of the master key that was kept apart. */
  masterKey?: string;
  /** The server was stopped before this backup was taken and has not run since. */
  sameMoment: boolean;
  deep: boolean;
  /** Brings back all else where a piece of a table is damaged. */
  leaveOutDamaged?: boolean;
  /** Reads the settings of the folder, once they lie there. */
  configOf: (data: string) => Config;
  clock: Clock;
  log: Log;
}

export interface RestoreReport {
  snapshot: string;
  takenAt: number;
  rows: number;
  contents: number;
  /** Content that the backup does not hold, or no longer. */
  lost: string[];
  /** Rows that did not come back, since the backup folder does not give them any more. */
  leftOut: TableGap[];
  /** What was made anew or put aside for that: one sentence each. */
  mended: string[];
  /** What `congvu check` found. */
  findings: string[];
  /** Recipients that waited in the queue then: their mail may have gone out since. */
  waiting: number;
  masterKey: boolean;
}

/** May lie there beforehand: put by the administrator. */
const PREPARED = new Set(['congvu.toml', 'master.key', 'tls', 'lost+found']);
/** Keys of rows that are passed over: a number that somebody saw is not given to something else. */
const LEAP = 1_000_000;

export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { folder } = options;
  const lock = await lockFolder(folder);
  try {
    const snapshot = await readSnapshot(folder, options.snapshot);
    const packs = await openPacks(packFolder(folder), { writable: false });
    try {
      return await restoreFrom(packs, snapshot, options);
    } finally {
      await packs.close();
    }
  } finally {
    await lock.release();
  }
}

async function restoreFrom(packs: Packs, taken: SnapshotFile, options: RestoreOptions): Promise<RestoreReport> {
  const { folder, to, sameMoment, leaveOutDamaged: leaveOut = false } = options;
  const files = smallFilesOf(taken, options);
  // Before anything is written: a database that has half of everything would have to be made anew.
  const tables = (name: string) => !leftOut(sameMoment).has(name);
  const { snapshot, gaps } = await readable(folder, packs, taken, { tables, leaveOut });
  await prepareFolder(to);
  await putSettings(to, snapshot, files);
  const config = options.configOf(to);
  const db = await openDatabase(config, options.log);
  try {
    if (!(await isEmptyDatabase(db)))
      throw new DomainError('conflict', 'restore.not_empty', 'the database of the settings is not empty');
    // Where rows are missing, what clients remember is not what is there.
    const same = sameMoment && gaps.length === 0;
    const report = await fill({ db, config, packs }, snapshot, gaps, { ...options, sameMoment: same });
    await putKeys(to, files);
    await rm(join(to, RESTORE_MARK));
    // If a power cut brought the mark back, another restore would take what came since for its own half work.
    await syncFolder(to);
    return { ...report, leftOut: gaps, masterKey: existsSync(join(to, 'master.key')) };
  } finally {
    await db.close();
  }
}

/** Tables that do not come back: derived and indexed anew, or of no use to anybody any more. */
const leftOut = (sameMoment: boolean): ReadonlySet<string> =>
  new Set(['search_states', ...(sameMoment ? [] : ['sessions', 'changes', 'expunged'])]);

function smallFilesOf(snapshot: SnapshotFile, { passphrase, masterKey }: RestoreOptions): SmallFiles {
  const own: SmallFiles = masterKey === undefined ? {} : { 'master.key': masterKey };
  if (passphrase === undefined) return own;
  if (snapshot.secrets === null)
    throw new DomainError('invalid', 'backup.no_secrets', 'this snapshot was taken without a passphrase');
  return { ...openFiles(snapshot.secrets, passphrase), ...own };
}

/** Empty, prepared, or left by a restore that did not come to its end: then that one's work goes first. */
async function prepareFolder(to: string): Promise<void> {
  await makeFolder(to);
  const names = await readdir(to);
  if (names.includes(RESTORE_MARK)) {
    const made = names.filter((name) => name === 'blobs' || name.startsWith('congvu.db'));
    for (const name of made) await rm(join(to, name), { recursive: true });
  } else if (names.some((name) => !PREPARED.has(name)))
    throw new DomainError('conflict', 'restore.not_empty', `${to} is not empty: a restore makes a new data folder`);
  await writeDurably(
    join(to, RESTORE_MARK),
    'A restore began here and did not end. Run it again, or remove this folder.\n',
  );
  await chmod(to, 0o700);
}

/** Settings that lie there already win: the new machine may have other certificates, another database. */
async function putSettings(to: string, snapshot: SnapshotFile, files: SmallFiles): Promise<void> {
  const settings = files['congvu.toml'] ?? snapshot.settings;
  if (settings !== null && !existsSync(join(to, 'congvu.toml'))) await writeDurably(join(to, 'congvu.toml'), settings);
}

async function putKeys(to: string, files: SmallFiles): Promise<void> {
  for (const name of ['tls/key.pem', 'tls/cert.pem', 'master.key']) {
    const content = files[name];
    const path = join(to, name);
    if (content === undefined || existsSync(path)) continue;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDurably(path, content);
  }
}

interface Target {
  db: Database;
  config: Config;
  packs: Packs;
}

async function fill(
  { db, config, packs }: Target,
  snapshot: SnapshotFile,
  gaps: readonly TableGap[],
  { sameMoment, deep, clock, log }: RestoreOptions,
): Promise<Omit<RestoreReport, 'masterKey' | 'leftOut'>> {
  const backend = folderBackend(join(config.data, 'blobs'));
  const blobs = createBlobStore({ db, backend, clock });
  const mailstore = createMailstore({ db, blobs, clock, log });
  const audit = createAudit(db, clock);
  try {
    const { rows, contents, lost } = await restoreTables({ db, backend }, packs, snapshot, {
      leaveOut: leftOut(sameMoment),
      leap: sameMoment ? 0 : LEAP,
    });
    const filling = { db, blobs, packs, snapshot, audit, settings: config.directory, lost: new Set(lost) };
    const filled = gaps.length > 0 ? await fillGaps(filling, gaps) : { mended: [], lost: [] };
    await db.write(async (tx) => {
      await mailstore.cameBack(tx, { sameMoment });
      await freeJobs(tx);
      await freeBackupLease(tx);
    });
    await indexDocumentsAnew(db);
    if (gaps.length > 0) filled.mended.push(...(await repaired(mailstore)));
    const findings: string[] = [];
    for await (const { finding, accountId } of mailstore.check({ deep }))
      findings.push(accountId === undefined ? finding : `account ${accountId}: ${finding}`);
    const broken = await audit.verify();
    if (broken !== undefined) findings.push(`the audit log does not fit together at row ${broken}`);
    const waiting = await waitingRecipients(db);
    const all = { lost: [...lost, ...filled.lost], mended: filled.mended, findings };
    return { snapshot: snapshot.name, takenAt: snapshot.takenAt, rows, contents, ...all, waiting };
  } finally {
    await mailstore.stop();
  }
}

/** What follows from the rows that are there: counters, what is derived from messages. */
async function repaired(mailstore: Mailstore): Promise<string[]> {
  let lines = 0;
  for await (const _ of mailstore.repair()) lines++;
  return lines === 0 ? [] : [`${lines} thing(s) that follow from the rest were made anew, as by "congvu repair"`];
}

/** A passphrase as one line of a file that only its owner can read. */
export async function readPassphrase(path: string): Promise<string> {
  const [line = ''] = (await readFile(path, 'utf8')).split(/\r?\n/);
  return line;
}
