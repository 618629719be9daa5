import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, type TestDatabase } from '../../test/support/databases.ts';
import type { AccountId, BlobHash, EmailId, ModSeq, ThreadId } from '../base/ids.ts';
import { inserter, prepared } from './prepared.ts';

const email = (id: number, keywords: string[] = []) => ({
  accountId: 7 as AccountId,
  id: id as EmailId,
  blobHash: `hash-${id}` as BlobHash,
  threadId: 1 as ThreadId,
  size: 10,
  receivedAt: 2 ** 50,
  flags: 0,
  keywords,
  createdModseq: 1 as ModSeq,
  modseq: 1 as ModSeq,
  searchId: id as EmailId,
});

const insertEmails = inserter('emails', [
  ...(['accountId', 'id', 'blobHash', 'threadId', 'size', 'receivedAt', 'flags', 'keywords'] as const),
  ...(['createdModseq', 'modseq', 'searchId'] as const),
]);

const byHash = prepared<{ hash: string }>()((q, { emails: e }, given) =>
  q.select({ id: e.id, keywords: e.keywords }).from(e).where(eq(e.blobHash, given.hash)),
);

describe.each(dialects)('statements built once on $dialect', ({ open }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await open();
  });
  afterAll(() => test.dispose());

  it('insert any number of rows, with values as the column writes them', async () => {
    const { db } = test;
    const rows = Array.from({ length: 1203 }, (_, i) => email(i + 1, i === 0 ? ['"quoted"'] : []));
    await db.write(async ({ q }) => void (await insertEmails({ db, q }, rows)));
    await db.write(async ({ q }) => void (await insertEmails({ db, q }, [])));
    expect(await db.read.$count(db.t.emails)).toBe(1203);
    const [first] = await db.read
      .select()
      .from(db.t.emails)
      .where(eq(db.t.emails.id, 1 as EmailId));
    expect(first).toEqual(email(1, ['"quoted"']));
  });

  it('write null as null, and give what "returning" names', async () => {
    const { db } = test;
    const blob = { hash: 'a' as BlobHash, size: 1, parts: 0, data: null, createdAt: 5 };
    const renew = 'on conflict ("hash") do update set "created_at" = excluded."created_at" returning "created_at"';
    const insert = inserter('blobs', ['hash', 'size', 'parts', 'createdAt', 'data'], renew);
    const put = (createdAt: number) => db.write(({ q }) => insert({ db, q }, [{ ...blob, createdAt }]));
    expect(await put(5)).toEqual([[5]]);
    expect(await put(6)).toEqual([[6]]);
    expect(await db.read.select().from(db.t.blobs)).toEqual([{ ...blob, createdAt: 6 }]);
  });

  it('answer like the query that they were built from, inside and outside a unit of work, again and again', async () => {
    const { db } = test;
    for (const hash of ['hash-1', 'hash-2', 'nothing']) {
      const expected = await db.read
        .select({ id: db.t.emails.id, keywords: db.t.emails.keywords })
        .from(db.t.emails)
        .where(eq(db.t.emails.blobHash, hash as BlobHash));
      expect(await byHash({ db, q: db.read }, { hash })).toEqual(expected);
      expect(await db.write(({ q }) => byHash({ db, q }, { hash }))).toEqual(expected);
    }
  });
});
