/** A small province over a real database: directory, mail store, documents, jobs and delivery as they run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as v from 'valibot';

import type { TestDatabase } from '../../../test/support/databases.ts';
import { createAudit } from '../../audit/audit.repository.ts';
import { manualClock } from '../../base/clock.ts';
import type { AccountId, OfficialId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { createSecretBox } from '../../base/secret-box.ts';
import { createBlobStore } from '../../blobs/blob-store.ts';
import { folderBackend } from '../../blobs/folder.ts';
import { createSecretStore } from '../../db/secrets.ts';
import { directoryParts, testNow, testUnit } from '../../directory/testing/parts.ts';
import { createDocuments } from '../../documents/documents.ts';
import { documentsSettings } from '../../documents/settings.ts';
import { createJobs } from '../../jobs/jobs.repository.ts';
import { createMailstore } from '../../mailstore/mailstore.ts';
import type { Suspects } from '../../mailstore/preparing/suspects.ts';
import type { MailboxRole, Mailstore } from '../../mailstore/types.ts';
import { signingSettings } from '../../signing/settings.ts';
import { createSigning } from '../../signing/signing.ts';
import type { Signing } from '../../signing/types.ts';
import { createDelivery } from '../delivery.ts';
import { createOutboundQueue } from '../outbound-queue.ts';
import type { SendPolicy } from '../parts.ts';
import { deliverySettings } from '../settings.ts';

export type Verify = Signing['verify'];

export interface WorldOptions {
  delivery?: v.InferInput<typeof deliverySettings>;
  verify?: Verify;
  policies?: SendPolicy[];
  /** Messages that ended an earlier process. */
  suspects?: Suspects;
}

export async function openWorld(open: () => Promise<TestDatabase>, options: WorldOptions = {}) {
  const test = await open();
  const { db } = test;
  const folder = await mkdtemp(join(tmpdir(), 'congvu-delivery-'));
  const clock = manualClock(testNow);
  const blobs = createBlobStore({ db, backend: folderBackend(folder), clock });
  const mailstore = createMailstore({ db, blobs, clock, log: silentLog, suspects: options.suspects });
  const audit = createAudit(db, clock);
  const { directory, credentials } = directoryParts(db, { mailstore });
  const box = createSecretBox(new Uint8Array(32).fill(9));
  const secrets = createSecretStore(db, box, clock.now);
  const jobs = createJobs({ db, clock, log: silentLog });
  const documents = createDocuments({
    db,
    blobs,
    directory,
    jobs,
    box,
    audit,
    clock,
    log: silentLog,
    settings: v.parse(documentsSettings, {}),
    verdicts: (hashes) => mailstore.verdicts(hashes),
  });
  const settings = v.parse(deliverySettings, options.delivery ?? {});
  const signing = createSigning({
    db,
    blobs,
    mailstore,
    directory,
    secrets,
    box,
    jobs,
    audit,
    clock,
    log: silentLog,
    settings: v.parse(signingSettings, {}),
    fetchKey: async () => undefined,
  });
  if (options.verify) signing.verify = options.verify;
  const parts = { db, blobs, mailstore, directory, signing, documents, jobs, audit, clock, log: silentLog, settings };
  const delivery = createDelivery({ ...parts, policies: options.policies ?? [] });
  const queue = createOutboundQueue(parts);
  return {
    ...parts,
    /** Where content lies that is too large for a row. */
    folder,
    credentials,
    secrets,
    delivery,
    queue,
    domain: directory.domain,
    people: await populate(db, directory),
    inbox: (accountId: AccountId, role: MailboxRole = 'inbox') => messagesIn(mailstore, blobs, accountId, role),
    async dispose() {
      await jobs.stop(1000);
      await signing.close();
      await test.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

export interface Person {
  officialId: OfficialId;
  accountId: AccountId;
  address: string;
  password: string;
}

async function populate(db: TestDatabase['db'], directory: ReturnType<typeof directoryParts>['directory']) {
  const email = `vanthu.snv@${directory.domain}`;
  const unit = await db.write((tx) => directory.addUnit(tx, testUnit('H99', { email })));
  const person = async (fullName: string): Promise<Person> => {
    const password = 'mat-khau-dai-1';
    const { official } = await db.write((tx) =>
      directory.addOfficial(tx, { fullName, title: 'Chuyên viên', unitCode: 'H99' }, { password, mustChange: false }),
    );
    return { officialId: official.id, accountId: official.accountId, address: official.address, password };
  };
  const hung = await person('Nguyễn Văn Hùng');
  const nhung = await person('Hoàng Thị Nhung');
  const lan = await person('Trần Thị Lan');
  const accountId = unit.accountId;
  if (accountId === null) throw new Error('the unit has no mailbox');
  await db.write((tx) => directory.addDelegate(tx, accountId, nhung.officialId, { canSend: true }));
  return { hung, nhung, lan, unit: { accountId, address: email } };
}

/** The raw messages of a mailbox, oldest first. */
async function messagesIn(
  mailstore: Mailstore,
  blobs: ReturnType<typeof createBlobStore>,
  accountId: AccountId,
  role: MailboxRole,
): Promise<string[]> {
  const reader = mailstore.read(accountId);
  const mailbox = await reader.mailboxByRole(role);
  if (!mailbox) throw new Error(`no ${role}`);
  const placed = await reader.placed(mailbox.id);
  return Promise.all(placed.map(async ({ blobHash }) => Buffer.from(await blobs.read(blobHash)).toString('utf8')));
}

export function mail(headers: Record<string, string>, body = 'Kính gửi đồng chí,\r\n'): Uint8Array {
  const lines = Object.entries({ 'MIME-Version': '1.0', 'Content-Type': 'text/plain; charset=utf-8', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`${lines.join('')}\r\n${body}`, 'utf8');
}
