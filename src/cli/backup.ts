import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { InvalidArgumentError, type Command } from 'commander';

import { backup, type BackupReport } from '../backup/backup.usecases.ts';
import { readPassphrase } from '../backup/restore.usecases.ts';
import { verifyFolder } from '../backup/verify.usecases.ts';
import { isDomainError } from '../base/errors.ts';
import { packageRoot } from '../base/paths.ts';
import { inWords, type WithParts } from './with-parts.ts';

interface BackupFlags {
  keep: number;
  keepMonths: number;
  passphraseFile?: string;
  verify?: boolean;
  json?: boolean;
}

/** For cron: done; failed; done, but something of the store or of the folder could not be read; another backup is at work. */
const FAILED = 1;
const HOLES = 2;
const BUSY = 3;

export function backupCommand(program: Command, withParts: WithParts): void {
  program
    .command('backup <folder>')
    .description('one more snapshot of everything into a folder, beside the running server; content is copied once')
    .option('--keep <n>', 'how many of the newest snapshots stay', atLeastOne, 14)
    .option('--keep-months <n>', 'and the newest of each of so many months', count, 12)
    .option('--passphrase-file <file>', 'put master key, settings and certificate in too, sealed under its first line')
    .option('--verify', 'take none, but read the whole backup again and compare every hash')
    .option('--json', 'one line for a monitor')
    .action(async (folder: string, flags: BackupFlags) => {
      try {
        const code = flags.verify ? await proven(resolve(folder), flags) : await taken(resolve(folder), flags);
        if (code > 0) process.exitCode = code;
      } catch (error) {
        const words = `${inWords(error)}. What was in ${folder} before is as it was`;
        if (flags.json) console.log(JSON.stringify({ ok: false, error: words }));
        else console.error(`congvu: ${words}`);
        process.exitCode = isDomainError(error, 'backup.busy') ? BUSY : FAILED;
      }
    });

  async function taken(folder: string, { keep, keepMonths: months, passphraseFile, json }: BackupFlags) {
    const passphrase = passphraseFile === undefined ? {} : { passphrase: await readPassphrase(passphraseFile) };
    const report = await withParts((parts) =>
      backup(parts, { folder, version: programVersion(), keep, months, ...passphrase }),
    );
    if (json) console.log(JSON.stringify({ ok: isWhole(report), ...report }));
    else print(report);
    return isWhole(report) ? 0 : HOLES;
  }

  async function proven(folder: string, { json }: BackupFlags) {
    const report = await verifyFolder(folder);
    if (json) console.log(JSON.stringify({ ok: report.faults.length === 0, ...report }));
    else {
      for (const fault of report.faults) console.log(fault);
      console.log(
        `${report.snapshots} snapshot(s), ${report.things} stored things read: ${report.faults.length === 0 ? 'whole.' : `${report.faults.length} fault(s).`}`,
      );
    }
    return report.faults.length > 0 ? FAILED : 0;
  }
}

export const programVersion = (): string =>
  (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;

const isWhole = ({ missing, faults }: BackupReport): boolean => missing.length + faults.length === 0;

function print(report: BackupReport): void {
  const { snapshot, contents, newContents, rows, writtenBytes, seconds, missing, removedSnapshots, secrets } = report;
  console.log(
    `snapshot ${snapshot}: ${rows} rows, ${contents} contents (${newContents} new), ${mib(writtenBytes)} MiB written in ${seconds.toFixed(1)} s`,
  );
  if (removedSnapshots.length > 0)
    console.log(`removed ${removedSnapshots.length} old snapshot(s), ${mib(report.freedBytes)} MiB freed`);
  console.log(
    secrets
      ? 'Master key, settings and certificate are in it, sealed under the passphrase.'
      : 'The master key, the certificate and the password of the database are not in it: keep copies elsewhere.',
  );
  for (const hash of missing) console.log(`could not be read and is not in the backup: ${hash}`);
  if (missing.length > 0) console.log('"congvu check --deep" says more.');
  for (const fault of report.faults) console.log(`the backup folder itself: ${fault}`);
  if (report.faults.length > 0)
    console.log(
      '"congvu backup <folder> --verify" reads all of it; the next backup copies anew what that finds. Look at its disk.',
    );
}

const mib = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1);

function count(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted.');
  return Number(text);
}

function atLeastOne(text: string): number {
  const n = count(text);
  if (n === 0) throw new InvalidArgumentError('at least 1 snapshot stays.');
  return n;
}
