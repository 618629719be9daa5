/** The names of snapshots, which of them stay, what a folder may hold beforehand, and what of the settings is written down. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { random } from '../base/testing/random.ts';
import { openFiles, sealFiles, withoutPassword } from './sealed-files.ts';
import {
  claimFolder,
  expired,
  FORMAT,
  freshName,
  readSnapshot,
  snapshotName,
  snapshotNames,
  writeSnapshot,
  type SnapshotFile,
} from './snapshots.ts';

const DAY = 86_400_000;
const root = mkdtempSync(join(tmpdir(), 'congvu-snapshots-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const file = (name: string): SnapshotFile => ({
  ...{ format: FORMAT, name, version: '1', installation: 'here', domain: 'x.gov.vn', dialect: 'sqlite', takenAt: 5 },
  ...{ migrations: ['0001_x'], counters: { a: 1 }, tables: [], missing: [], swept: [], settings: null, secrets: null },
});

describe('a folder of snapshots', () => {
  let folder = '';
  let count = 0;
  const at = Date.UTC(2026, 10, 22, 1, 30);
  beforeEach(() => {
    folder = join(root, `f${++count}`);
    mkdirSync(folder);
  });
  const write = async (time: number) => {
    const name = await freshName(folder, time);
    await writeSnapshot(folder, file(name));
    return name;
  };

  it('names each after all that were taken before: in the same second, and when the clock was set back', async () => {
    const made: string[] = [];
    for (const time of [at, at + 200, at - 40 * DAY, at + 2 * DAY, at + DAY, at + 900 * DAY, at + 3 * DAY])
      made.push(await write(time));
    expect(made).toEqual([...new Set(made)].sort());
    expect(await snapshotNames(folder)).toEqual(made);
    expect((await readSnapshot(folder)).name).toBe(made.at(-1));
    expect(made[1]).toBe('20261122T013001Z');
    // So the last one taken is never the one that goes.
    expect(expired(made, { keep: 1, months: 0 })).toEqual(made.slice(0, -1));
  });

  it('is begun again after a first backup that was killed before it had said whose it is', async () => {
    mkdirSync(join(folder, 'lost+found'));
    writeFileSync(join(folder, 'lock'), 'x');
    writeFileSync(join(folder, 'lock.5f0c'), '{');
    writeFileSync(join(folder, 'congvu-backup.json.tmp'), '{"form');
    await claimFolder(folder, 'here');
    await claimFolder(folder, 'here');
    await expect(claimFolder(folder, 'elsewhere')).rejects.toMatchObject({ code: 'backup.other_installation' });
    expect(await snapshotNames(folder)).toEqual([]);
    await expect(readSnapshot(folder)).rejects.toMatchObject({ code: 'backup.snapshot_missing' });
  });

  it('of which the line that says whose it is has changed is known by its snapshots, and by no other installation', async () => {
    await claimFolder(folder, 'here');
    const path = join(folder, 'congvu-backup.json');
    const whole = readFileSync(path);
    writeFileSync(path, '');
    // Nothing else says whose it is yet.
    await expect(claimFolder(folder, 'here')).rejects.toMatchObject({ code: 'backup.snapshot_missing' });
    await write(at);
    for (const spoilt of [
      '',
      '{"format":1',
      '{"format":1}',
      '\u0000\u0000',
      whole.toString().replace('"here', '\u0000here'),
    ]) {
      writeFileSync(path, spoilt);
      await expect(claimFolder(folder, 'elsewhere')).rejects.toMatchObject({ code: 'backup.other_installation' });
      await claimFolder(folder, 'here');
      expect(readFileSync(path).equals(whole)).toBe(true);
    }
    writeFileSync(path, '{"format":2,"installation":"here","more":1}');
    await expect(claimFolder(folder, 'here')).rejects.toMatchObject({ code: 'backup.format' });
  });

  it('is not taken when something else lies there', async () => {
    for (const name of ['anh.jpg', 'congvu.db', 'packs', '.ssh']) {
      const other = join(folder, `other-${name}`);
      mkdirSync(other);
      writeFileSync(join(other, name), '');
      await expect(claimFolder(other, 'here')).rejects.toMatchObject({ code: 'backup.not_a_backup' });
    }
  });

  it('hears of any octet of a snapshot that changed, and of one that is cut off', async () => {
    const name = await write(at);
    const path = join(folder, 'snapshots', `${name}.json`);
    const whole = readFileSync(path);
    for (let i = 0; i < whole.length - 1; i += 7) {
      const spoilt = Buffer.from(whole);
      spoilt[i] = spoilt[i]! ^ 2;
      writeFileSync(path, spoilt);
      await expect(readSnapshot(folder)).rejects.toMatchObject({ code: 'backup.snapshot_damaged' });
    }
    for (const length of [0, 1, 64, 65, 66, whole.length - 2]) {
      writeFileSync(path, whole.subarray(0, length));
      await expect(readSnapshot(folder)).rejects.toMatchObject({ code: 'backup.snapshot_damaged' });
    }
    writeFileSync(path, whole);
    expect(await readSnapshot(folder, name)).toEqual(file(name));
  });

  it('knows snapshots by their whole name: what a kill or an editor left is none', async () => {
    const name = await write(at);
    const folderOf = join(folder, 'snapshots');
    for (const odd of [`${name}.json.tmp`, `${name}.json~`, `copy of ${name}.json`, 'x.json'])
      writeFileSync(join(folderOf, odd), 'x');
    expect(await snapshotNames(folder)).toEqual([name]);
    await expect(readSnapshot(folder, '../congvu-backup')).rejects.toMatchObject({ code: 'backup.snapshot_missing' });
  });
});

it('which snapshots stay is what the words say, whatever the times', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { int } = random(seed);
    const names = [
      ...new Set(Array.from({ length: int(30) }, () => snapshotName(Date.UTC(2026, 0, 1) + int(500) * DAY + int(DAY)))),
    ];
    const [keep, months] = [1 + int(6), int(5)];
    const gone = new Set(expired(names, { keep, months }));
    const sorted = [...names].sort();
    const newest = sorted.slice(-keep);
    const perMonth = new Map(sorted.map((name) => [name.slice(0, 6), name]));
    const staying = new Set([
      ...newest,
      ...[...perMonth.values()].slice(perMonth.size - Math.min(months, perMonth.size)),
    ]);
    expect([...gone].sort()).toEqual(sorted.filter((name) => !staying.has(name)));
  }
});

describe('the settings in a snapshot', () => {
  it.each([
    ['postgres://u:bí-mật@h/db', 'postgres://u@h/db'],
    ['postgresql://u:a%40b@h:5432/db?x=1', 'postgresql://u@h:5432/db?x=1'],
    // Not encoded, as they should be; the driver takes them all the same.
    ['postgres://u:p@ss:w@h/db', 'postgres://u@h/db'],
    ['postgres://u:pa/ss@h/db', 'postgres://u@h/db'],
    ['postgres://u:p#a?ss@h/db', 'postgres://u@h/db'],
    ['POSTGRES://u:x@h/db', 'POSTGRES://u@h/db'],
    ['postgres://h/db?user=u&password=x', 'postgres://h/db?user=u&password='],
    ['postgres:///db?password=x&host=/run', 'postgres:///db?password=&host=/run'],
    ['postgres://u@h/db', 'postgres://u@h/db'],
    ['postgres://h:5432/db', 'postgres://h:5432/db'],
  ])('%s keep no password', (url, kept) => {
    for (const quote of [`"`, `'`]) {
      const toml = `hostname = "mail.x.gov.vn"\n[database]\nurl = ${quote}${url}${quote} # ai@x.gov.vn\n`;
      expect(withoutPassword(toml)).toBe(toml.replace(url, kept));
    }
  });

  it.each([
    [`"postgres://u:it's@h/db"`, `"postgres://u@h/db"`],
    [`'postgres://u:a"b@h/db'`, `'postgres://u@h/db'`],
    [`"postgres://u:a\\"b\\\\@h/db"`, `"postgres://u@h/db"`],
    [`"postgres://u:hai chữ@h/db"`, `"postgres://u@h/db"`],
    [`"postgres://h/db?user=u&password=it's&x=1"`, `"postgres://h/db?user=u&password=&x=1"`],
    [`"postgres://h/db?password=it's"`, `"postgres://h/db?password="`],
    [`"""postgres://u:p'"'@h/db"""`, `"""postgres://u@h/db"""`],
  ])('%s keep none either, whatever it holds', (url, kept) => {
    for (const rest of ['', ' # ai@x.gov.vn', `\n# url = "postgres://x.gov.vn/db" bởi 'ai@x.gov.vn'`]) {
      const toml = `[database]\nurl = ${url}${rest}\n`;
      expect(withoutPassword(toml)).toBe(toml.replace(url, kept));
    }
  });

  it('keep none in a comment', () => {
    const toml = (url: string) => `# url = ${url} của ai@x.gov.vn\nhostname = "x"\n`;
    expect(withoutPassword(toml('postgres://u:p@h/db'))).toBe(toml('postgres://u@h/db'));
    expect(withoutPassword(toml('"postgres://u:p@h/db"'))).toBe(toml('"postgres://u@h/db"'));
  });
});

describe('sealed files', () => {
  const files = { 'master.key': 'abc', 'congvu.toml': 'x = "ữ"\n' };
  const sealed = sealFiles(files, 'một câu dài để mở');

  it('open with the same words in either form of Unicode, and with no others', () => {
    expect(openFiles(sealed, 'một câu dài để mở'.normalize('NFD'))).toEqual(files);
    expect(() => openFiles(sealed, 'một câu dài để mớ')).toThrow(/passphrase/);
  });

  it('never open when a part of them was changed, nor make anybody compute for hours', () => {
    const parsed = JSON.parse(sealed) as Record<string, string | number>;
    for (const part of ['body'] as const) {
      const octets = Buffer.from(String(parsed[part]), 'base64');
      octets[0] = octets[0]! ^ 1;
      const changed = JSON.stringify({ ...parsed, [part]: octets.toString('base64') });
      expect(() => openFiles(changed, 'một câu dài để mở')).toThrow(/passphrase/);
    }
    for (const odd of [{ cost: 2 ** 30 }, { cost: 2 }, { cost: 2.5 }, { kdf: 'md5' }, { salt: '?' }, { more: 1 }])
      expect(() => openFiles(JSON.stringify({ ...parsed, ...odd }), 'một câu dài để mở')).toThrow();
  });
});
