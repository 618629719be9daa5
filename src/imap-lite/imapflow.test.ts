/** A third-party client, imapflow, against our server. */
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import { HUNG, mail, PASSWORD, SHARED, startServer, type TestServer } from './testing/setup.ts';

describe('imapflow', () => {
  let test: TestServer;
  const clients: ImapFlow[] = [];
  beforeAll(async () => {
    test = await startServer(sqliteDatabase);
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await test.dispose();
  });

  async function signIn(options: { secure?: boolean } = {}): Promise<ImapFlow> {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: options.secure ? test.tlsPort : test.port,
      secure: options.secure ?? false,
      auth: { user: HUNG, pass: PASSWORD },
      tls: { rejectUnauthorized: false },
      logger: false,
    });
    clients.push(client);
    await client.connect();
    return client;
  }

  it('signs in over STARTTLS and TLS and finds mailboxes with their use', async () => {
    const client = await signIn();
    expect(client.secureConnection).toBe(true);
    const list = await client.list();
    const use = Object.fromEntries(list.map((m) => [m.path, m.specialUse]));
    expect(use).toMatchObject({
      INBOX: '\\Inbox',
      'Thư đã gửi': '\\Sent',
      'Thư nháp': '\\Drafts',
      'Thùng rác': '\\Trash',
      'Thư rác': '\\Junk',
    });
    expect(list.map((m) => m.path)).toContain(`${SHARED}/Hộp thư đến`);
    await (await signIn({ secure: true })).logout();
  });

  it('appends, lists, fetches, searches, flags, moves and deletes', async () => {
    const client = await signIn();
    await client.mailboxCreate('Hồ sơ/2026');
    const appended = await client.append(
      'INBOX',
      mail('Bao cao', 'Điều hành công văn'),
      ['\\Seen'],
      new Date('2026-01-12'),
    );
    expect(appended && appended.uid).toBeGreaterThan(0);
    await client.append('INBOX', mail('Giay moi'));
    const lock = await client.getMailboxLock('INBOX');
    try {
      const all = await client.fetchAll('1:*', {
        envelope: true,
        flags: true,
        bodyStructure: true,
        size: true,
        internalDate: true,
        threadId: true,
        source: true,
      });
      expect(all.map((m) => m.envelope?.subject)).toEqual(['Bao cao', 'Giay moi']);
      expect(all[0]?.flags?.has('\\Seen')).toBe(true);
      expect(all[0]?.internalDate).toEqual(new Date('2026-01-12'));
      expect(all[0]?.emailId).toMatch(/^a\d+e\d+$/);
      expect(all[0]?.source?.toString()).toBe(mail('Bao cao', 'Điều hành công văn'));
      expect(await client.search({ body: 'dieu hanh' }, { uid: true })).toEqual([all[0]?.uid]);
      expect(await client.search({ seen: false }, { uid: true })).toEqual([all[1]?.uid]);
      await client.messageFlagsAdd({ seen: false }, ['\\Flagged']);
      expect((await client.fetchOne('2', { flags: true })) || undefined).toMatchObject({
        flags: new Set(['\\Flagged']),
      });
      const moved = await client.messageMove('2', 'Hồ sơ/2026');
      expect(moved && moved.uidMap?.size).toBe(1);
      const downloaded = await client.download('1', '1');
      const chunks: Buffer[] = [];
      for await (const chunk of downloaded.content!) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toContain('Điều hành công văn');
      await client.messageDelete('1:*');
      expect(client.mailbox && client.mailbox.exists).toBe(0);
    } finally {
      lock.release();
    }
    expect(await client.status('Hồ sơ/2026', { messages: true, uidNext: true })).toMatchObject({ messages: 1 });
    await client.mailboxRename('Hồ sơ/2026', 'Hồ sơ/2027');
    await client.mailboxDelete('Hồ sơ/2027');
    await client.logout();
  });

  it('hears of new mail while it idles', async () => {
    const idling = await signIn();
    await idling.mailboxOpen('INBOX');
    const heard = new Promise<{ count: number }>((resolve) => idling.on('exists', resolve));
    void idling.idle();
    const other = await signIn();
    await other.append('INBOX', mail('Khan'));
    expect((await heard).count).toBe(1);
  });

  it('resynchronizes flags with CONDSTORE', async () => {
    const client = await signIn();
    const box = await client.mailboxOpen('INBOX');
    const before = box.highestModseq ?? 0n;
    await client.messageFlagsAdd('1', ['\\Answered']);
    const changed = await client.fetchAll('1:*', { flags: true }, { changedSince: before });
    expect(changed).toHaveLength(1);
    expect(changed[0]?.modseq).toBeGreaterThan(before);
  });
});
