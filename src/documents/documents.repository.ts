import { and, desc, eq, gt, inArray, isNotNull, lt, or, sql, type SQL } from 'drizzle-orm';

import type { BlobHash, DocumentId, UnitId } from '../base/ids.ts';
import type { Database, Query, Tx } from '../db/database.ts';
import { documentIndex, textIndex } from '../db/text-index.ts';
import type { Scope } from './access.ts';

const CHUNK = 500;
/** Owner of the document index: the province. */
const OWNER = 0;

type Tables = Database['t'];
export type DocumentRecord = Tables['documents']['$inferSelect'];
export type NewDocument = Omit<Tables['documents']['$inferInsert'], 'id'>;
export type FileRecord = Tables['documentFiles']['$inferSelect'];
export type RegisterRecord = Tables['registers']['$inferSelect'];

export interface DocumentQuery {
  scope: Scope;
  text?: string | undefined;
  direction?: 'di' | 'den' | undefined;
  unitId?: UnitId | undefined;
  year?: number | undefined;
  /** Rows after this one, newest first. */
  after?: { issuedDate: string; id: DocumentId } | undefined;
  limit: number;
}

export type DocumentsRepository = ReturnType<typeof documentsRepository>;

export function documentsRepository(db: Database) {
  return { ...reading(db), ...writing(db), ...files(db) };
}

/** src/documents/access.ts as a condition. */
function visibleIn(db: Database, scope: Scope): SQL | undefined {
  const { documents, documentRecipients, documentLinks, documentDeliveries } = db.t;
  if (scope.apiKeyId !== undefined) return eq(documents.apiKeyId, scope.apiKeyId);
  if (scope.units === undefined) return undefined;
  const ids = scope.units.map((u) => u.id);
  const codes = scope.units.map((u) => u.code);
  const addressed = db.read
    .select({ id: documentRecipients.documentId })
    .from(documentRecipients)
    .where(inArray(documentRecipients.code, codes));
  // A file that only claims the document gives no right to it.
  const received = db.read
    .select({ id: documentLinks.documentId })
    .from(documentLinks)
    .innerJoin(documentDeliveries, eq(documentDeliveries.linkId, documentLinks.id))
    .where(and(eq(documentLinks.match, 'same'), inArray(documentDeliveries.accountId, scope.accounts)));
  const grounds = [
    ids.length > 0 ? inArray(documents.unitId, ids) : undefined,
    codes.length > 0 ? and(inArray(documents.id, addressed), eq(documents.status, 'issued')) : undefined,
    scope.accounts.length > 0 ? inArray(documents.id, received) : undefined,
  ];
  return or(...grounds) ?? sql`1 = 0`;
}

function reading(db: Database) {
  const { documents, registers, documentRecipients } = db.t;
  const index = textIndex(db.dialect, documentIndex);
  const visible = (scope: Scope): SQL | undefined => visibleIn(db, scope);
  return {
    async find(scope: Scope, id: DocumentId): Promise<DocumentRecord | undefined> {
      return (
        await db.read
          .select()
          .from(documents)
          .where(and(eq(documents.id, id), visible(scope)))
      )[0];
    },
    async search(query: DocumentQuery): Promise<DocumentRecord[]> {
      const matching = query.text === undefined ? undefined : index.matching(OWNER, { text: query.text, prefix: true });
      const { after } = query;
      return db.read
        .select()
        .from(documents)
        .where(
          and(
            visible(query.scope),
            matching && inArray(documents.id, matching),
            query.direction && eq(documents.direction, query.direction),
            query.unitId === undefined ? undefined : eq(documents.unitId, query.unitId),
            query.year === undefined
              ? undefined
              : sql`${documents.issuedDate} >= ${`${query.year}-01-01`} and ${documents.issuedDate} < ${`${query.year + 1}-01-01`}`,
            after &&
              or(
                lt(documents.issuedDate, after.issuedDate),
                and(eq(documents.issuedDate, after.issuedDate), lt(documents.id, after.id)),
              ),
          ),
        )
        .orderBy(desc(documents.issuedDate), desc(documents.id))
        .limit(query.limit);
    },
    async recipients(ids: readonly DocumentId[]): Promise<Map<DocumentId, string[]>> {
      const found = new Map<DocumentId, string[]>();
      for (let i = 0; i < ids.length; i += CHUNK) {
        const rows = await db.read
          .select()
          .from(documentRecipients)
          .where(inArray(documentRecipients.documentId, ids.slice(i, i + CHUNK)))
          .orderBy(documentRecipients.documentId, documentRecipients.position);
        for (const { documentId, code } of rows) found.set(documentId, [...(found.get(documentId) ?? []), code]);
      }
      return found;
    },
    async registers(scope: Scope): Promise<{ register: RegisterRecord; documentCount: number }[]> {
      const rows = await db.read
        .select({ register: registers, documentCount: sql<number>`count(${documents.id})`.mapWith(Number) })
        .from(registers)
        .leftJoin(documents, eq(documents.registerId, registers.id))
        .where(
          and(
            scope.units &&
              inArray(
                registers.unitId,
                scope.units.map((u) => u.id),
              ),
            scope.apiKeyId === undefined ? undefined : eq(documents.apiKeyId, scope.apiKeyId),
          ),
        )
        .groupBy(registers.id)
        .orderBy(desc(registers.year), registers.unitId, registers.direction);
      return rows;
    },
    /** Issued documents that carry one of these identifiers or loose numbers. */
    async claimed(by: {
      identifiers: readonly string[];
      keys: readonly string[];
    }): Promise<Pick<DocumentRecord, 'id' | 'identifier' | 'numberKey' | 'issuedDate'>[]> {
      const one = async (condition: SQL) =>
        db.read
          .select({
            id: documents.id,
            identifier: documents.identifier,
            numberKey: documents.numberKey,
            issuedDate: documents.issuedDate,
          })
          .from(documents)
          .where(and(condition, eq(documents.status, 'issued')))
          .orderBy(desc(documents.issuedDate))
          .limit(CHUNK);
      const found = [];
      if (by.identifiers.length > 0)
        found.push(...(await one(inArray(documents.identifier, by.identifiers.slice(0, CHUNK)))));
      if (by.keys.length > 0) found.push(...(await one(inArray(documents.numberKey, by.keys.slice(0, CHUNK)))));
      return found;
    },
  };
}

