import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Command } from 'commander';

import { readPassphrase, restore, type RestoreReport } from '../backup/restore.usecases.ts';
import { inWords, type TableGap } from '../backup/gaps.ts';
import { mendContent } from '../backup/mend-content.usecases.ts';
import { restoreMailbox } from '../backup/restore-mailbox.usecases.ts';
import { snapshotNames } from '../backup/snapshots.ts';
import { systemClock } from '../base/clock.ts';
import { DomainError } from '../base/errors.ts';
import { createLog } from '../base/log.ts';
import { actor } from './directory-parts.ts';
import { configOf, type GlobalOptions, type WithParts } from './with-parts.ts';

interface RestoreFlags {
  to?: string;
  mailbox?: string;
  folder?: string;
  into?: string;
  list?: boolean;
  snapshot?: string;
  passphraseFile?: string;
  masterKey?: string;
  sameMoment?: boolean;
  deep?: boolean;
  again?: boolean;
  ignoreQuota?: boolean;
  mend?: boolean;
  leaveOutDamaged?: boolean;
  json?: boolean;
}

export function restoreCommand(program: Command, options: () => GlobalOptions, withParts: WithParts): void {
  program
    .command('restore <backup>')
    .description(
      'a whole installation into an empty folder, one mailbox into a folder of the living one, or what was damaged',
    )
    .option('--list', 'the snapshots that there are')
    .option('--snapshot <name>', 'an older one; default the newest')
    .option('--to <folder>', 'a new data folder: everything')
    .option('--master-key <file>', '--to: the copy of master.key that was kept apart')
    .option('--passphrase-file <file>', '--to: opens master key, settings and certificate of the backup')
    .option('--same-moment', '--to: the server was stopped before this backup and did not run since (a move)')
    .option('--deep', '--to: also read every restored byte and compare its hash')
    .option('--mailbox <address>', 'the mail of this address, beside the running server')
    .option('--folder <name>', '--mailbox: only this folder and what lies below it')
    .option(
      '--into <name>',
      '--mailbox: the folder that is made for it; default "Khôi phục" and the day of the snapshot',
    )
    .option('--again', '--mailbox: also what the folder holds already')
    .option('--ignore-quota', '--mailbox: over the limit of the mailbox')
    .option(
      '--mend',
      'all stored content that changed or was lost here, of mail and documents, beside the running server',
    )
    .option('--leave-out-damaged', 'where the backup itself is damaged: without those rows, all else')
    .option('--json', 'the report as one line')
    .action(async (backup: string, flags: RestoreFlags) => {
      const folder = resolve(backup);
      if (flags.list) {
        const names = await snapshotNames(folder);
        console.log(flags.json ? JSON.stringify(names) : names.join('\n'));
      } else if (flags.to !== undefined) await whole(folder, flags.to, flags, options);
      else if (flags.mailbox !== undefined) await one(folder, flags.mailbox, flags, withParts);
      else if (flags.mend) await mend(folder, flags, withParts);
      else {
        const words = 'say what: --to <folder>, --mailbox <address>, --mend, or --list';
        throw new DomainError('invalid', 'restore.what', words);
      }
    });
}

async function whole(folder: string, to: string, flags: RestoreFlags, options: () => GlobalOptions): Promise<void> {
  const { snapshot, passphraseFile, masterKey, deep = false, sameMoment = false, leaveOutDamaged = false } = flags;
  const report = await restore({
    ...{ folder, to: resolve(to), deep, sameMoment, leaveOutDamaged, clock: systemClock, log: createLog('warn') },
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(passphraseFile === undefined ? {} : { passphrase: await readPassphrase(passphraseFile) }),
    ...(masterKey === undefined ? {} : { masterKey: await readFile(masterKey, 'utf8') }),
    configOf: (data) => configOf({ ...options(), data }),
  });
  if (flags.json) console.log(JSON.stringify(report));
  else print(resolve(to), report, deep);
  if (report.lost.length + report.findings.length + report.leftOut.length > 0) process.exitCode = 1;
}

function print(to: string, report: RestoreReport, deep: boolean): void {
  const { snapshot, takenAt, rows, contents, lost, findings, waiting, masterKey } = report;
  console.log(
    `restored ${snapshot} (taken ${new Date(takenAt).toISOString()}) to ${to}: ${rows} rows, ${contents} contents`,
  );
  printGaps(report.leftOut);
  for (const line of report.mended) console.log(line);
  for (const hash of lost) console.log(`not in the backup: ${hash}`);
  for (const finding of findings) console.log(finding);
  if (findings.length === 0)
    console.log(
      deep
        ? 'The store is whole: rows, counters, audit chain, and every byte against its hash.'
        : 'The store is whole: rows, counters, audit chain, and the presence of all content ("congvu check --deep" reads it).',
    );
  if (waiting > 0)
    console.log(
      `${waiting} recipient(s) waited in the queue then and may have been served since: look at "congvu queue" before "congvu serve".`,
    );
  if (!masterKey) console.log(`Put master.key into ${to} before "congvu serve": it is not in the backup.`);
}

/** What the backup folder does not give any more. */
function printGaps(gaps: readonly TableGap[]): void {
  for (const line of inWords(gaps)) console.log(`left out: ${line}`);
}

async function mend(backup: string, { snapshot, json }: RestoreFlags, withParts: WithParts): Promise<void> {
  const wanted = snapshot === undefined ? {} : { snapshot };
  const report = await withParts((parts) => mendContent(parts, { backup, actor, ...wanted }));
  if (json) console.log(JSON.stringify(report));
  else {
    for (const hash of report.mended) console.log(`whole again: ${hash}`);
    for (const hash of report.lost) console.log(`not in the backup: ${hash}`);
    console.log(
      report.damaged === 0
        ? 'All stored content can be read, every byte against its hash.'
        : `${report.mended.length} of ${report.damaged} stored content(s) that could not be read are whole again`,
    );
  }
  if (report.lost.length > 0) process.exitCode = 1;
}

async function one(folder: string, address: string, flags: RestoreFlags, withParts: WithParts): Promise<void> {
  const { snapshot, folder: only, into, again = false, ignoreQuota = false, leaveOutDamaged = false } = flags;
  const report = await withParts((parts) =>
    restoreMailbox(parts, {
      ...{ backup: folder, address, again, ignoreQuota, leaveOutDamaged, actor },
      ...(snapshot === undefined ? {} : { snapshot }),
      ...(only === undefined ? {} : { only }),
      ...(into === undefined ? {} : { into }),
    }),
  );
  if (flags.json) console.log(JSON.stringify(report));
  else {
    console.log(
      `${report.restored} message(s) of ${report.snapshot} are in "${report.into}" of ${address}; ${report.present} were there already`,
    );
    printGaps(report.leftOut);
    if (report.mended > 0) console.log(`${report.mended} stored content(s) had changed here and are whole again`);
    for (const hash of report.lost) console.log(`not in the backup: ${hash}`);
    for (const name of report.merged)
      console.log(`no room for the folder "${name}" (levels, number): its mail is in the folder above`);
    if (report.left > 0) console.log(`${report.left} message(s) found no room: raise the limit, or --ignore-quota`);
  }
  if (report.lost.length + report.left + report.leftOut.length > 0) process.exitCode = 1;
}
