import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { silentLog } from './base/log.ts';
import { loadConfig } from './config.ts';
import { createMasterKey } from './installation.ts';
import { sweep } from './maintenance.ts';
import { openParts } from './parts.ts';

it('maintenance forgets changes beyond those that the configuration keeps, and goes on after a step that fails', async () => {
  const data = await mkdtemp(join(tmpdir(), 'congvu-maintenance-'));
  await writeFile(join(data, 'congvu.toml'), '[maintenance]\nchangesKept = 100\n');
  await createMasterKey(data);
  const parts = await openParts(loadConfig({ env: { CONGVU_DATA: data } }), { log: silentLog });
  const { db, mailstore } = parts;
  const account = await db.write((tx) => mailstore.createAccount(tx, { kind: 'person', quotaBytes: 10 ** 9 }));
  for (let i = 0; i < 120; i++)
    await mailstore.write(account, (w) => w.createMailbox({ name: `Hồ sơ ${i}`, parentId: null }));
  const early = await mailstore.read(account).info();
  await sweep({ ...parts, mailstore: { ...mailstore, sweep: () => Promise.reject(new Error('no')) } });
  const changes = (since: number) => mailstore.read(account).changes('Mailbox', since as typeof early.modseq);
  await expect(changes(early.modseq - 101)).rejects.toMatchObject({ code: 'mail.cannot_calculate_changes' });
  expect((await changes(early.modseq - 100)).created).toHaveLength(100);
  await parts.close();
  await rm(data, { recursive: true, force: true });
});
