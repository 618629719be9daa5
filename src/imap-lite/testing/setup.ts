/** A real server over the real mailstore and directory: three officials, a unit mailbox that two of them share. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';

import type { TestDatabase } from '../../../test/support/databases.ts';
import { type ManualClock, manualClock } from '../../base/clock.ts';
import type { AccountId } from '../../base/ids.ts';
import { silentLog, type Log } from '../../base/log.ts';
import { selfSigned } from '../../base/self-signed.ts';
import { createAudit } from '../../audit/audit.repository.ts';
import { createBlobStore } from '../../blobs/blob-store.ts';
import { folderBackend } from '../../blobs/folder.ts';
import { createCredentials } from '../../directory/credentials.ts';
import { createFiling } from '../../delivery/incoming/filing.ts';
import { createIncoming } from '../../delivery/incoming/incoming.ts';
import { createDirectory } from '../../directory/directory.ts';
import { credentialsSettings, directorySettings } from '../../directory/settings.ts';
import type { TestIssuer } from '../../directory/testing/issuer.ts';
import { testUnit } from '../../directory/testing/parts.ts';
import type { Directory, Official } from '../../directory/types.ts';
import { createMailstore } from '../../mailstore/mailstore.ts';
import type { Suspects } from '../../mailstore/preparing/suspects.ts';
import type { Mailstore } from '../../mailstore/types.ts';
import type { Database } from '../../db/database.ts';
import { createImapServer, type ImapServer, type ImapServerParts } from '../server.ts';
import { imapSettings } from '../settings.ts';
import { Dialogue } from './dialogue.ts';

export const PASSWORD = 'mat khau 2026';
export const HUNG = 'hungnv@caoson.gov.vn';
export const LAN = 'lantt@caoson.gov.vn';
/** Still has the first password. */
export const MOI = 'moilv@caoson.gov.vn';
export const SHARED = 'Hộp thư đơn vị/Sở Nội vụ';
export const START = Date.UTC(2026, 10, 22, 3);

export interface TestServer {
  port: number;
  tlsPort: number;
  server: ImapServer;
  clock: ManualClock;
  db: Database;
  mailstore: Mailstore;
  directory: Directory;
  hung: Official;
  unitAccount: AccountId;
  /** Where large content lies. */
  folder: string;
  /** Greeting read, signed in. */
  client(address?: string): Promise<Dialogue>;
  /** Greeting read only. */
  stranger(options?: { tls?: boolean }): Promise<Dialogue>;
  /** A second server with other limits over the same store. */
  another(settings: v.InferInput<typeof imapSettings>, settled?: ImapServerParts['settled']): Promise<TestServer>;
  findings(): Promise<string[]>;
  dispose(): Promise<void>;
}

