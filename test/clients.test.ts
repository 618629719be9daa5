/**
 * The mail programs that people have, each doing real work against one real server; what they did is read back with
 * imapflow. Programs that are not installed are left out, and their tests say so.
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ISSUER, testIssuer, type TestIssuer } from '../src/directory/testing/issuer.ts';
import { Dialogue } from '../src/imap-lite/testing/dialogue.ts';
import { withImap } from './support/imap.ts';
import { PASSWORD, people } from './support/people.ts';
import { installed, runProgram, Terminal, tryProgram } from './support/programs.ts';
import { recorder, type Recorder } from './support/recorder.ts';
import { install, serve, type Installation, type ServerProcess } from './support/server.ts';

let installation: Installation;
let server: ServerProcess;
let wire: Recorder;
let home: string;
let cert: string;
let issuer: TestIssuer;
let users: Record<'hung' | 'nhung' | 'vu' | 'admin', string>;

beforeAll(async () => {
  issuer = await testIssuer();
  const oauth = `[credentials.oauth]\nissuer = "${ISSUER}"\nkeysFile = "${issuer.folder}/keys.json"\n`;
  installation = await install({ toml: `${oauth}[imap]\nallowPlainOnLoopback = true\nwrongPasswordDelayMs = 0\n` });
  const parts = await installation.open();
  const { hung, nhung, vu, admin } = await people(parts);
  await parts.close();
  users = { hung: hung.address, nhung: nhung.address, vu: vu.address, admin: admin.address };
  server = await serve(installation);
  wire = await recorder(installation.ports.imap);
  home = await mkdtemp(join(tmpdir(), 'congvu-clients-'));
  await chmod(home, 0o755);
  cert = join(home, 'cert.pem');
  await writeFile(cert, await readFile(join(installation.data, 'tls/cert.pem')));
});
afterAll(async () => {
  await wire.stop();
  await server.kill();
  await installation.dispose();
  await issuer.dispose();
  await rm(home, { recursive: true, force: true });
});

/** A test of a program, or the statement that it was left out. */
const client = (program: string, title: string, work: () => Promise<void>): void => {
  if (installed(program)) it(`${program} ${title}`, work);
  else it.skip(`${program} ${title} (left out: ${program} is not installed here)`, work);
};

