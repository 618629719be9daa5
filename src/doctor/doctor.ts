/** Looks at everything that goes wrong in practice and says it in one sentence each, with what to do. It mends nothing itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { systemClock, type Clock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { SealError } from '../base/secret-box.ts';
import type { Config } from '../config.ts';
import { InstallationError, isInstalled, masterKeyPath } from '../installation.ts';
import { asideNames } from '../delivery/incoming/aside.ts';
import { asideFolder } from '../delivery/incoming/incoming.ts';
import { damagedJournals } from '../delivery/incoming/journal.ts';
import { INCOMING, openParts, type Parts } from '../parts.ts';
import { dkimPublicKeys } from '../smtp/dkim.ts';
import { lastBackup } from './backup.ts';
import { dns } from './dns.ts';
import { words, type Finding } from './finding.ts';
import { folder, roomOf, type Room } from './folder.ts';
import { certificate, ports } from './network.ts';

export type { Finding } from './finding.ts';

const DAY = 86_400_000;

export interface ExamineOptions {
  dns: boolean;
  clock?: Clock;
  room?: (path: string) => Promise<Room>;
}

export async function* examine(load: () => Config, options: ExamineOptions): AsyncIterable<Finding> {
  const { clock = systemClock, room = roomOf } = options;
  let config: Config;
  try {
    config = load();
  } catch (error) {
    const remedy = 'correct it; config/congvu.example.toml lists every setting';
    yield { level: 'fail', area: 'configuration', what: words(error), remedy };
    return;
  }
  const read = config.file ?? 'no congvu.toml: defaults only';
  yield { level: 'ok', area: 'configuration', what: `configuration read (${read}), data in ${config.data}` };
  if (!existsSync(config.data) || (await isEmpty(config))) {
    const what = `${config.data} holds no installation`;
    const remedy = '"congvu init --domain …" makes one; or name the right folder by CONGVU_DATA or --data';
    yield { level: 'fail', area: 'configuration', what, remedy };
    yield* ports(config);
    return;
  }
  yield* folder(config.data, room);
  const parts = await opened(config, clock);
  if ('level' in parts) yield parts;
  else
    try {
      yield* database(parts);
      yield* keys(parts);
      yield* queue(parts);
      yield* aside(parts);
      yield await lastBackup(parts);
      if (options.dns) yield* dns(parts);
    } finally {
      await parts.close();
    }
  yield* certificate(config, clock.now());
  yield* ports(config);
}

/** Neither a master key nor a database: nothing was ever made here. */
async function isEmpty({ data, database: { url } }: Config): Promise<boolean> {
  return !isInstalled(data) && (url !== '' || !existsSync(`${data}/congvu.db`));
}

async function opened(config: Config, clock: Clock): Promise<Parts | Finding> {
  if (!isInstalled(config.data)) {
    const what = `${masterKeyPath(config.data)} is missing, but there is a database`;
    return { level: 'fail', area: 'keys', what, remedy: 'put back your copy of it; a new one would open nothing' };
  }
  try {
    return await openParts(config, { clock, log: createLog('silent') });
  } catch (error) {
    if (error instanceof InstallationError)
      return { level: 'fail', area: 'keys', what: words(error), remedy: 'as it says' };
    const remedy =
      config.database.url === ''
        ? `look at ${config.data}/congvu.db: its owner, the disk; if it is damaged, restore the backup`
        : 'start PostgreSQL, or correct [database] url (CONGVU_DATABASE_URL)';
    return { level: 'fail', area: 'database', what: `the database does not open: ${words(error)}`, remedy };
  }
}

async function* database(parts: Parts): AsyncIterable<Finding> {
  const { engine, bytes } = await parts.db.describe();
  yield { level: 'ok', area: 'database', what: `${String(engine)}, ${(Number(bytes) / 1024 ** 2).toFixed(1)} MiB` };
}

async function* keys(parts: Parts): AsyncIterable<Finding> {
  const area = 'keys';
  const { domain } = parts.directory;
  const certification = await parts.signing.certificationKey();
  if (!certification) {
    const remedy = `run "congvu init --domain ${domain}" again: it goes on where it ended`;
    yield { level: 'fail', area, what: 'there is no provincial certification key', remedy };
    return;
  }
  yield { level: 'ok', area, what: `provincial certification key ${certification.fingerprint}` };
  try {
    if ((await dkimPublicKeys(parts.secrets, domain)).length === 2)
      yield { level: 'ok', area, what: `DKIM keys of ${domain}; the master key opens them` };
    else {
      const remedy = 'set [directory] domain to the domain that "congvu init" was given';
      yield { level: 'fail', area, what: `there are no DKIM keys of ${domain}`, remedy };
    }
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    yield { level: 'fail', area, what: words(error), remedy: 'put back your copy of the right master.key' };
  }
}

async function* aside({ config }: Parts): AsyncIterable<Finding> {
  const incoming = join(config.data, INCOMING);
  for (const file of await damagedJournals(incoming)) {
    const what = `the disk changed mail that was taken and waited: ${file} has what was there, all that could be read is delivered`;
    yield { level: 'fail', area: 'queue', what, remedy: 'look into it (it is text for the most part), then remove it' };
  }
  const folder = asideFolder(incoming);
  const { length } = await asideNames(folder);
  if (length === 0) return;
  const what = `${length} message(s) that were taken could not be delivered: ${folder}`;
  yield { level: 'fail', area: 'queue', what, remedy: 'the .json beside each says why; a restart tries them again' };
}

async function* queue(parts: Parts): AsyncIterable<Finding> {
  const { queued, due, oldestAt } = await parts.queue.stats();
  const age = oldestAt === null ? 0 : parts.clock.now() - oldestAt;
  const what = `${queued} recipient(s) wait in the outbound queue, ${due} due now`;
  if (age > DAY) {
    const oldest = `${what}; the oldest for ${Math.floor(age / 3_600_000)} hours`;
    yield { level: 'warn', area: 'queue', what: oldest, remedy: '"congvu queue" shows what the peers say' };
  } else yield { level: 'ok', area: 'queue', what };
  for (const { queue: name, failed } of await parts.jobs.stats()) {
    if (failed === 0) continue;
    const gaveUp = `${failed} job(s) of "${name}" gave up`;
    yield { level: 'warn', area: 'jobs', what: gaveUp, remedy: 'the server log names their errors' };
  }
}
