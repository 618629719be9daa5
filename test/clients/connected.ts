/** Programs that work on the server: at a terminal, and over a connection that stays. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ImapFlow } from 'imapflow';
import { describe, expect, it } from 'vitest';

import { PASSWORD } from '../support/people.ts';
import { Terminal } from '../support/programs.ts';
import { letter } from './maildir.ts';
import { client, contents, type Site } from './site.ts';

export function programsThatStay(site: Site): void {
  describe('programs at a terminal', () => {
    client('neomutt', 'threads, searches on the server, flags, copies, moves, deletes and reads', async () => {
      const user = site.users.vu;
      await site.put(user, 'Mutt', ['Thông báo số 1', 'Thông báo số 2', 'Giấy mời họp', 'Quảng cáo']);
      await site.see(user, (imap) => imap.append('Mutt', letter('Chỉ thị', 'Nội dung: tiết kiệm điện mùa khô.')));
      const read = join(site.home, 'read.txt');
      const rc = await site.config(
        'neomuttrc',
        `set folder = "imap://127.0.0.1:${site.wire.port}/"\nset spoolfile = "+Mutt"\nset imap_user = "${user}"
set imap_pass = "${PASSWORD}"\nset ssl_starttls = no\nset ssl_force_tls = no\nset imap_qresync = yes\nset sort = threads
set header_cache = "${site.home}/neomutt-cache"\nset wait_key = no\nset confirmappend = no\nset confirmcreate = no\nset delete = yes
set quit = yes\nset move = no\nset auto_tag = no\nset pipe_decode = yes\nset trash = "+Thùng\\ rác"\n`,
      );
      site.wire.said();
      const keys = [
        '<limit>=b "tiet kiem dien"<enter><pipe-message>cat > ' + read + '<enter><flag-message><limit>all<enter>',
        '<tag-pattern>~s "số"<enter><tag-prefix><copy-message>=Đã-lưu/Mutt<enter><untag-pattern>~A<enter>',
        '<search>~s "Giấy"<enter><save-message>=Đã-lưu/Mời<enter>',
        '<search>~s "Quảng"<enter><delete-message><quit>',
      ].join('');
      const screen = new Terminal(`neomutt -F ${rc} -e 'push "${keys.replaceAll('"', '\\"')}"'`, { HOME: site.home });
      await screen.ended();
      const said = site.wire.said();
      expect(said).toMatch(/ENABLE QRESYNC|ENABLE UTF8=ACCEPT/);
      expect(said).toMatch(/SEARCH .*BODY/);
      expect(await readFile(read, 'utf8')).toContain('tiết kiệm điện mùa khô');
      await site.see(user, async (imap) => {
        expect(Object.keys(await contents(imap, 'Đã-lưu/Mutt')).sort()).toEqual(['Thông báo số 1', 'Thông báo số 2']);
        expect(Object.keys(await contents(imap, 'Đã-lưu/Mời'))).toEqual(['Giấy mời họp']);
        expect(Object.keys(await contents(imap, 'Thùng rác'))).toContain('Quảng cáo');
        expect((await contents(imap, 'Mutt'))['Chỉ thị']).toContain('\\Flagged');
        expect(Object.keys(await contents(imap, 'Mutt'))).toHaveLength(3);
      });
    });

    client('alpine', 'sorts and threads on the server, selects by text, saves, deletes and expunges', async () => {
      const user = site.users.admin;
      await site.put(user, 'INBOX', ['Bao cao B', 'Bao cao A', 'Re: Bao cao A', 'Xoa di']);
      const at = `{127.0.0.1:${site.wire.port}/imap/notls/user=${user}}`;
      const rc = await site.config(
        'pinerc',
        `last-version-used=6.26\ninbox-path=${at}INBOX\nfolder-collections="Mail" ${at}[]\nuser-domain=caoson.gov.vn
feature-list=enable-flag-cmd,quit-without-confirm,expunge-without-confirm,expunge-without-confirm-everywhere,
\tenable-aggregate-command-set,save-will-not-delete\nsort-key=subject\nstatus-message-delay=-3\nsmtp-server=localhost\nposting-character-set=UTF-8\n`,
      );
      site.wire.said();
      const screen = new Terminal(`alpine -p ${rc} -i`, { HOME: site.home });
      const step = (keys: string, shows: RegExp): Promise<void> => screen.answer(keys, shows);
      try {
        await screen.shows(/PASSWORD/);
        await step(`${PASSWORD}\r`, /Preserve password/);
        await step('n', /Bao cao A[^]*Xoa di/);
        await step('$', /Choose type of sort/);
        await step('h', /Bao cao A[^]*Xoa di/);
        await step(';', /SELECT criteria/);
        await step('t', /based on/i);
        await step('s', /string/i);
        await step('Xoa di\r', /1 message/);
        await step('a', /APPLY/);
        await step('d', /marked for deletion/);
        await step('x', /xpunged/);
        await step('s', /SAVE/);
        await step('Da luu/Alpine\r', /doesn't exist[^]*N No/);
        await step('y', /Saving\s+DONE|Saved|copied/i);
        screen.type('q');
        await screen.ended();
      } finally {
        screen.stop();
      }
      const said = site.wire.said();
      expect(said).toMatch(/ SORT \(SUBJECT\) /);
      expect(said).toMatch(/ THREAD REFERENCES /);
      expect(said).toMatch(/ SEARCH .*SUBJECT "Xoa di"/);
      await site.see(user, async (imap) => {
        expect(Object.keys(await contents(imap, 'INBOX'))).toHaveLength(3);
        expect(Object.keys(await contents(imap, 'Da luu/Alpine'))).toHaveLength(1);
      });
    });
  });

  describe('programs that stay connected', () => {
    it('imapflow compresses, and hears in IDLE of new mail, flags and expunges', async () => {
      const user = site.users.hung;
      site.wire.said();
      const idle = new ImapFlow({
        host: '127.0.0.1',
        port: site.wire.port,
        secure: false,
        doSTARTTLS: false,
        auth: { user, pass: PASSWORD },
        logger: false,
      });
      await idle.connect();
      try {
        await site.put(user, 'Trực', ['Tin một']);
        await idle.mailboxOpen('Trực');
        const heard = <T>(name: string) => new Promise<T>((resolve) => idle.once(name, resolve));
        const idling = idle.idle();
        const [exists, flags, expunge] = [heard('exists'), heard('flags'), heard('expunge')];
        await site.see(user, async (imap) => {
          await imap.append('Trực', letter('Tin hai'));
          expect(await exists).toMatchObject({ count: 2, prevCount: 1 });
          await imap.mailboxOpen('Trực');
          await imap.messageFlagsAdd('2', ['\\Flagged']);
          expect(await flags).toMatchObject({ seq: 2 });
          await imap.messageDelete('1');
          expect(await expunge).toMatchObject({ seq: 1 });
        });
        // Any command ends IDLE.
        expect(await idle.search({ header: { subject: 'tin hai' } }, { uid: true })).toEqual([2]);
        await idling;
      } finally {
        await idle.logout();
      }
      expect(site.wire.said()).toMatch(/ COMPRESS DEFLATE\r\n/);
    });
  });
}