const letter = (subject: string, body = 'Kính gửi các đồng chí.'): string =>
  [
    'From: Van thu <vanthu@caoson.gov.vn>',
    'To: Cán bộ <ai@caoson.gov.vn>',
    `Subject: =?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`,
    'Date: Mon, 12 Jan 2026 08:00:00 +0700',
    `Message-ID: <${Buffer.from(subject).toString('hex')}@caoson.gov.vn>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    body,
    '',
  ].join('\r\n');

/** Subject -> flags of everything in a mailbox. */
async function contents(imap: ImapFlow, mailbox: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  await imap.mailboxOpen(mailbox);
  if (imap.mailbox && imap.mailbox.exists === 0) return found;
  for await (const m of imap.fetch('1:*', { envelope: true, flags: true }))
    found[m.envelope?.subject ?? ''] = [...(m.flags ?? [])].filter((f) => f !== '\\Recent').sort();
  return found;
}
const see = <T>(user: string, work: (imap: ImapFlow) => Promise<T>): Promise<T> => withImap(installation, user, work);
const put = (user: string, mailbox: string, subjects: readonly string[]): Promise<void> =>
  see(user, async (imap) => {
    if (mailbox !== 'INBOX') await imap.mailboxCreate(mailbox);
    for (const subject of subjects) await imap.append(mailbox, letter(subject));
  });
const config = async (name: string, text: string, mode = 0o600): Promise<string> => {
  const path = join(home, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
};
/** Every message file of a Maildir, by name. */
async function maildir(path: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const sub of ['cur', 'new'])
    for (const name of await readdir(join(path, sub))) files.set(join(path, sub, name), '');
  for (const name of files.keys()) files.set(name, await readFile(name, 'utf8'));
  return files;
}
const encoded = (subject: string): string => `=?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`;
async function fileOf(path: string, subject: string): Promise<string> {
  for (const [name, text] of await maildir(path)) if (text.includes(encoded(subject))) return name;
  throw new Error(`no ${subject} in ${path}`);
}
/** Gives a message of a Maildir these flags. */
async function reflag(path: string, subject: string, flags: string): Promise<void> {
  const name = await fileOf(path, subject);
  const base = name.replace(/\/(new|cur)\//, '/cur/').replace(/:2,.*$/, '');
  await rename(name, `${base}:2,${flags}`);
}

describe('programs that keep a copy', () => {
  client('mbsync', 'keeps both sides the same, compressed, with names beyond ASCII', async () => {
    const user = users.hung;
    await put(user, 'INBOX', ['Một', 'Hai', 'Ba']);
    await put(user, 'Hồ sơ/Quý 1', ['Báo cáo']);
    const local = join(home, 'mbsync');
    await mkdir(local);
    const rc = await config(
      'mbsyncrc',
      `IMAPStore far\nHost 127.0.0.1\nPort ${wire.port}\nUser ${user}\nPass ${PASSWORD}\nSSLType None\n
MaildirStore near\nPath ${local}/\nInbox ${local}/INBOX\nSubFolders Verbatim\n
Channel all\nFar :far:\nNear :near:\nPatterns INBOX "H&HtM- s&AaE-*"\nCreate Both\nExpunge Both\nSyncState *\n`,
    );
    const sync = () => runProgram('mbsync', ['-c', rc, '-a']);
    wire.said();
    await sync();
    expect(wire.said()).toMatch(/^\d+ COMPRESS DEFLATE\r$/m);
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
    await see(user, async (imap) => {
      await imap.mailboxOpen('Hồ sơ/Quý 1');
      await imap.messageFlagsAdd('1', ['\\Answered', 'Khan']);
      await imap.mailboxOpen('INBOX');
      await imap.messageMove({ header: { 'message-id': Buffer.from('Ba').toString('hex') } }, 'Hồ sơ/Quý 1');
    });
    await sync();
    await see(user, async (imap) => {
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
    const user = users.nhung;
    await put(user, 'INBOX', ['Bốn', 'Năm', 'Sáu']);
    await put(user, 'Công tác/Đợt 2', ['Kế hoạch']);
    const local = join(home, 'offlineimap');
    const rc = await config(
      'offlineimaprc',
      `[general]\naccounts = A\nmetadata = ${home}/offlineimap-meta\nui = quiet\n
[Account A]\nlocalrepository = L\nremoterepository = R\nutf8foldernames = yes\n
[Repository L]\ntype = Maildir\nlocalfolders = ${local}\n
[Repository R]\ntype = IMAP\nremotehost = localhost\nremoteport = ${installation.ports.imaps}\nremoteuser = ${user}
remotepass = ${PASSWORD}\nssl = yes\nsslcacertfile = ${cert}\nexpunge = yes
folderfilter = lambda name: name == 'INBOX' or name.startswith('Công tác')\n`,
    );
    const sync = () => runProgram('offlineimap', ['-c', rc, '-o']);
    await sync();
    const [inbox, folder] = [join(local, 'INBOX'), join(local, 'Công tác.Đợt 2')];
    expect((await maildir(inbox)).size).toBe(3);
    await reflag(inbox, 'Bốn', 'FS');
    await unlink(await fileOf(inbox, 'Năm'));
    await rename(await fileOf(inbox, 'Sáu'), join(folder, 'new', 'sau'));
    await see(user, async (imap) => {
      await imap.mailboxOpen('Công tác/Đợt 2');
      await imap.messageFlagsAdd('1', ['\\Answered']);
      await imap.append('Công tác/Đợt 2', letter('Bảy'), ['\\Seen']);
    });
    await sync();
    await see(user, async (imap) => {
      expect(await contents(imap, 'INBOX')).toEqual({ Bốn: ['\\Flagged', '\\Seen'] });
      expect(await contents(imap, 'Công tác/Đợt 2')).toEqual({ 'Kế hoạch': ['\\Answered'], Sáu: [], Bảy: ['\\Seen'] });
    });
    expect(await fileOf(folder, 'Kế hoạch')).toMatch(/,R$/);
    expect(await fileOf(folder, 'Bảy')).toMatch(/,S$/);
    expect((await maildir(inbox)).size).toBe(1);
  });
});

describe('programs that fetch', () => {
  client('getmail', 'fetches over TLS octet for octet and deletes what it has', async () => {
    const user = users.vu;
    await put(user, 'Chờ/getmail', ['Tám', 'Chín']);
    const local = join(home, 'getmail');
    for (const sub of ['new', 'cur', 'tmp']) await mkdir(join(local, 'mail', sub), { recursive: true });
    const rc = await config(
      'getmailrc',
      `[retriever]\ntype = SimpleIMAPSSLRetriever\nserver = localhost\nport = ${installation.ports.imaps}\nusername = ${user}
password = ${PASSWORD}\nmailboxes = ("Chờ/getmail",)\nca_certs = ${cert}\n
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
    await see(user, async (imap) => expect(await contents(imap, 'Chờ/getmail')).toEqual({}));
  });

  client('fetchmail', 'fetches over STARTTLS what is new, once, and flushes it', async () => {
    const user = users.vu;
    await put(user, 'Cho fetchmail', ['Mười', 'Mười một']);
    const mbox = join(home, 'fetched');
    const poll = async (how: string) =>
      tryProgram(
        'fetchmail',
        [
          '-f',
          await config(
            'fetchmailrc',
            `poll localhost protocol IMAP service ${installation.ports.imap} user "${user}" password "${PASSWORD}"
sslproto "TLS1.2+" sslcertck sslcertfile "${cert}" folder "Cho fetchmail" ${how} mda "cat >> ${mbox}"\n`,
          ),
        ],
        { env: { FETCHMAILHOME: home } },
      );
    expect((await poll('keep')).code).toBe(0);
    const fetched = await readFile(mbox, 'utf8');
    for (const subject of ['Mười', 'Mười một']) expect(fetched).toContain(encoded(subject));
    // 1: nothing new, since the first poll marked them as read.
    expect((await poll('keep')).code).toBe(1);
    await see(user, async (imap) => {
      expect(await contents(imap, 'Cho fetchmail')).toEqual({ Mười: ['\\Seen'], 'Mười một': ['\\Seen'] });
      await imap.append('Cho fetchmail', letter('Mười hai'));
    });
    expect((await poll('nokeep')).code).toBe(0);
    await see(user, async (imap) =>
      expect(await contents(imap, 'Cho fetchmail')).toEqual({ Mười: ['\\Seen'], 'Mười một': ['\\Seen'] }),
    );
  });

  client('curl', 'lists, searches, reads a part, appends, flags and moves over TLS', async () => {
    const user = users.vu;
    await put(user, 'Curl/Hồ sơ', ['Công văn số 12']);
    const base = `imaps://localhost:${installation.ports.imaps}`;
    const curl = (path: string, ...args: string[]) =>
      runProgram('curl', ['-sS', '--cacert', cert, '-u', `${user}:${PASSWORD}`, base + path, ...args]);
    expect(await curl('', '-X', 'LIST "" "Curl/*"')).toBe('* LIST (\\HasNoChildren) "/" "Curl/H&HtM- s&AaE-"\r\n');
    const box = `/${encodeURIComponent('Curl/H&HtM- s&AaE-')}`;
    expect(await curl(`${box}?SUBJECT%20%22cong%20van%22`)).toBe('* SEARCH 1\r\n');
    expect(await curl(`${box};MAILINDEX=1;SECTION=HEADER.FIELDS%20(SUBJECT)`)).toBe(
      `Subject: ${encoded('Công văn số 12')}\r\n\r\n`,
    );
    const file = await config('curl.eml', letter('Từ curl'));
    await curl(box, '-T', file);
    await curl(box, '-X', 'STORE 2 +FLAGS (\\Flagged)');
    expect(await curl(`${box};UID=2`)).toBe(letter('Từ curl'));
    await curl(box, '-X', 'UID MOVE 1 "Curl"');
    await see(user, async (imap) => {
      expect(await contents(imap, 'Curl/Hồ sơ')).toEqual({ 'Từ curl': ['\\Flagged', '\\Seen'] });
      expect(await contents(imap, 'Curl')).toEqual({ 'Công văn số 12': ['\\Seen'] });
    });
  });
});

