import { desc } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { code } from '../base/testing/code.ts';
import type { DocumentId } from '../base/ids.ts';
import {
  attachment,
  delivery,
  documentParts,
  expectedSignature,
  input,
  openDocuments,
  pdf,
  receiver,
  summary,
  system,
  type DocumentParts,
} from './testing/parts.ts';
import { sha256 } from '../base/bytes.ts';

describe.each(dialects)('documents in the mail on $dialect', ({ open }) => {
  let parts: DocumentParts;
  beforeAll(async () => {
    parts = await openDocuments(open, { maxFileBytes: 200_000, maxFiles: 3 });
  });
  afterAll(() => parts.dispose());

  describe('attachments', () => {
    let id: DocumentId;
    beforeAll(async () => {
      id = (await parts.documents.create(system, input({ numberNotation: '512/UBND-CNTT' }))).id as DocumentId;
      await parts.issue(id, 'bản phát hành', '512_UBND-CNTT.signed.pdf');
    });
    const recognise = (...attachments: Parameters<typeof attachment>[]) =>
      parts.documents.recognise({ summary: summary(), attachments: attachments.map((a) => attachment(...a)) });

    it('are the issued file when the bytes are the same, whatever the name', async () => {
      expect(await recognise([pdf('bản phát hành'), { name: 'anh.jpg' }])).toMatchObject([
        { documentId: id, match: 'same', part: '2' },
      ]);
    });
    it.each([
      ['the number in the name', { name: 'CV 512-UBND-CNTT.pdf' }],
      ['the identifier in the part', { name: 'x.pdf', document: 'H99,2026/11/20,512/UBND-CNTT' }],
    ])('differ from it when %s claims the document and a byte differs', async (_, more) => {
      expect(await recognise([pdf('bản phát hành!'), more])).toMatchObject([{ documentId: id, match: 'different' }]);
    });
    it.each([
      ['another kind of file bears the number', { name: '512-UBND-CNTT.docx' }],
      ['nothing names a document', { name: 'bao cao.pdf' }],
      ['there is no name', { name: null }],
      ['the identifier is unknown', { name: 'x.pdf', document: 'H99,2020/01/01,1/A' }],
    ])('are strangers when %s', async (_, more) => {
      expect(await recognise([pdf('khác'), more])).toEqual([]);
    });
  });

  it('links a message once per document, tells the system of sending and receipt, and shows it in the correspondence', async () => {
    const eoffice = await parts.key(['documents:read', 'documents:write', 'webhooks']);
    const hook = await receiver();
    const { secret } = await parts.documents.createWebhook(eoffice, {
      url: hook.url,
      events: ['document.sent', 'document.received', 'document.different'],
    });
    const { id } = await parts.documents.create(
      eoffice,
      input({ numberNotation: '900/UBND-VX', externalId: 'VB-900' }),
    );
    const bytes = pdf('chín trăm');
    await parts.documents.addFile(eoffice, id as DocumentId, {
      kind: 'issued',
      name: '900.pdf',
      type: 'application/pdf',
      bytes,
    });
    const recognised = await parts.documents.recognise({ summary: summary(), attachments: [attachment(bytes)] });
    const hash = sha256(Buffer.from('message 900'));
    const link = (...deliveries: ReturnType<typeof delivery>[]) =>
      parts.db.write((tx) => parts.documents.link(tx, { hash, summary: summary(), recognised }, deliveries));
    await link(delivery(11, 1, 'sent'), delivery(12, 1, 'received'), delivery(13, 4, 'received'));
    await link(delivery(12, 1, 'received'));
    parts.verdicts.set(hash, { kind: 'whole' });

    hook.answer(503);
    await parts.jobs.runDue();
    expect(hook.calls.length).toBe(2);
    hook.answer(200);
    parts.clock.advance(10_000);
    await parts.jobs.runDue();
    parts.clock.advance(3_600_000);
    await parts.jobs.runDue();
    expect(hook.calls.length).toBe(4);
    for (const call of hook.calls) expect(call.headers['webhook-signature']).toBe(expectedSignature(secret, call));
    expect(new Set(hook.calls.map((c) => c.headers['webhook-id'])).size).toBe(2);
    const events = hook.calls
      .slice(2)
      .map((c) => JSON.parse(c.body) as { type: string; data: Record<string, unknown> })
      .sort((a, b) => a.type.localeCompare(b.type));
    expect(events).toMatchObject([
      {
        type: 'document.received',
        data: {
          receivedBy: 2,
          document: { id, externalId: 'VB-900', identifier: 'H99,2026/11/20,900/UBND-VX' },
          match: 'same',
        },
      },
      { type: 'document.sent', data: { message: { messageId: 'm1@caoson.gov.vn', recipientCount: 1 } } },
    ]);
    const { rows } = await parts.documents.correspondence(eoffice, id as DocumentId, {});
    expect(rows).toMatchObject([
      {
        from: { address: 'vpubnd@caoson.gov.vn' },
        recipientCount: 1,
        receivedCount: 2,
        verdict: 'whole',
        match: 'same',
        open: null,
      },
    ]);
    expect((await parts.documents.get(eoffice, id as DocumentId)).correspondenceCount).toBe(1);
    expect((await parts.documents.marks([hash])).get(hash)).toMatchObject([
      { documentId: id, partId: '2', match: 'same', numberNotation: '900/UBND-VX' },
    ]);
    await hook.stop();
  });

  it('calls nobody inside our own network but where the administrator allows it', async () => {
    let leadsTo = '8.8.8.8';
    const resolve = async () => [{ address: leadsTo, family: 4 }];
    const rebound = await documentParts(parts.db, { webhookNetworks: ['10.20.0.0/16'], webhookBackoff: [] }, resolve);
    const eoffice = await parts.key(['documents:read', 'documents:write', 'webhooks']);
    const refused = async (url: string) =>
      code(rebound.documents.createWebhook(eoffice, { url, events: ['document.sent'] }));
    for (const address of ['127.0.0.1', '169.254.169.254', '10.21.0.1', '192.168.1.1']) {
      leadsTo = address;
      expect(await refused('http://eoffice.caoson.gov.vn/hook')).toBe('webhook.inside_address');
    }
    leadsTo = '10.20.3.4';
    await rebound.documents.createWebhook(eoffice, { url: 'http://eoffice.caoson.gov.vn/x', events: [] as never });
    // The name led outside when it was set, and leads to our own machine when it is called.
    const hook = await receiver();
    leadsTo = '8.8.8.8';
    const url = hook.url.replace('127.0.0.1', 'eoffice.example.vn');
    await rebound.documents.createWebhook(eoffice, { url, events: ['document.sent'] });
    leadsTo = '127.0.0.1';
    const { id } = await rebound.documents.create(eoffice, input({ numberNotation: '902/UBND-VX' }));
    const recognised = [
      {
        documentId: id as DocumentId,
        fileId: null,
        part: '2',
        contentHash: sha256(Buffer.from('y')),
        match: 'same' as const,
      },
    ];
    const message = { hash: sha256(Buffer.from('rebound')), summary: summary(), recognised };
    await parts.db.write((tx) => rebound.documents.link(tx, message, [delivery(11, 1, 'sent')]));
    await rebound.jobs.runDue();
    expect(hook.calls).toEqual([]);
    const { webhookEvents: events } = parts.db.t;
    const [last] = await parts.db.read.select().from(events).orderBy(desc(events.id)).limit(1);
    expect(last).toMatchObject({ state: 'failed', lastStatus: 'failed: address inside our network' });
    await hook.stop();
    await rebound.dispose();
  });

  it('stops calling a system that says it is gone, and gives up after the last wait', async () => {
    const eoffice = await parts.key(['documents:read', 'documents:write', 'webhooks']);
    const hook = await receiver();
    hook.answer(410);
    await parts.documents.createWebhook(eoffice, { url: hook.url, events: ['document.sent'] });
    const { id } = await parts.documents.create(eoffice, input({ numberNotation: '901/UBND-VX' }));
    const link = (message: string) =>
      parts.db.write((tx) =>
        parts.documents.link(
          tx,
          {
            hash: sha256(Buffer.from(message)),
            summary: summary(),
            recognised: [
              {
                documentId: id as DocumentId,
                fileId: null,
                part: '2',
                contentHash: sha256(Buffer.from('z')),
                match: 'same',
              },
            ],
          },
          [delivery(11, 1, 'sent')],
        ),
      );
    await link('a');
    await parts.jobs.runDue();
    await link('b');
    await parts.jobs.runDue();
    expect(hook.calls.length).toBe(1);
    expect(await parts.documents.webhooks(eoffice)).toMatchObject([{ active: false }]);
    await hook.stop();
  });
});
