/** No room on the disk: nothing is half stored, everybody is told in the words of their protocol, and it goes on when there is room again. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openImap, openSmtp } from '../bench/faults/client.ts';
import { OfficialAtWork } from './support/official.ts';
import { PASSWORD, populate } from './support/people.ts';
import { congvu, install, serve, type Installation, type ServerProcess } from './support/server.ts';

const HUNG = 'hungnv@caoson.gov.vn';
const NHUNG = 'nhunght@caoson.gov.vn';

/** A disk of 48 MB, where this user may have one. */
function smallDisk(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'congvu-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m,mode=0700', 'tmpfs', path]);
  if (mounted.status === 0) return path;
  rmSync(path, { recursive: true });
  return undefined;
}
const disk = smallDisk();

describe.skipIf(disk === undefined)('a full disk', () => {
  let installation: Installation;
  let server: ServerProcess;
  let filler: string;
  beforeAll(async () => {
    installation = await install({ folder: disk!, toml: '[smtp.mx]\nbannerDelay = 0\n' });
    await populate(installation);
    server = await serve(installation);
    filler = join(disk!, 'filler');
  });
  afterAll(async () => {
    await server.kill('SIGTERM');
    await installation.dispose();
    spawnSync('umount', ['-l', disk!]);
    rmSync(disk!, { recursive: true, force: true });
  });

  const message = (id: string, bytes: number) =>
    `From: ngoai@example.org\r\nTo: ${HUNG}\r\nSubject: ${id}\r\nMessage-ID: <${id}@example.org>\r\n\r\n${`${Math.random()}\r\n`.repeat(bytes / 20)}`;
  const deliver = async (id: string, bytes = 2000) => {
    const smtp = await openSmtp(installation.ports.smtp);
    try {
      await smtp.send('ngoai@example.org', [HUNG], message(id, bytes));
      return '250';
    } catch (error) {
      return String(error);
    } finally {
      smtp.close();
    }
  };
  const fill = () => {
    const file = openSync(filler, 'w');
    try {
      for (const piece of [1 << 20, 4096]) {
        try {
          for (;;) writeSync(file, Buffer.alloc(piece));
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOSPC' });
        }
      }
    } finally {
      closeSync(file);
    }
  };

  it('is said to senders, clients and the browser, costs nothing that was stored, and ends when there is room', async () => {
    expect(await deliver('truoc')).toBe('250');
    expect(await deliver('truoc-lon', 400_000)).toBe('250');
    const imap = await openImap(installation.ports.imaps, HUNG, PASSWORD);
    fill();
    expect(await deliver('day', 3_000_000)).toMatch(/SMTP: 452 4\.3\.1 /);
    // Small mail needs pages of the log only; at the latest when those are used up it is told as well.
    let taken = 0;
    let small = '250';
    for (; small === '250' && taken < 200; taken++) small = await deliver(`nho-${taken}`, 60_000);
    expect(small).toMatch(/SMTP: 452 4\.3\.1 /);
    const bytes = message('append', 200_000);
    await expect(imap.run(`APPEND INBOX {${bytes.length}+}\r\n${bytes}`)).rejects.toThrow(/NO \[UNAVAILABLE\]/);
    // What is there is read as ever.
    await imap.run('SELECT INBOX');
    const fetched = (await imap.run('FETCH 1:2 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).join('\n');
    expect(fetched).toContain('Subject: truoc-lon');
    // A sign-in that could not be written to the audit log is put off.
    await expect(openImap(installation.ports.imaps, NHUNG, PASSWORD)).rejects.toThrow(/NO \[UNAVAILABLE\]/);
    const official = await OfficialAtWork.signIn(`http://127.0.0.1:${installation.ports.http}`, HUNG, PASSWORD).catch(
      (error: unknown) => String(error),
    );
    if (typeof official === 'string') expect(official).toMatch(/503.*storage\.full/);
    else {
      const upload = await official.request(
        'POST',
        `/jmap/upload/${official.accountId}`,
        new Uint8Array(500_000).fill(65),
        {
          'content-type': 'application/octet-stream',
        },
      );
      expect(upload.status).toBe(503);
    }

    rmSync(filler);
    expect(await deliver('sau', 400_000)).toBe('250');
    await imap.run(`APPEND INBOX {${bytes.length}+}\r\n${bytes}`);
    const all = (await imap.run('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).join('\n');
    const subjects = [...all.matchAll(/Subject: (\S+)/g)].map(([, subject]) => subject);
    const stored = Array.from({ length: taken - 1 }, (_, i) => `nho-${i}`);
    expect(subjects).toEqual(['truoc', 'truoc-lon', ...stored, 'sau', 'append']);
    imap.close();
    expect(await congvu(installation, 'check', '--deep')).toMatchObject({ code: 0 });
  });
});
