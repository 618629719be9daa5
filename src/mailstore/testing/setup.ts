/** A store on a fresh database and a fresh folder, and small messages to put into it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestDatabase } from '../../../test/support/databases.ts';
import { manualClock, type ManualClock } from '../../base/clock.ts';
import type { AccountId, MailboxId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { createBlobStore, type BlobStore } from '../../blobs/blob-store.ts';
import { folderBackend } from '../../blobs/folder.ts';
import type { Database } from '../../db/database.ts';
import { createMailstore } from '../mailstore.ts';
import type { Mailstore, MailboxRole } from '../types.ts';

export interface TestStore {
  db: Database;
  blobs: BlobStore;
  store: Mailstore;
  clock: ManualClock;
  folder: string;
  /** Another process's store on the same database. */
  beside(): Mailstore;
  account(quotaBytes?: number): Promise<AccountId>;
  role(accountId: AccountId, role: MailboxRole): Promise<MailboxId>;
  /** Every finding of the store's own check. */
  findings(options?: { deep?: boolean }): Promise<string[]>;
  dispose(): Promise<void>;
}

export const START = Date.UTC(2026, 0, 12, 1);

export async function openStore(open: () => Promise<TestDatabase>): Promise<TestStore> {
  const test = await open();
  const folder = await mkdtemp(join(tmpdir(), 'congvu-mail-'));
  const clock = manualClock(START);
  const { db } = test;
  const blobs = createBlobStore({ db, backend: folderBackend(folder), clock });
  const store = createMailstore({ db, blobs, clock, log: silentLog });
  return {
    db,
    blobs,
    store,
    clock,
    folder,
    beside: () => createMailstore({ db, blobs, clock, log: silentLog }),
    account: (quotaBytes = 10 ** 9) => db.write((tx) => store.createAccount(tx, { kind: 'person', quotaBytes })),
    async role(accountId, role) {
      const mailbox = await store.read(accountId).mailboxByRole(role);
      if (!mailbox) throw new Error(`no mailbox with the role ${role}`);
      return mailbox.id;
    },
    async findings(options) {
      const list: string[] = [];
      for await (const { finding, accountId } of store.check(options)) list.push(`${accountId ?? '-'}: ${finding}`);
      return list;
    },
    async dispose() {
      await test.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let counter = 0;
/** A message with these header fields; each has a Message-ID of its own unless one is given. */
export function message(fields: Record<string, string> = {}, body = 'Kính gửi các đồng chí.'): Uint8Array {
  const header = {
    From: 'Nguyen Van Hung <hungnv@caoson.gov.vn>',
    To: 'Tran Thi Lan <lantt@caoson.gov.vn>',
    Subject: 'Bao cao',
    Date: 'Mon, 12 Jan 2026 08:00:00 +0700',
    'Message-ID': `<m${++counter}@caoson.gov.vn>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    ...fields,
  };
  const lines = Object.entries(header).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}\r\n`);
}
