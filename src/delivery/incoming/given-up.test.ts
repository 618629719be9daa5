/** What a client filed and could not be stored lies aside: the next start stores it once, wherever that one ends. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import { sha256 } from '../../base/bytes.ts';
import { DomainError } from '../../base/errors.ts';
import type { AccountId, MailboxId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { message, openStore, START, type TestStore } from '../../mailstore/testing/setup.ts';
import { createFiling } from './filing.ts';
import { createIncoming } from './incoming.ts';
import { Processes } from './testing/processes.ts';
import type { FileMail, Incoming } from './types.ts';

describe.each(dialects)('what was filed and given up ($dialect)', ({ open }) => {
  let test: TestStore;
  let folder: string;
  let accountId: AccountId;
  let mailboxId: MailboxId;
  beforeEach(async () => {
    test = await openStore(open);
    folder = join(test.folder, 'incoming');
    accountId = await test.account();
    mailboxId = await test.role(accountId, 'archive');
  });
  afterEach(async () => {
    expect(await test.findings({ deep: true })).toEqual([]);
    await test.dispose();
  });

  const processes = new Processes();
  type Store = (mail: Parameters<FileMail>[0], asEver: () => Promise<void>) => Promise<void>;
  const asEver: Store = (_, store) => store();
  const refused = () => Promise.reject(new DomainError('invalid', 'mail.mistake', 'a mistake of ours'));
  /** The process ends before it is stored, or after it was and before that is known. */
  const endsBefore: Store = () => processes.never;
  const endsAfter: Store = async (_, store) => {
    await store();
    await processes.never;
  };
  /** A process that has begun to start. */
  const begin = (how: Store) => {
    const store = test.beside();
    const filing = createFiling({ db: test.db, mailstore: store, verdictOf: async () => null });
    const wrapped: FileMail = async (mail) => {
      const stored = await filing(mail);
      return () => how(mail, stored);
    };
    const incoming = processes.add(
      createIncoming({
        ...{ folder, mostBytes: 10_000, log: silentLog, isDelivered: async () => false },
        filing: { promised: store.promised, store: wrapped },
      }),
    );
    incoming.expect();
    return { incoming, store, started: incoming.start(async () => async () => undefined) };
  };
  const process = async (...given: Parameters<typeof begin>) => {
    const begun = begin(...given);
    await begun.started;
    return begun;
  };
  const file = (incoming: Incoming, bytes = message()) =>
    incoming.file({ accountId, mailboxId }, bytes, { keywords: ['viec'], deleted: false, receivedAt: START });
  const append = async (store = test.store) => {
    const prepared = await store.prepare(message());
    const { uids: given } = await store.write(accountId, (w) => w.append(prepared, { mailboxIds: [mailboxId] }));
    return given.get(mailboxId);
  };
  const expunge = (uid: number) =>
    test.store.write(accountId, async (w) => {
      await w.setDeleted(mailboxId, [uid], true);
      await w.expunge(mailboxId);
    });
  const uids = async () => [...(await test.store.read(accountId).uids(mailboxId))];
  const aside = () =>
    readdir(join(folder, 'aside')).then(
      (names) => names.sort(),
      () => [],
    );
  const note = async (): Promise<Record<string, unknown>> => {
    const name = (await aside()).find((one) => one.endsWith('.json'));
    return JSON.parse(await readFile(join(folder, 'aside', name!), 'utf8')) as Record<string, unknown>;
  };
  /** It was told UID 1, lies aside, and the process has ended. */
  const givenUp = async (bytes = message()) => {
    const { incoming } = await process(refused);
    expect((await file(incoming, bytes))?.uid).toBe(1);
    await expect.poll(async () => (await aside()).length).toBe(2);
    await incoming.stop();
  };

  it('is stored once when the process ends between its commit and the removal of what lay aside', async () => {
    await givenUp();
    void begin(endsAfter);
    await expect.poll(uids).toHaveLength(1);
    expect(await aside()).toHaveLength(2);
    await process(asEver);
    expect(await uids()).toHaveLength(1);
    expect(await aside()).toEqual([]);
    await process(asEver);
    expect(await uids()).toHaveLength(1);
  });

  it('does not come back that way either when it was moved away meanwhile', async () => {
    await givenUp();
    void begin(endsAfter);
    await expect.poll(uids).toHaveLength(1);
    const inbox = await test.role(accountId, 'inbox');
    const there = await uids();
    await test.store.write(accountId, (w) => w.move(mailboxId, there, inbox));
    await process(asEver);
    expect(await uids()).toEqual([]);
    expect((await test.store.read(accountId).info()).emailCount).toBe(1);
    expect(await aside()).toEqual([]);
  });

  it('keeps the UID that it was promised then until the start after that', async () => {
    await givenUp();
    void begin(endsBefore);
    await expect.poll(async () => (await note())['again']).toBeDefined();
    const { uid } = (await note())['again'] as { uid: number };
    const next = begin(asEver);
    const other = append(next.store);
    await next.started;
    expect(await other).toBe(uid + 1);
    expect(await uids()).toEqual([uid, uid + 1]);
    expect(await aside()).toEqual([]);
  });

  it('is not taken for stored when it was given up again, and somebody else had that UID', async () => {
    await givenUp();
    await (await process(refused)).incoming.stop();
    expect(await note()).not.toHaveProperty('again');
    await append();
    await append();
    for (const uid of await uids()) await expunge(uid);
    await process(asEver);
    expect(await uids()).toEqual([3]);
    expect(await aside()).toEqual([]);
  });

  it('that ends the server whenever it is stored ends two starts, and is stored when somebody says so', async () => {
    const bytes = message();
    await givenUp(bytes);
    for (const trying of ['', sha256(bytes)]) {
      void begin(endsBefore);
      await expect.poll(() => readFile(join(folder, 'starting'), 'utf8').catch(() => 'none')).toBe(trying);
      await expect.poll(async () => (await note())['again']).toBeDefined();
    }
    await process(asEver);
    expect(await uids()).toEqual([]);
    expect(await note()).toMatchObject({ fatal: true });
    const { fatal: _, ...more } = await note();
    expect(more).not.toHaveProperty('again');
    const name = (await aside()).find((one) => one.endsWith('.json'))!;
    await writeFile(join(folder, 'aside', name), JSON.stringify(more));
    await process(asEver);
    expect(await uids()).toHaveLength(1);
  });

  it('does not keep the server from starting while nothing can be stored in its mailbox', async () => {
    const bad = message();
    const crashed = await process((mail) => (mail.bytes === bad ? refused() : processes.never));
    await file(crashed.incoming, bad);
    await expect.poll(async () => (await aside()).length).toBe(2);
    await expect.poll(() => file(crashed.incoming)).toBeDefined();
    const full: Store = () => Promise.reject(Object.assign(new Error('no room'), { code: 'ENOSPC' }));
    await (await process(full)).incoming.stop();
    expect([await uids(), (await aside()).length]).toEqual([[], 2]);
    await process(asEver);
    expect(await uids()).toHaveLength(2);
    expect(await aside()).toEqual([]);
  });

  it('does not give its UID to anybody else, in this process or the next', async () => {
    const bytes = message();
    const { incoming, store } = await process((mail, stored) => (mail.bytes === bytes ? refused() : stored()));
    expect((await file(incoming, bytes))?.uid).toBe(1);
    await expect.poll(async () => (await aside()).length).toBe(2);
    expect(await append(store)).toBe(2);
    await expect.poll(() => file(incoming)).toMatchObject({ uid: 3 });
    await incoming.settled([accountId]);
    await incoming.stop();
    await expunge(2);
    await expunge(3);
    const next = await process(asEver);
    expect(await append(next.store)).toBe(5);
    expect(await uids()).toEqual([4, 5]);
  });

  it('does not lose to the same octets, filed and given up under the next UID', async () => {
    const bytes = message();
    const { incoming } = await process(refused);
    for (const uid of [1, 2]) {
      expect(await file(incoming, bytes)).toMatchObject({ uid });
      await incoming.settled([accountId]);
    }
    await expect.poll(async () => (await aside()).length).toBe(4);
    await incoming.stop();
    await process(asEver);
    expect(await uids()).toHaveLength(2);
    expect(await aside()).toEqual([]);
  });

  it('waits for the next start where its note cannot be written; others go on', async () => {
    await givenUp();
    const name = (await aside()).find((one) => one.endsWith('.json'))!;
    const inTheWay = join(folder, 'aside', `${name}.tmp`);
    await mkdir(inTheWay);
    const held = await process(asEver);
    expect(await append(held.store)).toBe(2);
    await held.incoming.stop();
    await rm(inTheWay, { recursive: true });
    expect(await aside()).toHaveLength(2);
    await process(asEver);
    expect(await uids()).toEqual([2, 3]);
  });

  it('stays when its mailbox is gone, and the server starts', async () => {
    mailboxId = (await test.store.write(accountId, (w) => w.createMailbox({ name: 'Lưu tạm' }))).id;
    await givenUp();
    await test.store.write(accountId, (w) => w.destroyMailbox(mailboxId, { removeEmails: true }));
    await process(asEver);
    expect(await aside()).toHaveLength(2);
    expect(await note()).not.toHaveProperty('again');
  });

  it('comes in though the quota is full by now', async () => {
    const bytes = message();
    accountId = await test.account(bytes.length + 200);
    mailboxId = await test.role(accountId, 'archive');
    await givenUp(bytes);
    await append();
    await process(asEver);
    expect(await uids()).toHaveLength(2);
  });
});
