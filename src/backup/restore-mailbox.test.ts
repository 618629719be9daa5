/** One mailbox brought back beside the living one: octet by octet, under the names that were meant, over damage that happened meanwhile. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { MailboxId } from '../base/ids.ts';
import { noise } from '../blobs/testing/noise.ts';
import { sweep } from '../maintenance.ts';
import { restoreMailbox, type MailboxRestore } from './restore-mailbox.usecases.ts';
import { world, type World } from './testing/installation.ts';

const HOUR = 3_600_000;

let w: World;
const account = () => w.people.hung.accountId;
const bringBack = (more: Partial<MailboxRestore> = {}) =>
  restoreMailbox(w.parts, {
    ...{ backup: w.backups, address: w.people.hung.address, again: false, ignoreQuota: false, actor: 'cli' },
    ...more,
  });

interface Held {
  path: string;
  bytes: string;
  keywords: readonly string[];
  receivedAt: number;
}

/** All mail of the account as anybody would see it; what cannot be read has no octets. */
async function held(below = ''): Promise<Held[]> {
  const reader = w.parts.mailstore.read(account());
  const mailboxes = await reader.mailboxes();
  const pathOf = (id: MailboxId | null): string => {
    const one = mailboxes.find((mailbox) => mailbox.id === id);
    return one ? `${pathOf(one.parentId)}/${one.name}` : '';
  };
  const found: Held[] = [];
  for (const { id } of mailboxes)
    for (const { blobHash, keywords, receivedAt } of await reader.placed(id)) {
      const bytes = await w.parts.blobs.read(blobHash).catch(() => Buffer.from('unreadable'));
      found.push({ path: pathOf(id), bytes: Buffer.from(bytes).toString('latin1'), keywords, receivedAt });
    }
  return found
    .filter(({ path }) => path.startsWith(below))
    .map((one) => ({ ...one, path: one.path.slice(below.length) }));
}

const makeFolder = (name: string, parentId: MailboxId | null = null): Promise<MailboxId> =>
  w.parts.mailstore.write(account(), async (writer) => (await writer.createMailbox({ name, parentId })).id);

async function append(
  bytes: Buffer,
  mailboxIds: MailboxId[],
  keywords: string[] = [],
  receivedAt = 1e12,
): Promise<void> {
  const message = await w.parts.mailstore.prepare(bytes);
  await w.parts.mailstore.write(account(), (writer) => writer.append(message, { mailboxIds, keywords, receivedAt }));
}

async function loseAll(): Promise<void> {
  await w.parts.mailstore.write(account(), async (writer) => writer.destroyEmails(await writer.query({})));
  w.clock.advance(100 * HOUR);
  await sweep(w.parts);
}

async function checked(): Promise<string[]> {
  const findings: string[] = [];
  for await (const { finding } of w.parts.mailstore.check({ deep: true })) findings.push(finding);
  return findings;
}

describe('what had changed in the store', () => {
  beforeAll(async () => {
    w = await world('sqlite');
    for (let i = 0; i < 3; i++) await w.put(`thu-${i}`, { attachment: noise(200_000, 1) });
    await w.put('nho', { attachment: noise(5000, 3) });
    await w.take();
  });
  afterAll(() => w.dispose());

  /** The file that three letters share, the recipe of another, and its small file. */
  async function spoil(): Promise<void> {
    const blobs = join(w.data, 'blobs');
    const [path] = readdirSync(blobs, { recursive: true }).flatMap((name) => (String(name).length > 60 ? [name] : []));
    const stored = readFileSync(join(blobs, String(path)));
    stored.fill(0, 70_000, 70_512);
    writeFileSync(join(blobs, String(path)), stored);
    for (const size of [sql`size = 5000`, sql`parts > 0 and size < 9000`]) {
      const [row] = await w.parts.db.read.rows(sql`select hash, data from blobs where ${size}`);
      const data = Buffer.from(row![1] as Uint8Array);
      data[data.length - 3]! ^= 1;
      await w.parts.db.write(({ q }) => q.exec(sql`update blobs set data = ${data} where hash = ${String(row![0])}`));
    }
  }

  it('is whole again where it always lay, for every letter that needs it, and in the folder of what came back', async () => {
    const before = await held();
    await spoil();
    expect((await held()).filter(({ bytes }) => bytes === 'unreadable')).toHaveLength(4);
    expect(await checked()).not.toEqual([]);
    expect(await bringBack({ into: 'Khôi phục' })).toMatchObject({ restored: 4, mended: 3, lost: [] });
    expect(await checked()).toEqual([]);
    expect(await held('/Hộp thư đến')).toEqual(before.map((one) => ({ ...one, path: '' })));
    expect((await held('/Khôi phục/Hộp thư đến')).map(({ bytes }) => bytes)).toEqual(before.map(({ bytes }) => bytes));
  });

  it('also when the letters lie in that folder already', async () => {
    await spoil();
    expect(await bringBack({ into: 'Khôi phục' })).toMatchObject({ restored: 0, present: 4, mended: 3, lost: [] });
    expect(await checked()).toEqual([]);
    expect(await bringBack({ into: 'Khôi phục' })).toMatchObject({ restored: 0, present: 4, mended: 0 });
  });
});

