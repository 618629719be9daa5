/**
 * The mail programs that people have, each doing real work against one real server; what they did is read back with
 * imapflow. Programs that are not installed are left out, and their tests say so.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Dialogue } from '../src/imap-lite/testing/dialogue.ts';
import { PASSWORD } from './support/people.ts';
import { tryProgram } from './support/programs.ts';
import { programsThatStay } from './clients/connected.ts';
import { programsThatCopy } from './clients/copying.ts';
import { letter } from './clients/maildir.ts';
import { client, Site } from './clients/site.ts';

const site = new Site();
beforeAll(() => site.open());
afterAll(() => site.dispose());

// One server for all: each start costs seconds.
programsThatCopy(site);

describe('an access token of the identity provider', () => {
  client('curl', 'reads and sends with it (OAUTHBEARER), and it opens JMAP', async () => {
    const { imaps, submissions, http } = site.installation.ports;
    const token = await site.issuer.token(Date.now(), { email: site.users.hung });
    const curl = (url: string, bearer: string, ...args: string[]) =>
      tryProgram('curl', [
        '-sS',
        '--cacert',
        site.cert,
        '--oauth2-bearer',
        bearer,
        '-u',
        `${site.users.hung}:`,
        url,
        ...args,
      ]);
    const file = await site.config('token.eml', letter('Gửi bằng mã').replace('vanthu@', 'hungnv@'));
    const send = ['--mail-from', site.users.hung, '--mail-rcpt', site.users.hung, '-T', file];
    expect(await curl(`smtps://localhost:${submissions}`, token, ...send)).toMatchObject({ code: 0 });
    const found = await curl(`imaps://localhost:${imaps}/INBOX?SUBJECT%20%22gui%20bang%20ma%22`, token);
    expect(found.output).toMatch(/^\* SEARCH \d+\r\n$/);
    const session = (bearer: string) =>
      fetch(`http://127.0.0.1:${http}/jmap/session`, { headers: { Authorization: `Bearer ${bearer}` } });
    expect(await (await session(token)).json()).toMatchObject({ username: site.users.hung });

    // 67: the server did not let us in.
    const expired = await site.issuer.token(Date.now() - 3_600_000, { email: site.users.hung });
    expect((await curl(`smtps://localhost:${submissions}`, expired, ...send)).code).toBe(67);
    expect((await curl(`imaps://localhost:${imaps}/INBOX`, expired)).code).toBe(67);
    expect((await session(expired)).status).toBe(401);
    const other = await site.issuer.token(Date.now(), { email: site.users.vu });
    expect((await curl(`imaps://localhost:${imaps}/INBOX`, other)).code).toBe(67);
  });
});

programsThatStay(site);

describe('both faces', () => {
  it('IMAP says where JMAP is, and both have the same ids and take the same password, units too', async () => {
    const user = site.users.nhung;
    const shared = 'Hộp thư đơn vị/Văn phòng Ủy ban nhân dân tỉnh';
    await site.put(user, `${shared}/Việc`, ['Chung một mã']);
    await site.put(user, 'Việc riêng', ['Riêng một mã']);
    const line = await Dialogue.connect(site.installation.ports.imap);
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
    const seen = await site.see(user, async (imap) => {
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
