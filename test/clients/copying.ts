/** Programs that take mail away: those that keep a copy in step, and those that fetch. */
import { mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { PASSWORD } from '../support/people.ts';
import { runProgram, tryProgram } from '../support/programs.ts';
import { encoded, fileOf, letter, maildir, reflag } from './maildir.ts';
import { client, contents, type Site } from './site.ts';

export function programsThatCopy(site: Site): void {
  describe('programs that keep a copy', () => {
    client('mbsync', 'keeps both sides the same, compressed, with names beyond ASCII', async () => {
      const user = site.users.hung;
      await site.put(user, 'INBOX', ['Một', 'Hai', 'Ba']);
      await site.put(user, 'Hồ sơ/Quý 1', ['Báo cáo']);
      const local = join(site.home, 'mbsync');
      await mkdir(local);
      const rc = await site.config(
        'mbsyncrc',
        `IMAPStore far\nHost 127.0.0.1\nPort ${site.wire.port}\nUser ${user}\nPass ${PASSWORD}\nSSLType None\n
MaildirStore near\nPath ${local}/\nInbox ${local}/INBOX\nSubFolders Verbatim\n
Channel all\nFar :far:\nNear :near:\nPatterns INBOX "H&HtM- s&AaE-*"\nCreate Both\nExpunge Both\nSyncState *\n`,
      );
      const sync = () => runProgram('mbsync', ['-c', rc, '-a']);
      site.wire.said();
      await sync();
      expect(site.wire.said()).toMatch(/^\d+ COMPRESS DEFLATE\r$/m);
      const inbox = join(local, 'INBOX');
      const folder = join(local, 'H&HtM- s&AaE-/Qu&AP0- 1');
      // Octet for octet, but for the line that mbsync adds for itself.
      const copies = [...(await maildir(inbox)).values()].map((t) =>
        t.replace(/X-TUID: .*\n/, '').replace(/\n/g, '\r\n'),
      );
      expect(copies.sort()).toEqual(['Một', 'Hai', 'Ba'].map((s) => letter(s)).sort());
      // Here: read and flag, delete, write anew; there: answer, move.
      await reflag(inbox, 'Một', 'FS');
      await unlink(await fileOf(inbox, 'Hai'));
      await writeFile(join(folder, 'new', '1.local'), letter('Từ máy trạm').replace(/\r\n/g, '\n'));
      await site.see(user, async (imap) => {
        await imap.mailboxOpen('Hồ sơ/Quý 1');
        await imap.messageFlagsAdd('1', ['\\Answered', 'Khan']);
        await imap.mailboxOpen('INBOX');
        await imap.messageMove({ header: { 'message-id': Buffer.from('Ba').toString('hex') } }, 'Hồ sơ/Quý 1');
      });
      await sync();
      await site.see(user, async (imap) => {
        expect(await contents(imap, 'INBOX')).toEqual({ Một: ['\\Flagged', '\\Seen'] });
        expect(await contents(imap, 'Hồ sơ/Quý 1')).toEqual({
          'Báo cáo': ['\\Answered', 'khan'],
          'Từ máy trạm': [],
          Ba: [],
        });
      });
      expect(await fileOf(folder, 'Báo cáo')).toMatch(/:2,R$/);
      await fileOf(folder, 'Ba');
      expect((await maildir(inbox)).size).toBe(1);
      const before = [...(await maildir(folder)).keys()].sort();
      await sync();
      expect([...(await maildir(folder)).keys()].sort()).toEqual(before);
    });

    client('offlineimap', 'keeps both sides the same over TLS', async () => {
      const user = site.users.nhung;
      await site.put(user, 'INBOX', ['Bốn', 'Năm', 'Sáu']);
      await site.put(user, 'Công tác/Đợt 2', ['Kế hoạch']);
      const local = join(site.home, 'offlineimap');
      const rc = await site.config(
        'offlineimaprc',
        `[general]\naccounts = A\nmetadata = ${site.home}/offlineimap-meta\nui = quiet\n
[Account A]\nlocalrepository = L\nremoterepository = R\nutf8foldernames = yes\n
[Repository L]\ntype = Maildir\nlocalfolders = ${local}\n
[Repository R]\ntype = IMAP\nremotehost = localhost\nremoteport = ${site.installation.ports.imaps}\nremoteuser = ${user}
remotepass = ${PASSWORD}\nssl = yes\nsslcacertfile = ${site.cert}\nexpunge = yes
folderfilter = lambda name: name == 'INBOX' or name.startswith('Công tác')\n`,
      );
      const sync = () => runProgram('offlineimap', ['-c', rc, '-o']);
      await sync();
      const [inbox, folder] = [join(local, 'INBOX'), join(local, 'Công tác.Đợt 2')];
      expect((await maildir(inbox)).size).toBe(3);
      await reflag(inbox, 'Bốn', 'FS');
      await unlink(await fileOf(inbox, 'Năm'));
      await rename(await fileOf(inbox, 'Sáu'), join(folder, 'new', 'sau'));
      await site.see(user, async (imap) => {
        await imap.mailboxOpen('Công tác/Đợt 2');
        await imap.messageFlagsAdd('1', ['\\Answered']);
        await imap.append('Công tác/Đợt 2', letter('Bảy'), ['\\Seen']);
      });
      await sync();
      await site.see(user, async (imap) => {
        expect(await contents(imap, 'INBOX')).toEqual({ Bốn: ['\\Flagged', '\\Seen'] });
        expect(await contents(imap, 'Công tác/Đợt 2')).toEqual({
          'Kế hoạch': ['\\Answered'],
          Sáu: [],
          Bảy: ['\\Seen'],
        });
      });
      expect(await fileOf(folder, 'Kế hoạch')).toMatch(/,R$/);
      expect(await fileOf(folder, 'Bảy')).toMatch(/,S$/);
      expect((await maildir(inbox)).size).toBe(1);
    });
  });

  describe('programs that fetch', () => {
    client('getmail', 'fetches over TLS octet for octet and deletes what it has', async () => {
      const user = site.users.vu;
      await site.put(user, 'Chờ/getmail', ['Tám', 'Chín']);
      const local = join(site.home, 'getmail');
      for (const sub of ['new', 'cur', 'tmp']) await mkdir(join(local, 'mail', sub), { recursive: true });
      const rc = await site.config(
        'getmailrc',
        `[retriever]\ntype = SimpleIMAPSSLRetriever\nserver = localhost\nport = ${site.installation.ports.imaps}\nusername = ${user}
password = ${PASSWORD}\nmailboxes = ("Chờ/getmail",)\nca_certs = ${site.cert}\n
[destination]\ntype = Maildir\npath = ${local}/mail/\n
[options]\nread_all = true\ndelete = true\ndelivered_to = false\nreceived = false\nmessage_log = ${local}/log\n`,
        0o644,
      );
      await runProgram('chmod', ['-R', 'a+rwX', local]);
      await runProgram('getmail', ['--getmaildir', local, '--rcfile', rc], { nobody: true, env: { HOME: local } });
      const copies = [...(await maildir(join(local, 'mail'))).values()];
      expect(copies.map((t) => t.replace(/^(Return-Path|X-getmail-).*\n/gm, '').replace(/\n/g, '\r\n')).sort()).toEqual(
        ['Tám', 'Chín'].map((s) => letter(s)).sort(),
      );
      await site.see(user, async (imap) => expect(await contents(imap, 'Chờ/getmail')).toEqual({}));
    });

    client('fetchmail', 'fetches over STARTTLS what is new, once, and flushes it', async () => {
      const user = site.users.vu;
      await site.put(user, 'Cho fetchmail', ['Mười', 'Mười một']);
      const mbox = join(site.home, 'fetched');
      const poll = async (how: string) =>
        tryProgram(
          'fetchmail',
          [
            '-f',
            await site.config(
              'fetchmailrc',
              `poll localhost protocol IMAP service ${site.installation.ports.imap} user "${user}" password "${PASSWORD}"
sslproto "TLS1.2+" sslcertck sslcertfile "${site.cert}" folder "Cho fetchmail" ${how} mda "cat >> ${mbox}"\n`,
            ),
          ],
          { env: { FETCHMAILHOME: site.home } },
        );
      expect((await poll('keep')).code).toBe(0);
      const fetched = await readFile(mbox, 'utf8');
      for (const subject of ['Mười', 'Mười một']) expect(fetched).toContain(encoded(subject));
      // 1: nothing new, since the first poll marked them as read.
      expect((await poll('keep')).code).toBe(1);
      await site.see(user, async (imap) => {
        expect(await contents(imap, 'Cho fetchmail')).toEqual({ Mười: ['\\Seen'], 'Mười một': ['\\Seen'] });
        await imap.append('Cho fetchmail', letter('Mười hai'));
      });
      expect((await poll('nokeep')).code).toBe(0);
      await site.see(user, async (imap) =>
        expect(await contents(imap, 'Cho fetchmail')).toEqual({ Mười: ['\\Seen'], 'Mười một': ['\\Seen'] }),
      );
    });

    client('curl', 'lists, searches, reads a part, appends, flags and moves over TLS', async () => {
      const user = site.users.vu;
      await site.put(user, 'Curl/Hồ sơ', ['Công văn số 12']);
      const base = `imaps://localhost:${site.installation.ports.imaps}`;
      const curl = (path: string, ...args: string[]) =>
        runProgram('curl', ['-sS', '--cacert', site.cert, '-u', `${user}:${PASSWORD}`, base + path, ...args]);
      expect(await curl('', '-X', 'LIST "" "Curl/*"')).toBe('* LIST (\\HasNoChildren) "/" "Curl/H&HtM- s&AaE-"\r\n');
      const box = `/${encodeURIComponent('Curl/H&HtM- s&AaE-')}`;
      expect(await curl(`${box}?SUBJECT%20%22cong%20van%22`)).toBe('* SEARCH 1\r\n');
      expect(await curl(`${box};MAILINDEX=1;SECTION=HEADER.FIELDS%20(SUBJECT)`)).toBe(
        `Subject: ${encoded('Công văn số 12')}\r\n\r\n`,
      );
      const file = await site.config('curl.eml', letter('Từ curl'));
      await curl(box, '-T', file);
      await curl(box, '-X', 'STORE 2 +FLAGS (\\Flagged)');
      expect(await curl(`${box};UID=2`)).toBe(letter('Từ curl'));
      await curl(box, '-X', 'UID MOVE 1 "Curl"');
      await site.see(user, async (imap) => {
        expect(await contents(imap, 'Curl/Hồ sơ')).toEqual({ 'Từ curl': ['\\Flagged', '\\Seen'] });
        expect(await contents(imap, 'Curl')).toEqual({ 'Công văn số 12': ['\\Seen'] });
      });
    });
  });
}
