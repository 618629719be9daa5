/** One mailbox brought back from a backup of which some pieces are damaged: what it does not need does not matter. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sha256 } from '../base/bytes.ts';
import { noise } from '../blobs/testing/noise.ts';
import { restoreMailbox, type MailboxRestore } from './restore-mailbox.usecases.ts';
import { spoilTables } from './testing/damage.ts';
import { world, type Dialect, type World } from './testing/installation.ts';

describe.each(['sqlite', 'pg'] as const)('a mailbox from a damaged backup on %s', (dialect: Dialect) => {
  let w: World;
  const sent: string[] = [];
  beforeAll(async () => {
    w = await world(dialect);
    const file = noise(180_000);
    for (const [name, attachment] of [
      ['lon', file],
      ['lon-nua', file],
      ['nho', noise(5000, 2)],
    ] as const)
      sent.push(sha256(await w.put(name, { attachment })));
    sent.push(sha256(await w.put('khong-tep')));
    await w.take();
  });
  afterAll(() => w.dispose());

  const bringBack = (into: string, more: Partial<MailboxRestore> = {}) =>
    restoreMailbox(w.parts, {
      ...{ backup: w.backups, address: w.people.hung.address, again: false, ignoreQuota: false, actor: 'cli', into },
      ...more,
    });
  async function heldIn(into: string): Promise<string[]> {
    const reader = w.parts.mailstore.read(w.people.hung.accountId);
    const all = await reader.mailboxes();
    const top = all.find(({ name }) => name === into);
    const held: string[] = [];
    for (const { id, parentId } of all)
      if (top && parentId === top.id)
        for (const { blobHash } of await reader.placed(id)) held.push(sha256(await w.parts.blobs.read(blobHash)));
    return held.sort();
  }

  it('comes back whole where other tables are damaged, those of the content among them', async () => {
    const right = await spoilTables(w.backups, ['blobs', 'blob_parts', 'messages', 'officials', 'accounts', 'facts']);
    expect(await bringBack('Từ bản hỏng')).toMatchObject({ restored: 4, lost: [], leftOut: [] });
    expect(await heldIn('Từ bản hỏng')).toEqual([...sent].sort());
    right();
  });

  it('does not come back in part unless somebody says so, and then it is told what is missing', async () => {
    const right = await spoilTables(w.backups, ['emails']);
    await expect(bringBack('Một phần')).rejects.toMatchObject({
      code: 'backup.table_damaged',
      message: expect.stringContaining('4 row(s) of emails are missing by it') as string,
    });
    expect((await w.parts.mailstore.read(w.people.hung.accountId).mailboxes()).map(({ name }) => name)).not.toContain(
      'Một phần',
    );
    const done = await bringBack('Một phần', { leaveOutDamaged: true });
    expect(done).toMatchObject({ restored: 0, leftOut: [{ table: 'emails', rows: 4 }] });
    right();
    expect(await bringBack('Một phần')).toMatchObject({ restored: 4, leftOut: [] });
    expect(await heldIn('Một phần')).toEqual([...sent].sort());
  });
});
