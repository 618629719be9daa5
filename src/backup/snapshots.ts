/** The snapshots of a backup folder: one file each, written last; without it nothing of a backup counts. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import * as v from 'valibot';

import { DomainError } from '../base/errors.ts';
import { makeFolder, syncFolder, writeDurably } from './durable.ts';

export const FORMAT = 1;
const key = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** They are written into statements. */
const identifier = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*$/));
const column = v.strictObject({ name: identifier, kind: v.picklist(['int', 'text', 'bool', 'bytes']) });
const table = v.strictObject({
  name: identifier,
  columns: v.array(column),
  rows: count,
  /** In this order, one below the other, they are the table. */
  pieces: v.array(key),
});

const snapshotSchema = v.strictObject({
  format: v.literal(FORMAT),
  name: v.string(),
  /** Of the program that made it. */
  version: v.string(),
  installation: v.string(),
  domain: v.string(),
  dialect: v.picklist(['sqlite', 'pg']),
  takenAt: count,
  migrations: v.array(v.string()),
  counters: v.record(v.string(), count),
  tables: v.array(table),
  /** Content that could not be read then. */
  missing: v.array(v.string()),
  /** Swept while it was copied: nothing named it. */
  swept: v.array(v.string()),
  /** congvu.toml, without the password of the database. */
  settings: v.nullable(v.string()),
  /** Master key, whole congvu.toml, certificate: sealed under a passphrase; null: kept elsewhere. */
  secrets: v.nullable(v.string()),
});
export type SnapshotFile = v.InferOutput<typeof snapshotSchema>;

const folderSchema = v.looseObject({ format: v.number(), installation: v.string() });

const snapshots = (folder: string) => join(folder, 'snapshots');
const identity = (folder: string) => join(folder, 'congvu-backup.json');
export const packFolder = (folder: string): string => join(folder, 'packs');

/** UTC, to the second; sorts by time. */
export const snapshotName = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

/** After all others, also in the same second and when the clock was set back: the newest is the one that was taken last. */
export async function freshName(folder: string, at: number): Promise<string> {
  const last = (await snapshotNames(folder)).at(-1);
  const name = snapshotName(at);
  return last === undefined || name > last ? name : snapshotName(timeOf(last) + 1000);
}

const timeOf = (name: string): number =>
  Date.parse(name.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));

/** Makes the folder, or finds that it is of this installation. @throws backup.other_installation, backup.format */
export async function claimFolder(folder: string, installation: string): Promise<void> {
  await makeFolder(folder);
  const text = await readFile(identity(folder), 'utf8').catch(absent);
  if (text === undefined) {
    if ((await readdir(folder)).some((name) => !isOurs(name)))
      throw new DomainError('invalid', 'backup.not_a_backup', `${folder} is not empty and is no backup of ours`);
    await writeIdentity(folder, installation);
    return;
  }
  const found = v.safeParse(v.pipe(v.string(), v.parseJson(), folderSchema), text);
  if (found.success && found.output.format !== FORMAT) throw unknownFormat(folder);
  // Its few octets are the only ones without a check: every snapshot says the same.
  const owner = found.success ? found.output.installation : await ownerOfNewest(folder);
  if (owner !== installation)
    throw new DomainError(
      'conflict',
      'backup.other_installation',
      `${folder} holds the backup of another installation`,
    );
  if (!found.success) await writeIdentity(folder, installation);
}

const writeIdentity = (folder: string, installation: string): Promise<void> =>
  writeDurably(identity(folder), `${JSON.stringify({ format: FORMAT, installation })}\n`);

/** @throws backup.snapshot_missing, backup.snapshot_damaged */
const ownerOfNewest = async (folder: string): Promise<string> => (await readSnapshot(folder)).installation;

/** What a first backup that was killed may leave, and what a new disk has. */
const isOurs = (name: string): boolean => /^(?:lock(?:\..*)?|congvu-backup\.json\.tmp|lost\+found)$/.test(name);

const absent = (error: unknown): undefined => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
};

/** A sector that the disk does not give is as changed as any. */
const notGiven = (error: unknown): string => {
  if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
  return '';
};

const unknownFormat = (where: string): DomainError =>
  new DomainError('invalid', 'backup.format', `${where} was written by another version of the program`);

/** Oldest first. */
export async function snapshotNames(folder: string): Promise<string[]> {
  const names = await readdir(snapshots(folder)).catch(absent);
  return (names ?? []).flatMap((name) => (/^\d{8}T\d{6}Z\.json$/.test(name) ? [name.slice(0, -5)] : [])).sort();
}

/** First line: SHA-256 of the rest. */
export async function writeSnapshot(folder: string, snapshot: SnapshotFile): Promise<void> {
  await makeFolder(snapshots(folder));
  const body = JSON.stringify(snapshot);
  await writeDurably(join(snapshots(folder), `${snapshot.name}.json`), `${digest(body)}\n${body}\n`);
}

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

/** The named one, or the newest. @throws backup.snapshot_missing, backup.snapshot_damaged, backup.format */
export async function readSnapshot(folder: string, wanted?: string): Promise<SnapshotFile> {
  const names = await snapshotNames(folder);
  const name = wanted ?? names.at(-1);
  if (name === undefined || !names.includes(name)) {
    const there = names.length > 0 ? `it holds: ${names.join(', ')}` : 'it holds none';
    throw new DomainError('notFound', 'backup.snapshot_missing', `no snapshot ${name ?? ''} in ${folder}; ${there}`);
  }
  const text = await readFile(join(snapshots(folder), `${name}.json`), 'utf8').catch(notGiven);
  const end = text.indexOf('\n');
  const body = text.slice(end + 1, -1);
  if (digest(body) !== text.slice(0, end))
    throw new DomainError('unavailable', 'backup.snapshot_damaged', `snapshot ${name} has changed: take another one`);
  const parsed = v.safeParse(snapshotSchema, JSON.parse(body));
  if (!parsed.success) throw unknownFormat(name);
  return parsed.output;
}

export async function removeSnapshots(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(snapshots(folder), `${name}.json`));
  if (names.length > 0) await syncFolder(snapshots(folder));
}

/** Which go: all but the newest `keep`, and the newest of each of the last `months` months. */
export function expired(names: readonly string[], { keep, months }: { keep: number; months: number }): string[] {
  const sorted = [...names].sort().reverse();
  const kept = new Set(sorted.slice(0, Math.max(1, keep)));
  const ofMonth = new Map<string, string>();
  for (const name of sorted) if (!ofMonth.has(name.slice(0, 6))) ofMonth.set(name.slice(0, 6), name);
  for (const name of [...ofMonth.values()].slice(0, months)) kept.add(name);
  return sorted.filter((name) => !kept.has(name)).reverse();
}
