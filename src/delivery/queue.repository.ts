/** Rows of the outbound queue: one per accepted message, one per recipient. */
import { and, asc, desc, eq, inArray, lt, notInArray, sql } from 'drizzle-orm';

import type { BlobHash, Millis } from '../base/ids.ts';
import type { Database, Tx } from '../db/database.ts';
import type { QueueRow } from './types.ts';

export interface OutboundMessage {
  id: number;
  accountId: number | null;
  returnPath: string;
  blobHash: BlobHash;
  size: number;
  smtpUtf8: boolean;
  envId: string | null;
  ret: 'FULL' | 'HDRS' | null;
  createdAt: Millis;
  expiresAt: Millis;
}
export interface OutboundRecipient {
  id: number;
  outboundId: number;
  address: string;
  domain: string;
  state: QueueRow['state'];
  attempts: number;
  nextAt: Millis;
  lastReply: string | null;
  deliveredTo: string | null;
  tls: string | null;
  doneAt: Millis | null;
  notify: string | null;
  orcpt: string | null;
  delayReported: boolean;
}
export type NewRecipient = Pick<OutboundRecipient, 'address' | 'domain' | 'notify' | 'orcpt'>;
export type RecipientChange = Partial<
  Pick<
    OutboundRecipient,
    'state' | 'attempts' | 'nextAt' | 'lastReply' | 'deliveredTo' | 'tls' | 'doneAt' | 'delayReported'
  >
>;

export interface QueueRepository {
  insert(tx: Tx, message: Omit<OutboundMessage, 'id'>, recipients: readonly NewRecipient[]): Promise<number>;
  message(id: number): Promise<OutboundMessage | undefined>;
  /** Still queued ones of a message, by id; of one domain if given. */
  queued(outboundId: number, domain?: string): Promise<OutboundRecipient[]>;
  /** Only while it is queued: a recipient's end is final. @returns whether it was. */
  change(tx: Tx, id: number, change: RecipientChange): Promise<boolean>;
  list(options: { limit: number; state?: QueueRow['state']; outboundId?: number }): Promise<QueueRow[]>;
  /** Makes waiting recipients due. @returns their (message, domain) pairs. */
  makeDue(tx: Tx, now: Millis, outboundId?: number): Promise<{ outboundId: number; domain: string }[]>;
  cancel(tx: Tx, outboundId: number, now: Millis, reply: string, address?: string): Promise<number>;
  referenced(hashes: readonly BlobHash[]): Promise<Set<BlobHash>>;
  /** Removes messages made before this time that nobody waits for. @returns how many. */
  prune(before: Millis): Promise<number>;
  stats(now: Millis): Promise<{ queued: number; due: number; oldestAt: Millis | null }>;
}

export function createQueueRepository(db: Database): QueueRepository {
  return { ...writing(db), ...reading(db), ...tending(db) };
}

function writing(db: Database): Pick<QueueRepository, 'insert' | 'change'> {
  const { outboundMessages, outboundRecipients } = db.t;
  return {
    async insert({ q }, message, recipients) {
      const [row] = await q.insert(outboundMessages).values(message).returning({ id: outboundMessages.id });
      if (!row) throw new Error('insert returned nothing');
      const fresh = {
        outboundId: row.id,
        state: 'queued' as const,
        attempts: 0,
        nextAt: message.createdAt,
        delayReported: false,
      };
      for (let i = 0; i < recipients.length; i += 100) {
        await q
          .insert(outboundRecipients)
          .values(recipients.slice(i, i + 100).map((recipient) => ({ ...recipient, ...fresh })));
      }
      return row.id;
    },
    async change({ q }, id, change) {
      const still = and(eq(outboundRecipients.id, id), eq(outboundRecipients.state, 'queued'));
      return (
        (await q.update(outboundRecipients).set(change).where(still).returning({ id: outboundRecipients.id })).length >
        0
      );
    },
  };
}

