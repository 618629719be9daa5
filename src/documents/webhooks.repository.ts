import { and, eq, sql } from 'drizzle-orm';

import type { DocumentId } from '../base/ids.ts';
import type { Database, Tx } from '../db/database.ts';

export type WebhookRecord = Database['t']['webhooks']['$inferSelect'];
export type EventRecord = Database['t']['webhookEvents']['$inferSelect'];

export type WebhooksRepository = ReturnType<typeof webhooksRepository>;

export function webhooksRepository(db: Database) {
  const { webhooks, webhookEvents, documents, apiKeys } = db.t;
  return {
    /** @returns undefined when the key has so many already. */
    async insert(tx: Tx, hook: Omit<WebhookRecord, 'id' | 'active'>, limit: number): Promise<number | undefined> {
      // Updates itself to lock the key: those that are made at the same moment are counted one after the other.
      await tx.q
        .update(apiKeys)
        .set({ lastUsedAt: sql`${apiKeys.lastUsedAt}` })
        .where(eq(apiKeys.id, hook.apiKeyId));
      const held = await tx.q.select({ id: webhooks.id }).from(webhooks).where(eq(webhooks.apiKeyId, hook.apiKeyId));
      if (held.length >= limit) return undefined;
      const [row] = await tx.q
        .insert(webhooks)
        .values({ ...hook, active: true })
        .returning({ id: webhooks.id });
      if (!row) throw new Error('webhook not returned');
      return row.id;
    },
    async ofKey(apiKeyId: number): Promise<WebhookRecord[]> {
      return db.read.select().from(webhooks).where(eq(webhooks.apiKeyId, apiKeyId)).orderBy(webhooks.id);
    },
    async remove(tx: Tx, apiKeyId: number, id: number): Promise<boolean> {
      const gone = await tx.q
        .delete(webhooks)
        .where(and(eq(webhooks.id, id), eq(webhooks.apiKeyId, apiKeyId)))
        .returning({ id: webhooks.id });
      return gone.length > 0;
    },
    async deactivate(tx: Tx, id: number): Promise<void> {
      await tx.q.update(webhooks).set({ active: false }).where(eq(webhooks.id, id));
    },
    /** The document as its system knows it, with that system's listening webhooks. */
    async listening(
      tx: Tx,
      documentId: DocumentId,
    ): Promise<
      | { document: { identifier: string; externalId: string | null; numberNotation: string }; hooks: WebhookRecord[] }
      | undefined
    > {
      const [document] = await tx.q
        .select({
          identifier: documents.identifier,
          externalId: documents.externalId,
          numberNotation: documents.numberNotation,
          apiKeyId: documents.apiKeyId,
        })
        .from(documents)
        .where(eq(documents.id, documentId));
      if (!document || document.apiKeyId === null) return undefined;
      const hooks = await tx.q
        .select()
        .from(webhooks)
        .where(and(eq(webhooks.apiKeyId, document.apiKeyId), eq(webhooks.active, true)));
      const { apiKeyId: _, ...rest } = document;
      return { document: rest, hooks };
    },
    async addEvent(
      tx: Tx,
      event: { webhookId: number; event: string; documentId: DocumentId; payload: unknown; createdAt: number },
    ): Promise<number> {
      const [row] = await tx.q
        .insert(webhookEvents)
        .values({ ...event, state: 'waiting', attempts: 0, lastStatus: null, doneAt: null })
        .returning({ id: webhookEvents.id });
      if (!row) throw new Error('event not returned');
      return row.id;
    },
    async event(id: number): Promise<{ event: EventRecord; hook: WebhookRecord | null } | undefined> {
      const [row] = await db.read
        .select({ event: webhookEvents, hook: webhooks })
        .from(webhookEvents)
        .leftJoin(webhooks, eq(webhooks.id, webhookEvents.webhookId))
        .where(eq(webhookEvents.id, id));
      return row;
    },
    async setEvent(
      tx: Tx,
      id: number,
      change: Partial<Pick<EventRecord, 'state' | 'attempts' | 'lastStatus' | 'doneAt'>>,
    ): Promise<void> {
      await tx.q.update(webhookEvents).set(change).where(eq(webhookEvents.id, id));
    },
    async counts(): Promise<{ state: string; count: number }[]> {
      return db.read
        .select({ state: webhookEvents.state, count: sql<number>`count(*)`.mapWith(Number) })
        .from(webhookEvents)
        .groupBy(webhookEvents.state);
    },
  };
}