describe('an access token of the identity provider', () => {
  client('curl', 'reads and sends with it (OAUTHBEARER), and it opens JMAP', async () => {
    const { imaps, submissions, http } = installation.ports;
    const token = await issuer.token(Date.now(), { email: users.hung });
    const curl = (url: string, bearer: string, ...args: string[]) =>
      tryProgram('curl', ['-sS', '--cacert', cert, '--oauth2-bearer', bearer, '-u', `${users.hung}:`, url, ...args]);
    const file = await config('token.eml', letter('Gửi bằng mã').replace('vanthu@', 'hungnv@'));
    const send = ['--mail-from', users.hung, '--mail-rcpt', users.hung, '-T', file];
    expect(await curl(`smtps://localhost:${submissions}`, token, ...send)).toMatchObject({ code: 0 });
    const found = await curl(`imaps://localhost:${imaps}/INBOX?SUBJECT%20%22gui%20bang%20ma%22`, token);
    expect(found.output).toMatch(/^\* SEARCH \d+\r\n$/);
    const session = (bearer: string) =>
      fetch(`http://127.0.0.1:${http}/jmap/session`, { headers: { Authorization: `Bearer ${bearer}` } });
    expect(await (await session(token)).json()).toMatchObject({ username: users.hung });

    // 67: the server did not let us in.
    const expired = await issuer.token(Date.now() - 3_600_000, { email: users.hung });
    expect((await curl(`smtps://localhost:${submissions}`, expired, ...send)).code).toBe(67);
    expect((await curl(`imaps://localhost:${imaps}/INBOX`, expired)).code).toBe(67);
    expect((await session(expired)).status).toBe(401);
    const other = await issuer.token(Date.now(), { email: users.vu });
    expect((await curl(`imaps://localhost:${imaps}/INBOX`, other)).code).toBe(67);
  });
});