function reading(db: Database): Pick<QueueRepository, 'message' | 'queued' | 'list' | 'referenced' | 'stats'> {
  const { outboundMessages, outboundRecipients: r } = db.t;
  const waiting = eq(r.state, 'queued');
  return {
    message: async (id) => (await db.read.select().from(outboundMessages).where(eq(outboundMessages.id, id)))[0],
    queued: (outboundId, domain) =>
      db.read
        .select()
        .from(r)
        .where(and(eq(r.outboundId, outboundId), waiting, domain === undefined ? undefined : eq(r.domain, domain)))
        .orderBy(asc(r.id)),
    list: ({ limit, state, outboundId }) =>
      db.read
        .select({
          outboundId: r.outboundId,
          returnPath: outboundMessages.returnPath,
          recipient: r.address,
          state: r.state,
          attempts: r.attempts,
          nextAt: r.nextAt,
          lastReply: r.lastReply,
          createdAt: outboundMessages.createdAt,
        })
        .from(r)
        .innerJoin(outboundMessages, eq(outboundMessages.id, r.outboundId))
        .where(
          and(
            state ? eq(r.state, state) : undefined,
            outboundId === undefined ? undefined : eq(r.outboundId, outboundId),
          ),
        )
        .orderBy(state === 'queued' ? asc(r.nextAt) : desc(r.id), asc(r.id))
        .limit(limit),
    async referenced(hashes) {
      if (hashes.length === 0) return new Set();
      const rows = await db.read
        .selectDistinct({ hash: outboundMessages.blobHash })
        .from(outboundMessages)
        .innerJoin(r, eq(r.outboundId, outboundMessages.id))
        .where(and(inArray(outboundMessages.blobHash, [...hashes]), waiting));
      return new Set(rows.map((row) => row.hash));
    },
    async stats(now) {
      const [row] = await db.read
        .select({
          queued: sql<number>`count(*)`.mapWith(Number),
          due: sql<number>`coalesce(sum(case when ${r.nextAt} <= ${now} then 1 else 0 end), 0)`.mapWith(Number),
          oldestAt: sql<number | null>`min(${outboundMessages.createdAt})`,
        })
        .from(r)
        .innerJoin(outboundMessages, eq(outboundMessages.id, r.outboundId))
        .where(waiting);
      return {
        queued: row?.queued ?? 0,
        due: row?.due ?? 0,
        oldestAt: row?.oldestAt == null ? null : Number(row.oldestAt),
      };
    },
  };
}

function tending(db: Database): Pick<QueueRepository, 'makeDue' | 'cancel' | 'prune'> {
  const { outboundRecipients: r } = db.t;
  const of = (outboundId?: number) =>
    and(eq(r.state, 'queued'), outboundId === undefined ? undefined : eq(r.outboundId, outboundId));
  return {
    async makeDue({ q }, now, outboundId) {
      const rows = await q
        .update(r)
        .set({ nextAt: now })
        .where(of(outboundId))
        .returning({ outboundId: r.outboundId, domain: r.domain });
      return [...new Map(rows.map((row) => [`${row.outboundId}:${row.domain}`, row])).values()];
    },
    async cancel({ q }, outboundId, now, reply, address) {
      const which = and(of(outboundId), address === undefined ? undefined : eq(r.address, address));
      return (
        await q.update(r).set({ state: 'failed', lastReply: reply, doneAt: now }).where(which).returning({ id: r.id })
      ).length;
    },
    async prune(before) {
      let gone = 0;
      // Unit after unit, as long as there is more: in one hour more may be finished than one unit should hold.
      for (let part = PRUNED; part === PRUNED; gone += part) part = await pruneSome(db, before);
      return gone;
    },
  };
}

/** Messages that one unit of work forgets: whoever else writes waits meanwhile. */
const PRUNED = 500;

const pruneSome = (db: Database, before: Millis): Promise<number> =>
  db.write(async ({ q }) => {
    const { outboundMessages: m, outboundRecipients: r } = db.t;
    const busy = q.select({ id: r.outboundId }).from(r).where(eq(r.state, 'queued'));
    const old = await q
      .select({ id: m.id })
      .from(m)
      .where(and(lt(m.createdAt, before), notInArray(m.id, busy)))
      .limit(PRUNED);
    const ids = old.map((row) => row.id);
    if (ids.length === 0) return 0;
    await q.delete(r).where(inArray(r.outboundId, ids));
    await q.delete(m).where(inArray(m.id, ids));
    return ids.length;
  });