describe('a mailbox that is brought back', () => {
  const header = 'From: a@example.org\r\nSubject: lạ\r\n';
  const odd: [string, Buffer][] = [
    ['no octet at all', Buffer.alloc(0)],
    ['one octet', Buffer.from('x')],
    ['a header only', Buffer.from(header)],
    ['bare line ends, mixed', Buffer.from(`${header}\r\na\nb\r\nc\rd\r\n\n\r`)],
    [
      'octets of no encoding, NUL among them',
      Buffer.from([...Buffer.from(`${header}\r\n`), 0, 255, 254, 0, 13, 0, 10]),
    ],
    ['a header of another century', Buffer.from(`${header}Date: 31 Feb 0000\r\nX-\xff: \x00\r\n\r\nx`, 'latin1')],
    [
      'base64 whose last line has another end',
      Buffer.from(
        `${header}MIME-Version: 1.0\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${noise(9000).toString('base64').replace(/.{76}/g, '$&\r\n')}\n\r\n`,
      ),
    ],
  ];
  let before: Held[];
  beforeAll(async () => {
    w = await world('sqlite');
    const nfd = 'Dự án điện'.normalize('NFD');
    const project = await makeFolder(nfd);
    const inner = await makeFolder('Hồ sơ', project);
    const [sent, small] = [await makeFolder('Sent'), await makeFolder('sent')];
    for (const [i, [, bytes]] of odd.entries()) await append(bytes, [inner], [], i === 0 ? 0 : 1e12 + i);
    await append(Buffer.from(`${header}\r\nhai nơi`), [project, inner], ['$seen', '$flagged', 'viec-gap']);
    for (let i = 0; i < 2; i++) await append(Buffer.from(`${header}\r\nhai lần`), [project], i ? ['$answered'] : []);
    await append(Buffer.from(`${header}\r\ncủa chương trình thư`), [sent]);
    await append(Buffer.from(`${header}\r\nchữ thường`), [small]);
    const role = await w.parts.mailstore.read(account()).mailboxByRole('sent');
    await append(Buffer.from(`${header}\r\nđã gửi`), [role!.id]);
    before = await held();
    await w.take();
    await loseAll();
  });
  afterAll(() => w.dispose());

  it('is the same mail to the octet, with flags, keywords and dates, each in all its folders', async () => {
    const { into, restored } = await bringBack();
    // 01:30 in the night of Vietnam is the day before in UTC.
    expect([into, restored]).toEqual([
      `Khôi phục ${new Date(w.clock.now() - 100 * HOUR + 7 * HOUR).toISOString().slice(0, 10)}`,
      13,
    ]);
    expect(await held(`/${into}`)).toEqual(before);
    expect(before).toHaveLength(14);
    expect(await checked()).toEqual([]);
  });

  it.each([
    ['Dự án điện', 'Dự án điện', 11],
    ['DỰ ÁN ĐIỆN', 'Dự án điện', 11],
    ['Dự án điện/Hồ sơ', 'Hồ sơ', 8],
    ['Sent', 'Sent', 1],
    ['sent', 'sent', 1],
    ['SENT', 'Sent', 1],
    ['Thư đã gửi', 'Thư đã gửi', 1],
  ])('of which only %s is wanted is that folder, however its name is written', async (only, name, places) => {
    for (const form of ['NFC', 'NFD'] as const) {
      const into = `Chỉ ${only.replace('/', ' ')}`.normalize(form);
      const done = await bringBack({ only: only.normalize(form), into });
      expect(done.lost).toEqual([]);
      const found = await held(`/${into.normalize('NFC')}`);
      expect(found).toHaveLength(places);
      // Written either way it is the same folder: the second time all is there.
      expect(form === 'NFC' ? done.present : done.restored).toBe(0);
      expect(found.every(({ path }) => path.startsWith(`/${name}`))).toBe(true);
    }
  });

  it('is in the audit log as far as it came, also when it breaks off', async () => {
    let appended = 0;
    const mailstore = {
      ...w.parts.mailstore,
      write: ((id, work) =>
        ++appended > 4
          ? Promise.reject(new Error('gone'))
          : w.parts.mailstore.write(id, work)) as typeof w.parts.mailstore.write,
    };
    const ask = {
      backup: w.backups,
      address: w.people.hung.address,
      again: false,
      ignoreQuota: false,
      actor: 'cli',
      into: 'Dở',
    };
    await expect(restoreMailbox({ ...w.parts, mailstore }, ask)).rejects.toThrow('gone');
    const rows = await w.parts.db.read.rows(sql`select action, details from audit_log order by id desc limit 1`);
    expect([rows[0]![0], JSON.parse(String(rows[0]![1]))]).toMatchObject([
      'mailbox.restored',
      { into: 'Dở', restored: 3 },
    ]);
    expect(await held('/Dở')).toHaveLength(3);
  });

  it('finds nobody under an address that nobody has, and changes nothing', async () => {
    const now = await held();
    for (const address of ['', 'khong-co@caoson.gov.vn', 'hung', "'; drop table emails; --@x"])
      await expect(bringBack({ address })).rejects.toMatchObject({ kind: 'notFound' });
    expect(await held()).toEqual(now);
    const again = await bringBack({ address: w.people.hung.address.toUpperCase() });
    expect([again.restored, again.present]).toEqual([0, 13]);
  });
});
