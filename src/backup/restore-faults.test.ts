/** Bringing back what is odd, and bringing back what breaks off: a restore can be run again, and a mailbox always finds its place. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { MailboxId } from '../base/ids.ts';
import { createLog } from '../base/log.ts';
import { loadConfig } from '../config.ts';
import { openSqlite } from '../db/dialects/sqlite.ts';
import { MAX_DEPTH } from '../mailstore/names.ts';
import { sweep } from '../maintenance.ts';
import { openParts } from '../parts.ts';
import { backup } from './backup.usecases.ts';
import { restoreMailbox, type MailboxRestore } from './restore-mailbox.usecases.ts';
import { restore } from './restore.usecases.ts';
import { world, type Dialect, type World } from './testing/installation.ts';

const HOUR = 3_600_000;

describe.each(['sqlite', 'pg'] as const)('what is brought back from a backup on %s', (dialect: Dialect) => {
  let w: World;
  const account = () => w.people.hung.accountId;
  const ask = (more: Partial<MailboxRestore> = {}): MailboxRestore => ({
    ...{ backup: w.backups, address: w.people.hung.address, again: false, ignoreQuota: false, actor: 'cli' },
    ...{ into: 'Khôi phục', ...more },
  });
  const folders: MailboxId[] = [];
  let letters: Buffer[] = [];

  beforeAll(async () => {
    w = await world(dialect);
    // A tree of all the levels that there may be, a letter in each of the last two.
    await w.parts.mailstore.write(account(), async (writer) => {
      for (let level = 0; level < MAX_DEPTH; level++) {
        const made = await writer.createMailbox({ name: `Cấp ${level}`, parentId: folders.at(-1) ?? null });
        folders.push(made.id);
      }
    });
    const [inner, innermost] = [
      await w.put('trong', { attachment: randomBytes(5000) }),
      await w.put('cuoi', { mailboxId: folders.at(-1)! }),
    ];
    const passedOn = await w.put('chuyen-tiep', { attachment: inner });
    const again = await w.put('chuyen-tiep-nua', { attachment: passedOn, mailboxId: folders.at(-2)! });
    letters = [inner, innermost, passedOn, again];
    await w.take();
    await w.parts.mailstore.write(account(), async (writer) => {
      await writer.destroyEmails(await writer.query({}));
    });
    w.clock.advance(100 * HOUR);
    await sweep(w.parts);
  });
  afterAll(() => w.dispose());

  const held = async () => {
    const reader = w.parts.mailstore.read(account());
    const found = new Map<string, string[]>();
    const names = new Map((await reader.mailboxes()).map((one) => [one.id, one.name]));
    for (const id of names.keys())
      for (const { blobHash } of await reader.placed(id)) {
        const bytes = Buffer.from(await w.parts.blobs.read(blobHash)).toString('latin1');
        found.set(bytes, [...(found.get(bytes) ?? []), names.get(id)!]);
      }
    return found;
  };

  it('letters with letters as their files, whose own files lie elsewhere again', async () => {
    expect(await restoreMailbox(w.parts, ask())).toMatchObject({ restored: 4, present: 0, lost: [], left: 0 });
    const found = await held();
    expect([...found.keys()].sort()).toEqual(letters.map((one) => one.toString('latin1')).sort());
  });

  it('a tree that is one level too deep below its new folder: the mail of the last lies above, once', async () => {
    const found = await held();
    expect(found.get(letters[1]!.toString('latin1'))).toEqual([`Cấp ${MAX_DEPTH - 2}`]);
    expect(await restoreMailbox(w.parts, ask())).toMatchObject({
      ...{ restored: 0, present: 4, merged: [`Cấp ${MAX_DEPTH - 1}`] },
    });
    const part = await restoreMailbox(w.parts, ask({ only: 'Cấp 0', into: 'Một phần' }));
    expect(part).toMatchObject({ restored: 2, merged: [`Cấp ${MAX_DEPTH - 1}`] });
  });

  it('nothing, where the name of the folder cannot be', async () => {
    const before = await held();
    for (const into of ['', 'a/b', 'inbox', 'x'.repeat(300)])
      await expect(restoreMailbox(w.parts, ask({ into }))).rejects.toMatchObject({ code: 'mail.mailbox_name_invalid' });
    expect(await held()).toEqual(before);
  });
});

describe('a restore of everything', () => {
  let w: World;
  beforeAll(async () => {
    w = await world('sqlite');
    for (let i = 0; i < 4; i++) await w.put(`thu-${i}`);
    await w.put('lon', { attachment: randomBytes(200_000) });
    await w.take({ passphrase: 'một câu dài để mở' });
  });
  afterAll(() => w.dispose());

  const options = (to: string) => ({
    ...{ folder: w.backups, to, deep: true, sameMoment: false, clock: w.clock, log: createLog('fatal') },
    configOf: (data: string) => loadConfig({ env: {}, data }),
  });

  it('that broke off is run again over what it left, whatever that was', async () => {
    const to = join(w.root, 'again');
    const stops: ((to: string) => void)[] = [
      // Before anything of it, after the mark alone, with half a database, with some files, with settings.
      () => undefined,
      () => writeFileSync(join(to, 'congvu.db'), 'half of one'),
      () => writeFileSync(join(to, 'congvu.db-wal'), 'x'),
      () => (
        mkdirSync(join(to, 'blobs', 'ab'), { recursive: true }),
        writeFileSync(join(to, 'blobs', 'ab', 'x.tmp'), 'x')
      ),
    ];
    for (const stop of stops) {
      const failing = {
        ...options(to),
        configOf: () => {
          throw new Error('killed here');
        },
      };
      await expect(restore(failing)).rejects.toThrow('killed here');
      expect(existsSync(join(to, 'restore-incomplete'))).toBe(true);
      expect(existsSync(join(to, 'master.key'))).toBe(false);
      stop(to);
    }
    expect(await restore(options(to))).toMatchObject({ lost: [], findings: [], masterKey: false });
    expect(readdirSync(to).filter((name) => !name.startsWith('congvu.db'))).toEqual(['blobs', 'congvu.toml']);
  });

  it('that broke off starts nothing there, though the master key was laid there beforehand', async () => {
    const to = join(w.root, 'prepared');
    mkdirSync(to);
    writeFileSync(join(to, 'master.key'), readFileSync(join(w.data, 'master.key')), { mode: 0o600 });
    const broken = {
      ...options(to),
      configOf: (data: string) => (writeFileSync(join(to, 'blobs'), ''), loadConfig({ env: {}, data })),
    };
    await expect(restore(broken)).rejects.toThrow(/ENOTDIR|EEXIST/);
    // A database with half of everything lies there, and all that a server needs.
    const config = loadConfig({ env: {}, data: to });
    await expect(openParts(config, { log: createLog('fatal') })).rejects.toThrow(/did not come to its end/);
    expect(await restore(options(to))).toMatchObject({ lost: [], findings: [], masterKey: true });
    await (await openParts(config, { log: createLog('fatal') })).close();
    expect(statSync(join(to, 'congvu.toml')).mode & 0o777).toBe(0o600);
  });

  it('is backed up at once where it stands: the backup that it comes from runs no more', async () => {
    const { open } = await w.bringBack('sqlite', { sameMoment: true });
    const parts = await open();
    try {
      const given = { folder: join(w.root, 'second'), version: 'test', keep: 3, months: 0 };
      expect(await backup(parts, given)).toMatchObject({ missing: [], faults: [] });
    } finally {
      await parts.close();
    }
  });

  it('ends at content that cannot be written, and brings all of it the next time', async () => {
    const to = join(w.root, 'full');
    // Files in the way of the folders that content goes into.
    mkdirSync(to);
    const blocked = {
      ...options(to),
      configOf: (data: string) => (writeFileSync(join(to, 'blobs'), ''), loadConfig({ env: {}, data })),
    };
    await expect(restore(blocked)).rejects.toThrow(/ENOTDIR|EEXIST/);
    expect(existsSync(join(to, 'master.key'))).toBe(false);
    expect(await restore({ ...options(to), passphrase: 'một câu dài để mở' })).toMatchObject({
      ...{ lost: [], findings: [], masterKey: true },
    });
    expect(readFileSync(join(to, 'master.key'), 'utf8')).toBe(readFileSync(join(w.data, 'master.key'), 'utf8'));
  });

  it('touches no data folder in use, nor a database that has something', async () => {
    const other = join(w.root, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'congvu.db'), '');
    await expect(restore(options(other))).rejects.toMatchObject({ code: 'restore.not_empty' });
    expect(readdirSync(other)).toEqual(['congvu.db']);
    const db = openSqlite({ file: join(w.root, 'living', 'congvu.db') });
    await db.close();
    await expect(
      restore({ ...options(join(w.root, 'new')), configOf: () => loadConfig({ env: {}, data: w.data }) }),
    ).rejects.toMatchObject({ code: 'restore.not_empty' });
    expect((await w.parts.mailstore.read(w.people.hung.accountId).info()).emailCount).toBe(5);
  });
});
