/** An installation in a folder of its own, opened in the test's process; nothing listens. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject } from 'vitest';

import { freshPostgres } from '../../../test/support/databases.ts';
import { people, type People } from '../../../test/support/people.ts';
import { manualClock, type ManualClock } from '../../base/clock.ts';
import type { MailboxId } from '../../base/ids.ts';
import { createLog } from '../../base/log.ts';
import { loadConfig, type Config } from '../../config.ts';
import { initialise } from '../../init.ts';
import { createMasterKey } from '../../installation.ts';
import { openParts, type Parts } from '../../parts.ts';
import { backup, type BackupOptions, type BackupReport } from '../backup.usecases.ts';
import { restore, type RestoreOptions, type RestoreReport } from '../restore.usecases.ts';

export type Dialect = 'sqlite' | 'pg';
/**
 * Long past, and so are all days of a test: files bear the machine's own time, and a sweep by a clock ahead of it would take what
 * was written a moment ago for old.
 */
export const NOW = Date.UTC(2025, 10, 22, 1, 30);
const DAY = 86_400_000;

export interface World {
  root: string;
  data: string;
  backups: string;
  parts: Parts;
  people: People;
  clock: ManualClock;
  /** Delivers to one mailbox. @returns the bytes */
  put(subject: string, options?: PutOptions): Promise<Buffer>;
  take(options?: Partial<BackupOptions>): Promise<BackupReport>;
  /** A new folder, of the given dialect. */
  bringBack(dialect: Dialect, options?: Partial<RestoreOptions>): Promise<Restored>;
  dispose(): Promise<void>;
}

export interface PutOptions {
  mailboxId?: MailboxId;
  attachment?: Buffer;
  bytes?: number;
  keywords?: string[];
  receivedAt?: number;
}

export interface Restored {
  to: string;
  report: RestoreReport;
  config: Config;
  open(): Promise<Parts>;
}

export async function world(dialect: Dialect): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), 'congvu-backup-'));
  const data = join(root, 'data');
  const cleanUp: (() => Promise<unknown>)[] = [() => rm(root, { recursive: true, force: true })];
  const databaseEnv = async (of: Dialect): Promise<Record<string, string>> => {
    if (of === 'sqlite') return {};
    const database = await freshPostgres(inject('pgUrl'));
    cleanUp.push(database.drop);
    return { CONGVU_DATABASE_URL: database.url };
  };
  await createMasterKey(data);
  await writeFile(join(data, 'congvu.toml'), 'hostname = "mail.caoson.gov.vn"\n');
  const clock = manualClock(NOW);
  const config = loadConfig({ env: await databaseEnv(dialect), data });
  const parts = await openParts(config, { clock, log: createLog('fatal') });
  await initialise(parts);
  const staff = await people(parts);
  const backups = join(root, 'backups');
  let folders = 0;
  return {
    ...{ root, data, backups, parts, people: staff, clock },
    put: (subject, options) => put(parts, staff, subject, options),
    async take(options) {
      clock.advance(DAY);
      return backup(parts, { folder: backups, version: 'test', keep: 30, months: 0, ...options });
    },
    async bringBack(of, options) {
      const to = join(root, `restored-${++folders}`);
      const env = await databaseEnv(of);
      let found = config;
      const report = await restore({
        ...{ folder: backups, to, deep: true, sameMoment: false, clock, log: createLog('fatal'), masterKey: '' },
        configOf: (folder) => (found = loadConfig({ env, data: folder })),
        ...options,
      });
      await writeFile(join(to, 'master.key'), await masterKeyOf(data), { mode: 0o600 });
      return { to, report, config: found, open: () => openParts(found, { clock, log: createLog('fatal') }) };
    },
    async dispose() {
      await parts.close();
      for (const step of cleanUp.reverse()) await step();
    },
  };
}

async function masterKeyOf(data: string): Promise<string> {
  return readFile(join(data, 'master.key'), 'utf8');
}

async function put(parts: Parts, { hung }: People, subject: string, options: PutOptions = {}): Promise<Buffer> {
  const { attachment, bytes = 200, keywords = [], receivedAt } = options;
  const head = `From: ngoai@example.org\r\nTo: ${hung.address}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@example.org>\r\nMIME-Version: 1.0\r\n`;
  const text = `Nội dung của thư ${subject}.\r\n`.repeat(Math.ceil(bytes / 30));
  const raw = Buffer.from(attachment ? withFile(head, text, attachment) : `${head}\r\n${text}`);
  const message = await parts.mailstore.prepare(raw);
  await parts.mailstore.write(hung.accountId, async (writer) => {
    const inbox = await writer.mailboxByRole('inbox');
    const mailboxIds = [options.mailboxId ?? inbox!.id];
    await writer.append(message, { mailboxIds, keywords, ...(receivedAt === undefined ? {} : { receivedAt }) });
  });
  return raw;
}

function withFile(head: string, text: string, file: Buffer): string {
  const lines = file.toString('base64').replace(/.{76}/g, '$&\r\n');
  return `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${text}\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}\r\n--b--\r\n`;
}
