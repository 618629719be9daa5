/** Finished mail of the queue is forgotten, all that is old, and none that somebody still waits for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import type { BlobHash } from '../base/ids.ts';
import { inserter } from '../db/prepared.ts';
import { createQueueRepository } from './queue.repository.ts';

const OLD = 1000;
const MANY = 1203;

describe.each(dialects)('the queue of outbound mail on $dialect', ({ open }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await open();
  });
  afterAll(() => test.dispose());

  it('forgets more than one unit of work takes, but nothing that waits and nothing young', async () => {
    const { db } = test;
    const queue = createQueueRepository(db);
    const common = { accountId: null, returnPath: '', blobHash: 'a'.repeat(64) as BlobHash, size: 1, smtpUtf8: false };
    const insertMessages = inserter(
      'outboundMessages',
      [...(['accountId', 'returnPath', 'blobHash', 'size', 'smtpUtf8', 'createdAt', 'expiresAt'] as const)],
      'returning "id"',
    );
    const insertRecipients = inserter('outboundRecipients', [
      ...(['outboundId', 'address', 'domain', 'state', 'attempts', 'nextAt', 'delayReported'] as const),
    ]);
    const kept = await db.write(async ({ q }) => {
      const store = { db, q };
      const messages = Array.from({ length: MANY + 2 }, (_, i) => ({
        ...{ ...common, createdAt: i === MANY + 1 ? OLD : OLD - 1, expiresAt: 9 },
      }));
      const ids = (await insertMessages(store, messages)).map(([id]) => Number(id));
      await insertRecipients(
        store,
        ids.map((outboundId, i) => ({
          ...{ outboundId, address: 'a@x.vn', domain: 'x.vn', attempts: 1, nextAt: 0, delayReported: false },
          state: i === 7 ? ('queued' as const) : ('delivered' as const),
        })),
      );
      return [ids[7]!, ids[MANY + 1]!];
    });
    expect(await queue.prune(OLD)).toBe(MANY);
    expect(await queue.prune(OLD)).toBe(0);
    expect(await queue.list({ limit: 10 })).toHaveLength(2);
    expect((await Promise.all(kept.map((id) => queue.message(id)))).every((one) => one !== undefined)).toBe(true);
  });
});