const indexedText = (row: DocumentRecord) => ({
  number: row.numberNotation,
  subject: row.subject,
  issuer: `${row.issuerName} ${row.typeName}`,
  signer: row.signerName,
});

/** The rows came back from a backup, the index did not. */
export async function indexDocumentsAnew(db: Database): Promise<void> {
  const { documents } = db.t;
  const index = textIndex(db.dialect, documentIndex);
  for (let after = 0; ;) {
    const rows = await db.read
      .select()
      .from(documents)
      .where(gt(documents.id, after as DocumentId))
      .orderBy(documents.id)
      .limit(CHUNK);
    await db.write(async (tx) => {
      for (const row of rows) await index.put(tx, OWNER, row.id, indexedText(row));
    });
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
  }
}

function writing(db: Database) {
  const { documents, registers, documentRecipients } = db.t;
  const index = textIndex(db.dialect, documentIndex);
  return {
    /** The unit's register of this direction and year, made when missing, its row locked for the unit of work. */
    async register(
      tx: Tx,
      wanted: { unitId: UnitId; direction: 'di' | 'den'; year: number; name: string },
    ): Promise<RegisterRecord> {
      const [row] = await tx.q
        .insert(registers)
        .values({ ...wanted, nextNumber: 1 })
        // Updates itself to lock the row: numbers are gapless, so two clerks take turns.
        .onConflictDoUpdate({
          target: [registers.unitId, registers.direction, registers.year],
          set: { unitId: wanted.unitId },
        })
        .returning();
      if (!row) throw new Error('register not returned');
      return row;
    },
    async advance(tx: Tx, registerId: number, nextNumber: number): Promise<void> {
      await tx.q
        .update(registers)
        .set({ nextNumber })
        .where(and(eq(registers.id, registerId), lt(registers.nextNumber, nextNumber)));
    },
    /** @returns undefined when the register already has this identifier. */
    async insert(
      tx: Tx,
      document: NewDocument,
      recipientCodes: readonly string[],
    ): Promise<DocumentRecord | undefined> {
      const [row] = await tx.q.insert(documents).values(document).onConflictDoNothing().returning();
      if (!row) return undefined;
      const recipients = [...new Set(recipientCodes)].map((code, position) => ({ documentId: row.id, code, position }));
      for (let i = 0; i < recipients.length; i += CHUNK)
        await tx.q.insert(documentRecipients).values(recipients.slice(i, i + CHUNK));
      await index.put(tx, OWNER, row.id, indexedText(row));
      return row;
    },
  };
}

function files(db: Database) {
  const { documentFiles, documents } = db.t;
  return {
    async ofDocuments(ids: readonly DocumentId[]): Promise<FileRecord[]> {
      const found: FileRecord[] = [];
      for (let i = 0; i < ids.length; i += CHUNK) {
        found.push(
          ...(await db.read
            .select()
            .from(documentFiles)
            .where(inArray(documentFiles.documentId, ids.slice(i, i + CHUNK)))
            .orderBy(documentFiles.documentId, desc(documentFiles.version))),
        );
      }
      return found;
    },
    async byHash(hashes: readonly BlobHash[]): Promise<FileRecord[]> {
      if (hashes.length === 0) return [];
      return db.read
        .select()
        .from(documentFiles)
        .where(inArray(documentFiles.hash, hashes.slice(0, CHUNK)));
    },
    async addFile(tx: Tx, file: Omit<FileRecord, 'id' | 'version'>, limit: number): Promise<FileRecord | undefined> {
      // Locks the document, so that versions are counted one after the other.
      await tx.q.update(documents).set({ updatedAt: file.createdAt }).where(eq(documents.id, file.documentId));
      const [last] = await tx.q
        .select({
          version: sql<number>`max(${documentFiles.version})`.mapWith(Number),
          count: sql<number>`count(*)`.mapWith(Number),
        })
        .from(documentFiles)
        .where(eq(documentFiles.documentId, file.documentId));
      if ((last?.count ?? 0) >= limit) return undefined;
      const [row] = await tx.q
        .insert(documentFiles)
        .values({ ...file, version: (last?.version ?? 0) + 1 })
        .returning();
      return row;
    },
    async issue(tx: Tx, id: DocumentId): Promise<void> {
      await tx.q
        .update(documents)
        .set({ status: 'issued' })
        .where(and(eq(documents.id, id), eq(documents.status, 'draft')));
    },
    async referenced(hashes: readonly BlobHash[], q: Query = db.read): Promise<Set<BlobHash>> {
      if (hashes.length === 0) return new Set();
      const rows = await q
        .select({ hash: documentFiles.hash })
        .from(documentFiles)
        .where(and(inArray(documentFiles.hash, [...hashes]), isNotNull(documentFiles.hash)));
      return new Set(rows.map((r) => r.hash));
    },
  };
}
