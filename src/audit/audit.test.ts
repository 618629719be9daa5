import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import { manualClock } from '../base/clock.ts';
import { createAudit, type Audit } from './audit.repository.ts';

describe.each(dialects)('the audit log on $dialect', ({ open }) => {
  let test: TestDatabase;
  let audit: Audit;
  beforeAll(async () => {
    test = await open();
    audit = createAudit(test.db, manualClock(1_790_000_000_000));
  });
  afterAll(() => test.dispose());
  const count = async () => (await test.db.read.select().from(test.db.t.auditLog)).length;

  it('stays one chain when many units record at once', async () => {
    await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        test.db.write(async (tx) => {
          await audit.record(tx, { actor: 'cli', action: 'test.first', object: `thing:${i}` });
          await audit.record(tx, { actor: 'cli', action: 'test.second', object: `thing:${i}`, details: { i } });
        }),
      ),
    );
    expect(await count()).toBe(60);
    expect(await audit.verify()).toBeUndefined();
  });

  it('keeps nothing of a unit that failed, and the chain goes on', async () => {
    const failed = test.db.write(async (tx) => {
      await audit.record(tx, { actor: 'cli', action: 'test.lost', object: 'thing:x' });
      throw new Error('no');
    });
    const good = test.db.write((tx) => audit.record(tx, { actor: 'cli', action: 'test.kept', object: 'thing:y' }));
    await expect(failed).rejects.toThrow('no');
    await good;
    expect(await count()).toBe(61);
    expect(await audit.verify()).toBeUndefined();
  });

  it('names the first row that was changed afterwards', async () => {
    const { auditLog } = test.db.t;
    const [, , third] = await test.db.read.select().from(auditLog).orderBy(auditLog.id);
    await test.db.write(({ q }) => q.update(auditLog).set({ actor: 'somebody' }).where(eq(auditLog.id, third!.id)));
    expect(await audit.verify()).toBe(third!.id);
  });
});
