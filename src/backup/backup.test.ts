import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { lastBackup } from '../doctor/backup.ts';
import { sweep } from '../maintenance.ts';
import type { Parts } from '../parts.ts';
import { restoreMailbox, type MailboxRestore } from './restore-mailbox.usecases.ts';
import { snapshotNames } from './snapshots.ts';
import { world, type World } from './testing/installation.ts';
import { verifyFolder } from './verify.usecases.ts';

const HOUR = 3_600_000;

/** Every message of an account with its place, flags and dates, and its bytes. */
async function picture({ mailstore, blobs }: Parts, accountId: World['people']['hung']['accountId']) {
  const reader = mailstore.read(accountId);
  const found: Record<string, unknown>[] = [];
  for (const { id, name, parentId } of await reader.mailboxes())
    for (const placed of await reader.placed(id)) {
      const { keywords, receivedAt, size, uid } = placed;
      const bytes = Buffer.from(await blobs.read(placed.blobHash)).toString('latin1');
      found.push({ name, top: parentId === null, keywords, receivedAt, size, uid, bytes });
    }
  return found;
}

const others = { sqlite: 'pg', pg: 'sqlite' } as const;

describe.each(['sqlite', 'pg'] as const)('a backup of an installation on %s', (dialect) => {
  let w: World;
  let first: Awaited<ReturnType<World['take']>>;
  let second: Awaited<ReturnType<World['take']>>;
  let then: Awaited<ReturnType<typeof picture>>;
  let now: Awaited<ReturnType<typeof picture>>;
  const account = () => w.people.hung.accountId;

  beforeAll(async () => {
    w = await world(dialect);
    const file = randomBytes(300_000);
    for (let i = 0; i < 12; i++) await w.put(`thu-${i}`, { keywords: i % 2 ? ['$seen', 'viec-gap'] : [] });
    await w.put('tep-lon', { attachment: file, receivedAt: Date.UTC(2020, 0, 1) });
    await w.put('tep-lon-nua', { attachment: file });
    await w.put('thu-dai', { bytes: 400_000 });
    then = await picture(w.parts, account());
    first = await w.take();
    for (let i = 0; i < 5; i++) await w.put(`sau-${i}`);
    await w.parts.mailstore.write(account(), async (writer) => {
      const [one] = await writer.query({});
      if (one !== undefined) await writer.setKeywords([one], { add: ['$flagged'] });
    });
    now = await picture(w.parts, account());
    second = await w.take();
  }, 120_000);
  afterAll(() => w.dispose());

  it('copies content once and says what it did', async () => {
    expect(first.missing).toEqual([]);
    expect(first.newContents).toBe(first.contents);
    expect(second.newContents).toBe(5);
    expect(second.contents).toBe(first.contents + 5);
    expect(second.writtenBytes).toBeLessThan(first.writtenBytes / 5);
    expect(await snapshotNames(w.backups)).toEqual([first.snapshot, second.snapshot]);
    expect(await verifyFolder(w.backups)).toMatchObject({ snapshots: 2, faults: [] });
    expect(await lastBackup(w.parts)).toMatchObject({ level: 'ok' });
  });

  it('comes back whole on an empty machine, on either database, the newest and an older one', async () => {
    for (const [of, snapshot, expected] of [
      [dialect, first.snapshot, then],
      [others[dialect], second.snapshot, now],
    ] as const) {
      const { report, open } = await w.bringBack(of, { snapshot });
      expect(report).toMatchObject({ lost: [], findings: [], snapshot });
      const parts = await open();
      try {
        expect(await picture(parts, account())).toEqual(expected);
        // Indexed anew, and searched at once.
        const found = await parts.mailstore.read(account()).query({ filter: { text: 'noi dung thu-7' } });
        expect(found.length).toBe(1);
        // The counters of keys go on: a new official is no other one.
        const { official } = await parts.db.write((tx) =>
          parts.directory.addOfficial(tx, {
            fullName: 'Trần Văn Mới',
            title: 'Chuyên viên',
            unitCode: 'H99.01',
          }),
        );
        expect(official.id).toBeGreaterThan(1_000_000);
        const findings = [];
        for await (const finding of parts.mailstore.check({ deep: true })) findings.push(finding);
        expect([findings, await parts.audit.verify()]).toEqual([[], undefined]);
      } finally {
        await parts.close();
      }
    }
  });

  it('makes void what clients remember, unless it is the moment at which the server stopped', async () => {
    const state = async (parts: Parts) => {
      const reader = parts.mailstore.read(account());
      const inbox = await reader.mailboxByRole('inbox');
      return {
        uidValidity: inbox!.uidValidity,
        modseq: (await reader.info()).modseq,
        state: await reader.state('Email'),
      };
    };
    const living = await state(w.parts);
    const opened = await (await w.bringBack('sqlite')).open();
    try {
      const back = await state(opened);
      expect(back.uidValidity).toBeGreaterThan(living.uidValidity);
      expect(back.modseq).toBeGreaterThan(living.modseq);
      await expect(opened.mailstore.read(account()).changes('Email', living.state)).rejects.toMatchObject({
        code: 'mail.cannot_calculate_changes',
      });
    } finally {
      await opened.close();
    }
    const moved = await (await w.bringBack('sqlite', { sameMoment: true })).open();
    try {
      expect(await state(moved)).toEqual(living);
      expect((await moved.mailstore.read(account()).changes('Email', living.state)).created).toEqual([]);
    } finally {
      await moved.close();
    }
  });

  it('brings one mailbox back into a folder of the living one, once', async () => {
    const { mailstore, parts } = { mailstore: w.parts.mailstore, parts: w.parts };
    const before = await picture(parts, account());
    const ask: MailboxRestore = {
      ...{ backup: w.backups, snapshot: first.snapshot, address: w.people.hung.address },
      ...{ again: false, ignoreQuota: false, actor: 'cli', into: 'Khôi phục' },
    };
    // Lost here, and its content swept.
    await mailstore.write(account(), async (writer) => {
      const inbox = await writer.mailboxByRole('inbox');
      const uids = (await writer.placed(inbox!.id)).map(({ uid }) => uid);
      await writer.setDeleted(inbox!.id, uids, true);
      await writer.expunge(inbox!.id);
    });
    w.clock.advance(100 * HOUR);
    await sweep(parts);
    const done = await restoreMailbox(parts, ask);
    expect(done).toMatchObject({ restored: then.length, present: 0, lost: [], left: 0 });
    const strip = (list: typeof then) =>
      list.map(({ name, keywords, receivedAt, bytes }) => ({ name, keywords, receivedAt, bytes }));
    expect(strip(await picture(parts, account()))).toEqual(strip(then));
    expect(await restoreMailbox(parts, ask)).toMatchObject({ restored: 0, present: then.length });
    expect(await restoreMailbox(parts, { ...ask, again: true, only: 'inbox' })).toMatchObject({
      restored: then.length,
    });
    expect(await restoreMailbox(parts, { ...ask, only: 'Thư nháp', into: 'Nháp cũ' })).toMatchObject({ restored: 0 });
    await expect(restoreMailbox(parts, { ...ask, only: 'Không có' })).rejects.toMatchObject({
      code: 'restore.folder_unknown',
    });
    await expect(restoreMailbox(parts, { ...ask, address: 'ai@caoson.gov.vn' })).rejects.toMatchObject({
      code: 'address.not_found',
    });
    // Over the limit: what found no room is counted, nothing is half there.
    const { usedBytes } = await mailstore.read(account()).info();
    await parts.db.write((tx) => mailstore.setAccount(tx, account(), { quotaBytes: usedBytes + 3000 }));
    const full = await restoreMailbox(parts, { ...ask, into: 'Chật' });
    expect(full.left + full.restored).toBe(then.length);
    expect(full.left).toBeGreaterThan(0);
    expect(await restoreMailbox(parts, { ...ask, into: 'Chật', ignoreQuota: true })).toMatchObject({
      left: 0,
      present: full.restored,
    });
    const findings = [];
    for await (const finding of mailstore.check({ deep: true })) findings.push(finding);
    expect([findings, await parts.audit.verify(), before.length]).toEqual([[], undefined, now.length]);
  });
});
