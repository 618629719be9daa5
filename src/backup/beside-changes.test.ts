/**
 * A backup beside everything else that an installation does: rights and delegates change, documents are filed, mail is destroyed and swept,
 * the log of the database is copied back, an administrator runs `congvu repair`. Every snapshot is one moment of all of it.
 */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DatabaseSync } from '@photostructure/sqlite';
import { join } from 'node:path';

import type { BlobHash, DocumentId } from '../base/ids.ts';
import { random } from '../base/testing/random.ts';
import { noise } from '../blobs/testing/noise.ts';
import { input, system } from '../documents/testing/parts.ts';
import { sweep } from '../maintenance.ts';
import type { Parts } from '../parts.ts';
import { readSnapshot } from './snapshots.ts';
import { world, type Dialect, type World } from './testing/installation.ts';
import { verifyFolder } from './verify.usecases.ts';

const others = { sqlite: 'pg', pg: 'sqlite' } as const;

describe.each(['sqlite', 'pg'] as const)('a backup on %s', (dialect: Dialect) => {
  let w: World;
  let documentId: DocumentId;
  let officeId: number;
  beforeAll(async () => {
    w = await world(dialect);
    documentId = (await w.parts.documents.create(system, input({ recipientCodes: ['H99.01'] }))).id as DocumentId;
    officeId = (await w.parts.directory.unit({ code: 'H99.01' }))!.accountId!;
    for (let i = 0; i < 8; i++) await w.put(`truoc-${i}`, { attachment: noise(i % 2 ? 170_000 : 6000, i) });
  });
  afterAll(() => w.dispose());

  /** Runs until all are told that it is over; what it returns counts how often. */
  const again = (isOver: () => boolean, work: (n: number) => Promise<unknown>) => async (): Promise<number> => {
    let n = 0;
    while (!isOver()) {
      await work(n++);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return n;
  };

  /** Delegates come and go, and each time the audit log says so: both or neither are in a snapshot. */
  async function changeRights(n: number): Promise<void> {
    const { db, directory } = w.parts;
    const { vu, admin } = w.people;
    const official = n % 4 < 2 ? vu : admin;
    await db.write((tx) =>
      n % 2 === 0
        ? directory.addDelegate(tx, officeId as never, official.id, { canSend: n % 3 === 0 })
        : directory.removeDelegate(tx, officeId as never, official.id),
    );
  }

  async function copyBack(): Promise<void> {
    if (dialect === 'pg') await w.parts.db.read.rows(sql`vacuum email_mailboxes`);
    else {
      const connection = new DatabaseSync(join(w.data, 'congvu.db'));
      connection.exec('PRAGMA busy_timeout=0; PRAGMA wal_checkpoint(PASSIVE)');
      connection.close();
    }
  }

  /** What is derived is made anew, as after an upgrade. */
  async function repair(): Promise<void> {
    await w.parts.db.write(({ q }) =>
      q.exec(sql`update messages set derived_version = -1 where hash in (select min(hash) from messages)`),
    );
    for await (const _ of w.parts.mailstore.repair());
  }

  async function destroySome(n: number): Promise<void> {
    await w.put(`moi-${n}`, { attachment: noise(n % 3 ? 5000 : 150_000, 1000 + n) });
    await w.parts.mailstore.write(w.people.hung.accountId, async (writer) => {
      const ids = await writer.query({}, { limit: 60 });
      await writer.destroyEmails(ids.slice(-2));
      const inbox = await writer.mailboxByRole('inbox');
      const uids = [...(await writer.uids(inbox!.id))].slice(0, 1);
      await writer.setDeleted(inbox!.id, uids, true);
      if (n % 3 === 0) await writer.expunge(inbox!.id);
    });
    if (n % 2) await sweep(w.parts);
  }

  async function fileDocuments(n: number): Promise<void> {
    // A document has at most a hundred.
    if (n >= 90) return;
    const file = { kind: 'attachment' as const, name: `${n}.pdf`, type: 'application/pdf' };
    await w.parts.documents.addFile(system, documentId, { ...file, bytes: noise(random(n).int(9000) + 1, 5000 + n) });
  }

  it('holds one moment of mail, rights, documents and log while all of these change, and nothing of it is swept away', async () => {
    let over = false;
    const isOver = () => over;
    const gone = await allContent(w.parts);
    const kinds = [changeRights, destroySome, fileDocuments, repair, copyBack];
    const working = Promise.allSettled(kinds.map((work) => again(isOver, work)()));
    const taken: string[] = [];
    try {
      for (let n = 0; n < 4; n++) {
        const { snapshot, missing, faults } = await w.take();
        expect({ missing, faults }).toEqual({ missing: [], faults: [] });
        taken.push(snapshot);
      }
    } finally {
      over = true;
    }
    for (const one of await working) {
      if (one.status === 'rejected') throw one.reason;
      expect(one.value).toBeGreaterThan(1);
    }
    // Mail from before was destroyed long enough ago that sweeps between the backups took it.
    await sweep(w.parts);
    const left = await allContent(w.parts);
    expect([...gone].some((hash) => !left.has(hash))).toBe(true);

    expect(await verifyFolder(w.backups)).toMatchObject({ snapshots: 4, faults: [] });
    for (const [of, snapshot] of [
      [dialect, taken[1]!],
      [others[dialect], taken[3]!],
    ] as const) {
      const { report, open } = await w.bringBack(of, { snapshot });
      expect(report).toMatchObject({ lost: [], findings: [], leftOut: [] });
      expect((await readSnapshot(w.backups, snapshot)).missing).toEqual([]);
      const back = await open();
      try {
        await expectOneMoment(back);
      } finally {
        await back.close();
      }
    }
    const found: string[] = [];
    for await (const { finding } of w.parts.mailstore.check({ deep: true })) found.push(finding);
    expect([found, await w.parts.audit.verify()]).toEqual([[], undefined]);
  }, 120_000);

  /** What is written in one unit of work is there together: who is a delegate, and what the log says last of that. */
  async function expectOneMoment(back: Parts): Promise<void> {
    const { vu, admin } = w.people;
    const now = new Set((await back.directory.delegates(officeId as never)).map(({ official }) => official.id));
    for (const { id } of [vu, admin]) {
      const rows = await back.db.read.rows(
        sql`select action, details from audit_log where action in ('delegate.add', 'delegate.remove') order by id desc`,
      );
      const last = rows.find(
        ([, details]) => (JSON.parse(String(details)) as { officialId?: unknown }).officialId === id,
      );
      if (last) expect([id, now.has(id)]).toEqual([id, last[0] === 'delegate.add']);
    }
    const { files } = await back.documents.get(system, documentId);
    for (const { id } of files) {
      const { file, bytes } = await back.documents.fileContent(system, documentId, id);
      expect(bytes.length).toBe(file.size);
    }
  }
});

async function allContent({ db }: Parts): Promise<Set<BlobHash>> {
  const rows = await db.read.rows(sql`select hash from blobs where size > 5999`);
  return new Set(rows.map(([hash]) => String(hash) as BlobHash));
}
