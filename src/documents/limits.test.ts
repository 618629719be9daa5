/** The limits of [documents] at their border. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { desc } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { DocumentId } from '../base/ids.ts';
import { code } from '../base/testing/code.ts';
import type { Principal } from '../directory/types.ts';
import { attachment, delivery, input, openDocuments, pdf, summary, type DocumentParts } from './testing/parts.ts';

describe.each(dialects)('limits of documents on $dialect', ({ open }) => {
  let parts: DocumentParts;
  let key: Principal;
  beforeAll(async () => {
    parts = await openDocuments(open, {
      ...{ maxFileBytes: 1000, maxFiles: 2, maxWebhooks: 3 },
      ...{ webhookTimeout: 100, webhookBackoff: [7, 11] },
    });
    key = await parts.key(['documents:read', 'documents:write', 'webhooks']);
  });
  afterAll(() => parts.dispose());

  it('maxFileBytes and maxFiles: of one file, and of all versions together', async () => {
    const { id } = await parts.documents.create(key, input({ numberNotation: '10/UBND-VX' }));
    const add = (octets: number) =>
      code(
        parts.documents.addFile(key, id as DocumentId, {
          ...{ kind: 'attachment', name: 'a.pdf', type: 'application/pdf' },
          bytes: new Uint8Array(octets).fill(octets),
        }),
      );
    expect(await add(1001)).toBe('document.file_too_large');
    expect(await add(1000)).toBe('no error');
    const made = await Promise.all([add(998), add(997)]);
    expect(made.sort()).toEqual(['document.too_many_files', 'no error']);
  });

  it('maxWebhooks: also of those that are made at the same moment', async () => {
    const other = await parts.key(['webhooks']);
    const hook = (i: number) =>
      code(parts.documents.createWebhook(other, { url: `http://127.0.0.1:${i + 1}/`, events: ['document.sent'] }));
    const made = await Promise.all(Array.from({ length: 5 }, (_, i) => hook(i)));
    expect(made.sort()).toEqual(['no error', 'no error', 'no error', 'webhook.too_many', 'webhook.too_many']);
    const [first] = await parts.documents.webhooks(other);
    await parts.documents.deleteWebhook(other, first!.id);
    expect([await hook(7), await hook(8)]).toEqual(['no error', 'webhook.too_many']);
  });

  describe('of a webhook', () => {
    let server: Server;
    let calls = 0;
    beforeAll(async () => {
      // Takes the call and never answers.
      server = createServer(() => void calls++);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });

    it('webhookTimeout and webhookBackoff: who does not answer is asked again after each wait, then no more', async () => {
      const { port } = server.address() as AddressInfo;
      await parts.documents.createWebhook(key, { url: `http://127.0.0.1:${port}/`, events: ['document.sent'] });
      const { id } = await parts.documents.create(key, input({ numberNotation: '20/UBND-VX' }));
      await parts.issue(id, 'bản gốc');
      const derived = { summary: summary(), attachments: [attachment(pdf('bản gốc'))] };
      const recognised = await parts.documents.recognise(derived);
      await parts.db.write((tx) =>
        parts.documents.link(tx, { hash: '0'.repeat(64) as never, summary: summary(), recognised }, [
          delivery(1, 1, 'sent'),
        ]),
      );
      const { webhookEvents } = parts.db.t;
      const state = async () => {
        const [row] = await parts.db.read.select().from(webhookEvents).orderBy(desc(webhookEvents.id)).limit(1);
        return [calls, row?.state, row?.lastStatus];
      };
      await parts.jobs.runDue();
      expect(await state()).toEqual([1, 'waiting', 'timed out']);
      for (const [wait, after] of [
        [7, 'waiting'],
        [11, 'failed'],
      ] as const) {
        const before = calls;
        parts.clock.advance(wait * 1000 - 1);
        await parts.jobs.runDue();
        expect(calls).toBe(before);
        parts.clock.advance(1);
        await parts.jobs.runDue();
        expect(await state()).toEqual([before + 1, after, 'timed out']);
      }
      parts.clock.advance(86_400_000);
      await parts.jobs.runDue();
      expect(calls).toBe(3);
    });
  });
});