describe('programs at a terminal', () => {
  client('neomutt', 'threads, searches on the server, flags, copies, moves, deletes and reads', async () => {
    const user = users.vu;
    await put(user, 'Mutt', ['Thông báo số 1', 'Thông báo số 2', 'Giấy mời họp', 'Quảng cáo']);
    await see(user, (imap) => imap.append('Mutt', letter('Chỉ thị', 'Nội dung: tiết kiệm điện mùa khô.')));
    const read = join(home, 'read.txt');
    const rc = await config(
      'neomuttrc',
      `set folder = "imap://127.0.0.1:${wire.port}/"\nset spoolfile = "+Mutt"\nset imap_user = "${user}"
set imap_pass = "${PASSWORD}"\nset ssl_starttls = no\nset ssl_force_tls = no\nset imap_qresync = yes\nset sort = threads
set header_cache = "${home}/neomutt-cache"\nset wait_key = no\nset confirmappend = no\nset confirmcreate = no\nset delete = yes
set quit = yes\nset move = no\nset auto_tag = no\nset pipe_decode = yes\nset trash = "+Thùng\\ rác"\n`,
    );
    wire.said();
    const keys = [
      '<limit>=b "tiet kiem dien"<enter><pipe-message>cat > ' + read + '<enter><flag-message><limit>all<enter>',
      '<tag-pattern>~s "số"<enter><tag-prefix><copy-message>=Đã-lưu/Mutt<enter><untag-pattern>~A<enter>',
      '<search>~s "Giấy"<enter><save-message>=Đã-lưu/Mời<enter>',
      '<search>~s "Quảng"<enter><delete-message><quit>',
    ].join('');
    const screen = new Terminal(`neomutt -F ${rc} -e 'push "${keys.replaceAll('"', '\\"')}"'`, { HOME: home });
    await screen.ended();
    const said = wire.said();
    expect(said).toMatch(/ENABLE QRESYNC|ENABLE UTF8=ACCEPT/);
    expect(said).toMatch(/SEARCH .*BODY/);
    expect(await readFile(read, 'utf8')).toContain('tiết kiệm điện mùa khô');
    await see(user, async (imap) => {
      expect(Object.keys(await contents(imap, 'Đã-lưu/Mutt')).sort()).toEqual(['Thông báo số 1', 'Thông báo số 2']);
      expect(Object.keys(await contents(imap, 'Đã-lưu/Mời'))).toEqual(['Giấy mời họp']);
      expect(Object.keys(await contents(imap, 'Thùng rác'))).toContain('Quảng cáo');
      expect((await contents(imap, 'Mutt'))['Chỉ thị']).toContain('\\Flagged');
      expect(Object.keys(await contents(imap, 'Mutt'))).toHaveLength(3);
    });
  });

  client('alpine', 'sorts and threads on the server, selects by text, saves, deletes and expunges', async () => {
    const user = users.admin;
    await put(user, 'INBOX', ['Bao cao B', 'Bao cao A', 'Re: Bao cao A', 'Xoa di']);
    const at = `{127.0.0.1:${wire.port}/imap/notls/user=${user}}`;
    const rc = await config(
      'pinerc',
      `last-version-used=6.26\ninbox-path=${at}INBOX\nfolder-collections="Mail" ${at}[]\nuser-domain=caoson.gov.vn
feature-list=enable-flag-cmd,quit-without-confirm,expunge-without-confirm,expunge-without-confirm-everywhere,
\tenable-aggregate-command-set,save-will-not-delete\nsort-key=subject\nstatus-message-delay=-3\nsmtp-server=localhost\nposting-character-set=UTF-8\n`,
    );
    wire.said();
    const screen = new Terminal(`alpine -p ${rc} -i`, { HOME: home });
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
    const said = wire.said();
    expect(said).toMatch(/ SORT \(SUBJECT\) /);
    expect(said).toMatch(/ THREAD REFERENCES /);
    expect(said).toMatch(/ SEARCH .*SUBJECT "Xoa di"/);
    await see(user, async (imap) => {
      expect(Object.keys(await contents(imap, 'INBOX'))).toHaveLength(3);
      expect(Object.keys(await contents(imap, 'Da luu/Alpine'))).toHaveLength(1);
    });
  });
});