export async function startServer(
  open: () => Promise<TestDatabase>,
  settings: v.InferInput<typeof imapSettings> = {},
  log: Log = silentLog,
  issuer?: TestIssuer,
  suspects?: Suspects,
): Promise<TestServer> {
  const test = await open();
  const { db } = test;
  const folder = await mkdtemp(join(tmpdir(), 'congvu-imap-'));
  const clock = manualClock(START);
  const blobs = createBlobStore({ db, backend: folderBackend(folder), clock });
  const mailstore = createMailstore({ db, blobs, clock, log, suspects });
  const audit = createAudit(db, clock);
  const cheap = {
    argon2MemoryKiB: 64,
    argon2Passes: 1,
    remoteFailures: 100_000,
    lockAfterFailures: 1000,
    accountAttemptsPerMinute: 100_000,
  };
  const directory = createDirectory({
    db,
    mailstore,
    clock,
    audit,
    settings: v.parse(directorySettings, {}),
    cost: cheap,
  });
  const credentials = createCredentials({
    ...{ db, directory, clock, audit },
    settings: { ...v.parse(credentialsSettings, cheap), ...(issuer && { oauth: issuer.settings({ scope: 'mail' }) }) },
    verifyToken: issuer?.verify(clock, { scope: 'mail' }),
  });
  const { hung, unitAccount } = await people(db, directory);
  const tls = await selfSigned(['localhost'], Date.now());

  // As in a real server: what clients append goes by way of the journal.
  const incoming = createIncoming({
    folder: join(folder, 'incoming'),
    mostBytes: 256 * 1024,
    isDelivered: async () => false,
    filing: { promised: mailstore.promised, store: createFiling({ db, mailstore, verdictOf: async () => null }) },
    log,
  });
  await incoming.start(() => Promise.reject(new Error('no mail comes from outside')));
  const { settled: taken, file } = incoming;

  const serve = async (
    given: v.InferInput<typeof imapSettings>,
    dispose: () => Promise<void>,
    settled?: ImapServerParts['settled'],
  ): Promise<TestServer> => {
    const parsed = v.parse(imapSettings, { allowPlainOnLoopback: true, wrongPasswordDelayMs: 0, ...given });
    const parts = { mailstore, directory, credentials, blobs, settings: parsed, tls, clock, log };
    const server = createImapServer({ ...parts, ...(settled ? { settled } : { settled: taken, file }) });
    const ports = await server.listen({ host: '127.0.0.1', port: 0, tlsPort: 0 });
    const [port, tlsPort] = [ports.port ?? 0, ports.tlsPort ?? 0];
    const open_: Dialogue[] = [];
    const stranger = async (options: { tls?: boolean } = {}): Promise<Dialogue> => {
      const dialogue = await Dialogue.connect(options.tls ? tlsPort : port, options);
      open_.push(dialogue);
      await dialogue.line();
      return dialogue;
    };
    const end = async (): Promise<void> => {
      for (const dialogue of open_) dialogue.close();
      await server.close();
      await dispose();
    };
    return {
      port,
      tlsPort,
      server,
      clock,
      db,
      mailstore,
      directory,
      hung,
      unitAccount,
      folder,
      stranger,
      client: async (address = HUNG) => {
        const dialogue = await stranger();
        await dialogue.ok(`LOGIN ${address} "${PASSWORD}"`);
        return dialogue;
      },
      another: (more, waits) => serve(more, async () => undefined, waits),
      findings: async () => {
        await taken();
        const list: string[] = [];
        for await (const { finding } of mailstore.check({ deep: true })) list.push(finding);
        return list;
      },
      dispose: end,
    };
  };
  return serve(settings, async () => {
    await incoming.stop();
    await test.dispose();
    await rm(folder, { recursive: true, force: true });
  });
}

async function people(db: Database, directory: Directory): Promise<{ hung: Official; unitAccount: AccountId }> {
  return db.write(async (tx) => {
    const unit = await directory.addUnit(
      tx,
      testUnit('H99.02', { name: 'Sở Nội vụ', shortName: 'Sở Nội vụ', email: 'snv@caoson.gov.vn' }),
    );
    const add = (fullName: string, mustChange: boolean) =>
      directory.addOfficial(
        tx,
        { fullName, title: 'Chuyên viên', unitCode: 'H99.02' },
        { password: PASSWORD, mustChange },
      );
    const { official: hung } = await add('Nguyễn Văn Hùng', false);
    const { official: lan } = await add('Trần Thị Lan', false);
    await add('Lê Văn Mới', true);
    if (unit.accountId === null) throw new Error('the unit has no mailbox');
    await directory.addDelegate(tx, unit.accountId, hung.id, { canSend: true });
    await directory.addDelegate(tx, unit.accountId, lan.id, { canSend: false });
    return { hung, unitAccount: unit.accountId };
  });
}

/** A small message, CRLF line ends. */
export const mail = (subject: string, body = 'Kính gửi các đồng chí.', fields = ''): string =>
  `From: "Nguyen Van Hung" <${HUNG}>\r\nTo: ${LAN}\r\nSubject: ${subject}\r\nDate: Mon, 12 Jan 2026 08:00:00 +0700\r\n` +
  `Message-ID: <${subject.replace(/[^a-z0-9]/gi, '')}@caoson.gov.vn>\r\n${fields}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`;
