import { and, asc, desc, eq, gt, inArray, isNull, lte, or, sql } from 'drizzle-orm';

import type { AccountId, OfficialId, UnitId } from '../base/ids.ts';
import type { Database, Query } from '../db/database.ts';
import type { Official, Post } from './types.ts';

export interface OfficialRow {
  id: OfficialId;
  accountId: AccountId;
  fullName: string;
  familyName: string;
  middleName: string;
  givenName: string;
  status: 'active' | 'disabled';
  externalId: string | null;
}
export interface NewPost {
  officialId: OfficialId;
  unitId: UnitId;
  title: string;
  role: string;
  isPrimary: boolean;
  validFrom: string;
}

export interface OfficialsRepository {
  insert(q: Query, official: Omit<OfficialRow, 'id'> & { searchKey: string; createdAt: number }): Promise<OfficialId>;
  update(q: Query, id: OfficialId, change: Partial<Omit<OfficialRow, 'id'> & { searchKey: string }>): Promise<void>;
  find(
    q: Query,
    ref: { id: OfficialId } | { accountId: AccountId } | { externalId: string },
    day: string,
  ): Promise<Official | undefined>;
  list(
    q: Query,
    filter: { unitId?: UnitId; patterns?: string[]; after?: OfficialId; limit: number },
    day: string,
  ): Promise<Official[]>;
  search(q: Query, patterns: { words: string[]; first: string }, limit: number, day: string): Promise<Official[]>;
  /** Everybody's rows, for an import. */
  rows(q: Query): Promise<OfficialRow[]>;
  primaryPosts(
    q: Query,
    day: string,
  ): Promise<{ officialId: OfficialId; unitId: UnitId; title: string; role: string }[]>;
  addPost(q: Query, post: NewPost): Promise<void>;
  /** Ends the posts that stand on that day. */
  endPosts(q: Query, officialId: OfficialId, day: string): Promise<void>;
}

/** SQLite takes 32,766 values in a statement, PostgreSQL 65,535. */
const CHUNK = 5000;

export function officialsRepository(db: Database): OfficialsRepository {
  const { officials, posts } = db.t;
  const columns = columnsOf(db);
  const standing = (day: string) => and(lte(posts.validFrom, day), or(isNull(posts.validTo), gt(posts.validTo, day)));
  const whole = (q: Query, rows: OfficialRow[], day: string) => complete(db, q, rows, standing(day));
  return {
    async insert(q, official) {
      const [row] = await q.insert(officials).values(official).returning({ id: officials.id });
      if (!row) throw new Error('an insert returned no row');
      return row.id;
    },
    update: async (q, id, change) => void (await q.update(officials).set(change).where(eq(officials.id, id))),
    async find(q, ref, day) {
      const which =
        'id' in ref
          ? eq(officials.id, ref.id)
          : 'accountId' in ref
            ? eq(officials.accountId, ref.accountId)
            : eq(officials.externalId, ref.externalId);
      return (await whole(q, await q.select(columns).from(officials).where(which).limit(1), day))[0];
    },
    async list(q, { unitId, patterns = [], after, limit }, day) {
      const inUnit =
        unitId === undefined
          ? undefined
          : inArray(
              officials.id,
              q
                .select({ id: posts.officialId })
                .from(posts)
                .where(and(eq(posts.unitId, unitId), standing(day))),
            );
      const rows = await q
        .select(columns)
        .from(officials)
        .where(
          and(
            inUnit,
            after === undefined ? undefined : gt(officials.id, after),
            ...patterns.map((p) => sql`${officials.searchKey} like ${p} escape '!'`),
          ),
        )
        .orderBy(asc(officials.id))
        .limit(limit);
      return whole(q, rows, day);
    },
    async search(q, { words, first }, limit, day) {
      const rows = await q
        .select(columns)
        .from(officials)
        .where(
          and(
            eq(officials.status, 'active'),
            ...words.map((word) => sql`${officials.searchKey} like ${word} escape '!'`),
          ),
        )
        .orderBy(sql`case when ${officials.searchKey} like ${first} escape '!' then 0 else 1 end`, asc(officials.id))
        .limit(limit);
      return whole(q, rows, day);
    },
    rows: (q) => q.select(columns).from(officials).orderBy(asc(officials.id)),
    primaryPosts: (q, day) =>
      q
        .select({ officialId: posts.officialId, unitId: posts.unitId, title: posts.title, role: posts.role })
        .from(posts)
        .where(and(eq(posts.isPrimary, true), standing(day)))
        .orderBy(asc(posts.id)),
    addPost: async (q, post) => void (await q.insert(posts).values({ ...post, validTo: null })),
    async endPosts(q, officialId, day) {
      await q
        .update(posts)
        .set({ validTo: day })
        .where(and(eq(posts.officialId, officialId), standing(day)));
    },
  };
}

function columnsOf(db: Database) {
  const { id, accountId, fullName, familyName, middleName, givenName, status, externalId } = db.t.officials;
  return { id, accountId, fullName, familyName, middleName, givenName, status, externalId };
}

async function complete(
  db: Database,
  q: Query,
  rows: OfficialRow[],
  standing: ReturnType<typeof and>,
): Promise<Official[]> {
  const { posts, units, addresses } = db.t;
  const postsOf = new Map<number, Post[]>();
  const addressesOf = new Map<number, { address: string; isPrimary: boolean }[]>();
  for (let i = 0; i < rows.length; i += CHUNK) {
    const chunk = rows.slice(i, i + CHUNK);
    const held = await q
      .select({ post: posts, unitCode: units.code, unitName: units.name, unitShortName: units.shortName })
      .from(posts)
      .innerJoin(units, eq(units.id, posts.unitId))
      .where(
        and(
          inArray(
            posts.officialId,
            chunk.map((row) => row.id),
          ),
          standing,
        ),
      )
      .orderBy(desc(posts.isPrimary), asc(posts.id));
    for (const { post, ...unit } of held) {
      const { unitId, title, role, isPrimary } = post;
      append(postsOf, post.officialId, { unitId, ...unit, title, role, isPrimary });
    }
    const given = await q
      .select({ accountId: addresses.accountId, address: addresses.address, isPrimary: addresses.isPrimary })
      .from(addresses)
      .where(
        inArray(
          addresses.accountId,
          chunk.map((row) => row.accountId),
        ),
      )
      .orderBy(asc(addresses.address));
    for (const { accountId, ...address } of given) append(addressesOf, accountId, address);
  }
  return rows.map(({ externalId: _, ...row }) => {
    const own = addressesOf.get(row.accountId) ?? [];
    return {
      ...row,
      address: own.find((a) => a.isPrimary)?.address ?? '',
      aliases: own.filter((a) => !a.isPrimary).map((a) => a.address),
      posts: postsOf.get(row.id) ?? [],
    };
  });
}

function append<T>(map: Map<number, T[]>, key: number, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