describe('programs that stay connected', () => {
  it('imapflow compresses, and hears in IDLE of new mail, flags and expunges', async () => {
    const user = users.hung;
    wire.said();
    const idle = new ImapFlow({
      host: '127.0.0.1',
      port: wire.port,
      secure: false,
      doSTARTTLS: false,
      auth: { user, pass: PASSWORD },
      logger: false,
    });
    await idle.connect();
    try {
      await put(user, 'Trực', ['Tin một']);
      await idle.mailboxOpen('Trực');
      const heard = <T>(name: string) => new Promise<T>((resolve) => idle.once(name, resolve));
      const idling = idle.idle();
      const [exists, flags, expunge] = [heard('exists'), heard('flags'), heard('expunge')];
      await see(user, async (imap) => {
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
    expect(wire.said()).toMatch(/ COMPRESS DEFLATE\r\n/);
  });
});

describe('both faces', () => {
  it('IMAP says where JMAP is, and both have the same ids and take the same password, units too', async () => {
    const user = users.nhung;
    const shared = 'Hộp thư đơn vị/Văn phòng Ủy ban nhân dân tỉnh';
    await put(user, `${shared}/Việc`, ['Chung một mã']);
    await put(user, 'Việc riêng', ['Riêng một mã']);
    const line = await Dialogue.connect(installation.ports.imap);
    await line.line();
    expect((await line.run(`LOGIN ${user} "${PASSWORD}"`)).text).toMatch(/^OK \[CAPABILITY .* JMAPACCESS /);
    const [told = ''] = await line.ok('GETJMAPACCESS');
    line.close();
    const url = /^\* JMAPACCESS "(.*)"$/.exec(told)?.[1] ?? '';
    const headers = { Authorization: `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}` };
    const session = (await (await fetch(url, { headers })).json()) as { apiUrl: string; accounts: object };
    const call = async (methodCalls: unknown[]) => {
      const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];
      const body = JSON.stringify({ using, methodCalls });
      const type = { 'Content-Type': 'application/json' };
      const answer = await fetch(session.apiUrl, { method: 'POST', headers: { ...headers, ...type }, body });
      return ((await answer.json()) as { methodResponses: [string, { list: Record<string, unknown>[] }][] })
        .methodResponses;
    };
    const found: Record<string, unknown>[] = [];
    for (const accountId of Object.keys(session.accounts)) {
      const [, emails, mailboxes] = await call([
        ['Email/query', { accountId }, 'q'],
        ['Email/get', { accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' } }, 'e'],
        ['Mailbox/get', { accountId }, 'm'],
      ]);
      const names = new Map(mailboxes?.[1].list.map((m) => [m['id'], m['name']]));
      for (const e of emails?.[1].list ?? [])
        for (const id of Object.keys(e['mailboxIds'] as object))
          if (String(e['subject']).endsWith('một mã'))
            found.push({ email: e['id'], thread: e['threadId'], mailbox: id, name: names.get(id) });
    }
    const seen = await see(user, async (imap) => {
      const ids: Record<string, unknown>[] = [];
      for (const [path, name] of [
        ['Việc riêng', 'Việc riêng'],
        [`${shared}/Việc`, 'Việc'],
      ] as const) {
        const box = await imap.mailboxOpen(path);
        const m = await imap.fetchOne('1', { threadId: true });
        if (m) ids.push({ email: m.emailId, thread: m.threadId, mailbox: box.mailboxId, name });
      }
      return ids;
    });
    expect(seen).toHaveLength(2);
    expect(found).toEqual(seen);
  });
});
