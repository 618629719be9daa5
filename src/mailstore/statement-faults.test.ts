/**
 * Every operation, with a failure of each of its statements in turn: it is refused, nothing of it stays, in the tables or in memory,
 * and asked again it does what it would have done. Beside it an account that does the same and has its units run twice now and then:
 * in the end the two cannot be told apart.
 */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import type { AccountId, EmailId, MailboxId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { random } from '../base/testing/random.ts';
import { createBlobStore, type BlobStore } from '../blobs/blob-store.ts';
import { noise } from '../blobs/testing/noise.ts';
import { failing, isFault, type Failing } from '../db/testing/failing.ts';
import { createMailstore } from './mailstore.ts';
import { message, openStore, START, type TestStore } from './testing/setup.ts';
import { allRows, rowsOfAccount } from './testing/tables.ts';
import type { AccountWriter, Mailstore, PreparedMessage } from './types.ts';

const HOUR = 3_600_000;
const ids = (...list: number[]): EmailId[] => list as EmailId[];

interface Party {
  id: AccountId;
  inbox: MailboxId;
  archive: MailboxId;
  /** Its own, so that neither hears of what becomes of the other's. */
  messages: PreparedMessage[];
}

interface Operation {
  title: string;
  /** Several units of work, or for all accounts: what the first ones did stays. */
  inSteps?: boolean;
  run(store: Mailstore, party: Party): Promise<unknown>;
}

describe.each(dialects)('a statement that fails on $dialect', ({ dialect, open }) => {
  let t: TestStore;
  let faults: Failing;
  let blobs: BlobStore;
  let store: Mailstore;
  const dice = random(7);
  beforeAll(async () => {
    t = await openStore(open);
    faults = failing(t.db);
    blobs = createBlobStore({ db: faults.db, backend: t.blobs.backend, clock: t.clock });
    store = createMailstore({ db: faults.db, blobs, clock: t.clock, log: silentLog });
  });
  beforeEach(() => faults.never());
  afterAll(async () => {
    await store.stop();
    await t.dispose();
  });

  const large = { 'Content-Type': 'application/pdf', 'Content-Transfer-Encoding': 'base64' };
  const file = noise(150_000).toString('base64').replace(/.{76}/g, '$&\r\n');
  let parties = 0;
  /** Some mail in two mailboxes, a thread of three, a mailbox below another, words in the index and words that are pending. */
  async function party(): Promise<Party> {
    const own = `${++parties}`.padStart(4, '0');
    const messages: PreparedMessage[] = [];
    for (let i = 0; i < 8; i++) {
      const fields = { 'Message-ID': `<${i}.${own}@x>`, ...(i < 3 && { References: `<r.${own}@x>` }) };
      messages.push(await store.prepare(message({ ...fields, ...(i === 3 && large) }, i === 3 ? file : `thư ${i}`)));
    }
    const id = await t.account();
    const [inbox, archive] = [await t.role(id, 'inbox'), await t.role(id, 'archive')];
    await store.write(id, async (w) => {
      for (const one of messages.slice(0, 5)) await w.append(one, { mailboxIds: [inbox], keywords: ['viec'] });
      await w.setMailboxes(ids(2)[0]!, [inbox, archive]);
      const above = await w.createMailbox({ name: 'Trên' });
      const below = await w.createMailbox({ name: 'Dưới', parentId: above.id });
      await w.copy(ids(1, 2), below.id);
    });
    return { id, inbox, archive, messages };
  }
  async function twoParties(): Promise<[Party, Party]> {
    const both: [Party, Party] = [await party(), await party()];
    await store.indexing.settle();
    for (const { id, inbox, messages } of both)
      await store.write(id, (w) => w.append(messages[5]!, { mailboxIds: [inbox] }));
    return both;
  }

  const unit =
    (work: (writer: AccountWriter, party: Party) => Promise<unknown>): Operation['run'] =>
    (s, one) =>
      s.write(one.id, (writer) => work(writer, one));
  const submission = { sentBy: null, identityId: 'x', emailId: ids(1)[0]!, threadId: 1 as never, sendAt: START };
  const envelope = { mailFrom: { email: 'a@x', parameters: null }, rcptTo: [] };

  const operations: Operation[] = [
    {
      title: 'append into two mailboxes',
      run: unit((w, { inbox, archive, messages }) =>
        w.append(messages[6]!, { mailboxIds: [inbox, archive], keywords: ['$seen', 'mới'.slice(0, 1)] }),
      ),
    },
    {
      title: 'append what is known, with the verdict that it lacked',
      run: unit((w, { inbox, messages }) =>
        w.append({ ...messages[0]!, verdict: { kind: 'whole' } }, { mailboxIds: [inbox] }),
      ),
    },
    {
      title: 'several deliveries in one unit',
      run: (s, { id, messages }) =>
        faults.db.write(async (tx) => {
          for (const one of messages) await s.deliver(tx, id, one, 'inbox', { flushLater: true });
          await s.flush(tx);
        }),
    },
    { title: 'copy', run: unit((w, { archive }) => w.copy(ids(1, 2, 3), archive)) },
    {
      title: 'keywords',
      run: unit((w) => w.setKeywords(ids(1, 2, 3, 4), { add: ['$seen', 'gap'], remove: ['viec'] })),
    },
    { title: 'marks of deletion', run: unit((w, { inbox }) => w.setDeleted(inbox, [1, 2, 3], true)) },
    { title: 'membership', run: unit((w, { archive }) => w.setMailboxes(ids(3)[0]!, [archive])) },
    { title: 'a new mailbox', run: unit((w) => w.createMailbox({ name: 'Mới', role: null })) },
    {
      title: 'a mailbox that moves',
      run: unit((w) => w.updateMailbox(8 as MailboxId, { parentId: null, name: 'Lên' })),
    },
    {
      title: 'an upload',
      run: async (s, { id, messages: [, , , large] }) =>
        s.write(id, (w) => w.recordUpload(large!.blob, 'text/plain', START + HOUR)),
    },
    {
      title: 'submissions',
      run: unit(async (w) => {
        const { id } = await w.createSubmission({ ...submission, envelope, undoStatus: 'pending', outboundId: null });
        await w.updateSubmission(id, { undoStatus: 'final' });
        const other = await w.createSubmission({ ...submission, envelope, undoStatus: 'final', outboundId: 3 });
        await w.destroySubmission(other.id);
      }),
    },
    {
      title: 'a verdict',
      run: (s, { messages }) =>
        faults.db.write((tx) => s.setVerdict(tx, messages[1]!.blob.hash, { kind: 'unsigned' }, START)),
    },
    {
      title: 'a document that was recognised',
      run: (s, { messages }) => faults.db.write((tx) => s.setHasDocument(tx, messages[1]!.blob.hash)),
    },
    {
      title: 'what an account may hold',
      run: (s, { id }) => faults.db.write((tx) => s.setAccount(tx, id, { quotaBytes: 10 ** 8, status: 'disabled' })),
    },
    { title: 'what was told as recent', run: unit((w, { inbox }) => w.tellRecent(inbox, 3)) },
    {
      title: 'a log that is forgotten',
      run: (s, { id }) => faults.db.write((tx) => s.pruneChanges(tx, id, 3 as never)),
    },
    {
      title: 'a UID that is promised and kept',
      run: async (s, { id, inbox, messages }) => {
        const place = { accountId: id, mailboxId: inbox };
        const filing = { keywords: ['hen'], deleted: true, receivedAt: START };
        const promise = await s.promised.uid(place, filing, 100, () => undefined);
        try {
          const mail = [{ uid: promise.uid, message: messages[7]!, filing }];
          await faults.db.write((tx) => s.promised.store(tx, place, mail));
        } finally {
          promise.done();
        }
      },
    },
    { title: 'move', run: unit((w, { inbox, archive }) => w.move(inbox, [1, 2, 3, 4], archive)) },
    {
      title: 'expunge of what is indexed and what is not',
      run: unit(async (w, { inbox }) => {
        await w.setDeleted(inbox, [1, 2, 4, 5, 6], true);
        await w.expunge(inbox);
      }),
    },
    {
      title: 'a mailbox that goes with its mail',
      run: unit((w) => w.destroyMailbox(8 as MailboxId, { removeEmails: true })),
    },
    { title: 'destruction of a whole thread', run: unit((w) => w.destroyEmails(ids(1, 2, 3, 6, 7))) },
    {
      title: 'a search that indexes first',
      inSteps: true,
      run: (s, { id }) => s.read(id).query({ filter: { text: 'thư' } }),
    },
    {
      title: 'a sweep',
      inSteps: true,
      async run(s, { id }) {
        await s.write(id, (w) => w.destroyEmails(ids(4, 5)));
        const before = t.clock.now() + HOUR;
        await s.sweep(before);
        await blobs.sweep((hashes) => s.referenced(hashes), before);
      },
    },
    {
      title: 'a repair of counters',
      inSteps: true,
      async run(s, { id }) {
        await t.db.write(({ q }) => q.exec(sql`update mailboxes set total_emails = 99 where account_id = ${id}`));
        for await (const { finding } of s.repair()) expect(finding).toContain('anew');
      },
    },
  ];

  /** @returns how many statements it has, more or less */
  async function withFaults({ title, run, inSteps }: Operation, one: Party, accounts: AccountId[]): Promise<number> {
    const before = await allRows(t.db, accounts);
    // The way back from a failure is the same on both; on PostgreSQL each costs several times as much.
    for (let step = 0; ; step += dialect === 'pg' ? 1 + dice.int(5) : 1) {
      faults.at(step);
      const error = await run(store, one).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      const struck = faults.struck();
      faults.never();
      expect(struck ? isFault(error) : error === undefined, `${title}, ${step}: ${String(error)}`).toBe(true);
      if (!struck) return step;
      if (!inSteps) expect(await allRows(t.db, accounts), `${title}, ${step}`).toEqual(before);
    }
  }

  it('refuses what was asked, leaves nothing of it, and keeps nobody from asking again', async () => {
    const [one, other] = await twoParties();
    for (const operation of operations) {
      const { title, run } = operation;
      const statements = await withFaults(operation, one, [one.id, other.id]);
      expect(statements, title).toBeGreaterThan(1);
      faults.at(dice.int(statements), 'again');
      await run(store, other);
      faults.never();
      const [mine, others] = [await rowsOfAccount(t.db, one.id), await rowsOfAccount(t.db, other.id)];
      if (!operation.inSteps) expect(others, title).toEqual(mine);
      expect(await t.findings(), title).toEqual([]);
    }
    await store.indexing.settle();
    expect(await t.findings({ deep: true })).toEqual([]);
    const [found, alike] = [one, other].map(({ id }) => store.read(id).query({ filter: { text: 'thư' } }));
    expect(await found).toEqual(await alike);
    expect((await found)!.length).toBeGreaterThan(3);
  }, 90_000);
});
