import { and, desc, eq, inArray, lt, or, sql } from 'drizzle-orm';

import type { AccountId, BlobHash, DocumentId, EmailId } from '../base/ids.ts';
import type { Database, Tx } from '../db/database.ts';

const CHUNK = 300;

export type LinkRecord = Database['t']['documentLinks']['$inferSelect'];
export type NewLink = Omit<Database['t']['documentLinks']['$inferInsert'], 'id'>;
export type DeliveryRecord = Database['t']['documentDeliveries']['$inferSelect'];

export interface MarkRecord {
  messageHash: BlobHash;
  part: string;
  match: 'same' | 'different';
  documentId: DocumentId;
  numberNotation: string;
  subject: string;
  typeName: string;
  urgency: 'thuong' | 'khan' | 'thuong_khan' | 'hoa_toc';
}

export type LinksRepository = ReturnType<typeof linksRepository>;

export function linksRepository(db: Database) {
  const { documentLinks, documentDeliveries } = db.t;
  return {
    /** The link of this message and part with this document, made when it is new. */
    async put(tx: Tx, link: NewLink): Promise<{ id: number; isNew: boolean }> {
      const [made] = await tx.q
        .insert(documentLinks)
        .values(link)
        .onConflictDoNothing()
        .returning({ id: documentLinks.id });
      if (made) return { id: made.id, isNew: true };
      const [old] = await tx.q
        .select({ id: documentLinks.id })
        .from(documentLinks)
        .where(
          and(
            eq(documentLinks.documentId, link.documentId),
            eq(documentLinks.messageHash, link.messageHash),
            eq(documentLinks.part, link.part),
          ),
        );
      if (!old) throw new Error('link neither made nor found');
      return { id: old.id, isNew: false };
    },
    /** @returns the deliveries that were not known yet. */
    async addDeliveries(tx: Tx, rows: readonly DeliveryRecord[]): Promise<DeliveryRecord[]> {
      const added: DeliveryRecord[] = [];
      for (let i = 0; i < rows.length; i += CHUNK) {
        added.push(
          ...(await tx.q
            .insert(documentDeliveries)
            .values(rows.slice(i, i + CHUNK))
            .onConflictDoNothing()
            .returning()),
        );
      }
      return added;
    },
    async ofDocument(
      id: DocumentId,
      page: {
        after?: { at: number; id: number } | undefined;
        limit: number;
        /** Only links whose message one of these accounts holds. */
        heldBy?: readonly AccountId[] | undefined;
      },
    ): Promise<LinkRecord[]> {
      const { after, heldBy } = page;
      const held =
        heldBy &&
        db.read
          .select({ id: documentDeliveries.linkId })
          .from(documentDeliveries)
          .where(inArray(documentDeliveries.accountId, [...heldBy]));
      return db.read
        .select()
        .from(documentLinks)
        .where(
          and(
            eq(documentLinks.documentId, id),
            held && inArray(documentLinks.id, held),
            after &&
              or(lt(documentLinks.at, after.at), and(eq(documentLinks.at, after.at), lt(documentLinks.id, after.id))),
          ),
        )
        .orderBy(desc(documentLinks.at), desc(documentLinks.id))
        .limit(page.limit);
    },
    async counts(ids: readonly DocumentId[]): Promise<Map<DocumentId, number>> {
      if (ids.length === 0) return new Map();
      const rows = await db.read
        .select({ id: documentLinks.documentId, n: sql<number>`count(*)`.mapWith(Number) })
        .from(documentLinks)
        .where(inArray(documentLinks.documentId, [...ids]))
        .groupBy(documentLinks.documentId);
      return new Map(rows.map((r) => [r.id, r.n]));
    },
    async receivedCounts(linkIds: readonly number[]): Promise<Map<number, number>> {
      if (linkIds.length === 0) return new Map();
      const rows = await db.read
        .select({ id: documentDeliveries.linkId, n: sql<number>`count(*)`.mapWith(Number) })
        .from(documentDeliveries)
        .where(and(inArray(documentDeliveries.linkId, [...linkIds]), eq(documentDeliveries.role, 'received')))
        .groupBy(documentDeliveries.linkId);
      return new Map(rows.map((r) => [r.id, r.n]));
    },
    /** Where one of these accounts holds the message of a link. */
    async heldBy(linkIds: readonly number[], accounts: readonly AccountId[]): Promise<DeliveryRecord[]> {
      if (linkIds.length === 0 || accounts.length === 0) return [];
      return db.read
        .select()
        .from(documentDeliveries)
        .where(
          and(inArray(documentDeliveries.linkId, [...linkIds]), inArray(documentDeliveries.accountId, [...accounts])),
        );
    },
    ...marksOf(db),
  };
}

/** What to show beside an email: by its bytes, and by the sender's own copy. */
function marksOf(db: Database) {
  const { documentLinks, documentDeliveries, documents } = db.t;
  const markColumns = {
    messageHash: documentLinks.messageHash,
    part: documentLinks.part,
    match: documentLinks.match,
    documentId: documents.id,
    numberNotation: documents.numberNotation,
    subject: documents.subject,
    typeName: documents.typeName,
    urgency: documents.urgency,
  };
  return {
    async marks(hashes: readonly BlobHash[]): Promise<MarkRecord[]> {
      const found: MarkRecord[] = [];
      for (let i = 0; i < hashes.length; i += CHUNK) {
        found.push(
          ...(await db.read
            .select(markColumns)
            .from(documentLinks)
            .innerJoin(documents, eq(documents.id, documentLinks.documentId))
            .where(inArray(documentLinks.messageHash, hashes.slice(i, i + CHUNK)))
            .orderBy(documentLinks.id)),
        );
      }
      return found;
    },
    async sentMarks(
      accountId: AccountId,
      emailIds: readonly EmailId[],
    ): Promise<(MarkRecord & { emailId: EmailId })[]> {
      const found: (MarkRecord & { emailId: EmailId })[] = [];
      for (let i = 0; i < emailIds.length; i += CHUNK) {
        found.push(
          ...(await db.read
            .select({ ...markColumns, emailId: documentDeliveries.emailId })
            .from(documentDeliveries)
            .innerJoin(documentLinks, eq(documentLinks.id, documentDeliveries.linkId))
            .innerJoin(documents, eq(documents.id, documentLinks.documentId))
            .where(
              and(
                eq(documentDeliveries.accountId, accountId),
                inArray(documentDeliveries.emailId, emailIds.slice(i, i + CHUNK)),
                eq(documentDeliveries.role, 'sent'),
              ),
            )
            .orderBy(documentLinks.id)),
        );
      }
      return found;
    },
  };
}
