import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { webParts, type Web } from './testing/web.ts';

const OFFERED = { imapsPort: 993, imapPort: 143, submissionsPort: 465, submissionPort: 587 };

describe('what a mail program is told', () => {
  let web: Web;
  let cookie: string;
  beforeAll(async () => {
    web = await webParts({ hostname: 'thu.caoson.gov.vn', web: OFFERED });
    await web.person('Nguyễn Văn Hùng', 'H99.02');
    cookie = await web.signIn('hungnv@caoson.gov.vn');
  });
  afterAll(() => web.dispose());
  const profile = async () => (await web.request('GET', '/api/v1/mail-programs/apple', { cookie })).text();
  /** `<key>name</key>` and what follows it. */
  const valueOf = (plist: string, key: string) =>
    new RegExp(`<key>${key}</key><(?:string|integer)>([^<]*)<|<key>${key}</key><(true|false)/>`).exec(plist)?.slice(1);

  it('is the own address and the services of the settings, TLS from the first octet before STARTTLS', async () => {
    const response = await web.request('GET', '/api/v1/mail-programs', { cookie });
    expect(await response.json()).toEqual({
      hostname: 'thu.caoson.gov.vn',
      userName: 'hungnv@caoson.gov.vn',
      services: [
        { protocol: 'imap', port: 993, security: 'tls' },
        { protocol: 'imap', port: 143, security: 'starttls' },
        { protocol: 'smtp', port: 465, security: 'tls' },
        { protocol: 'smtp', port: 587, security: 'starttls' },
      ],
    });
  });
  it('is the same as autoconfiguration tells Thunderbird', async () => {
    const { services } = (await (await web.request('GET', '/api/v1/mail-programs', { cookie })).json()) as {
      services: { port: number; security: string }[];
    };
    const xml = await (await web.request('GET', '/mail/config-v1.1.xml')).text();
    const told = [...xml.matchAll(/<port>(\d+)<\/port><socketType>(\w+)</g)].map(([, port, kind]) => ({
      port: Number(port),
      security: kind === 'SSL' ? 'tls' : 'starttls',
    }));
    expect(told).toEqual(services.map(({ port, security }) => ({ port, security })));
  });
  it('is told only to who is signed in', async () => {
    for (const path of ['/api/v1/mail-programs', '/api/v1/mail-programs/apple'])
      expect((await web.request('GET', path)).status).toBe(401);
  });
  it('comes as a profile for iPhone, which Safari installs, with every server and no password', async () => {
    const response = await web.request('GET', '/api/v1/mail-programs/apple', { cookie });
    expect(response.headers.get('content-type')).toBe('application/x-apple-aspen-config');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const plist = await response.text();
    const values = Object.fromEntries(
      ['Incoming', 'Outgoing'].flatMap((way) =>
        ['HostName', 'PortNumber', 'UseSSL', 'Username', 'Authentication'].map((what) => [
          `${way} ${what}`,
          valueOf(plist, `${way}MailServer${what}`)?.find((value) => value !== undefined),
        ]),
      ),
    );
    expect(values).toEqual({
      'Incoming HostName': 'thu.caoson.gov.vn',
      'Incoming PortNumber': '993',
      'Incoming UseSSL': 'true',
      'Incoming Username': 'hungnv@caoson.gov.vn',
      'Incoming Authentication': 'EmailAuthPassword',
      'Outgoing HostName': 'thu.caoson.gov.vn',
      'Outgoing PortNumber': '465',
      'Outgoing UseSSL': 'true',
      'Outgoing Username': 'hungnv@caoson.gov.vn',
      'Outgoing Authentication': 'EmailAuthPassword',
    });
    expect(plist).toContain('<key>EmailAccountName</key><string>Nguyễn Văn Hùng</string>');
    expect(plist).toContain('<key>OutgoingPasswordSameAsIncomingPassword</key><true/>');
    expect(plist).not.toMatch(/<key>(Incoming|Outgoing)Password<\/key>/);
  });
  it('replaces the profile of before, and is another for another person', async () => {
    const uuids = async () =>
      [...(await profile()).matchAll(/<key>PayloadUUID<\/key><string>([^<]*)</g)].map((m) => m[1]);
    const before = await uuids();
    expect(before).toHaveLength(2);
    expect(new Set(before).size).toBe(2);
    for (const uuid of before) expect(uuid).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-8[0-9A-F]{3}-[0-9A-F]{12}$/);
    expect(await uuids()).toEqual(before);
    await web.person('Bùi Thị Thanh', 'H99.02');
    const others = await web.request('GET', '/api/v1/mail-programs/apple', {
      cookie: await web.signIn('thanhbt@caoson.gov.vn'),
    });
    expect(await others.text()).not.toContain(before[0]);
  });
});

describe('where mail programs are not offered', () => {
  it('there is nothing to type and no profile', async () => {
    const web = await webParts({ web: { ...OFFERED, imapsPort: 0, imapPort: 0 } });
    await web.person('Nguyễn Văn Hùng', 'H99.02');
    const cookie = await web.signIn('hungnv@caoson.gov.vn');
    const told = (await (await web.request('GET', '/api/v1/mail-programs', { cookie })).json()) as {
      services: { protocol: string }[];
    };
    expect(told.services.map(({ protocol }) => protocol)).toEqual(['smtp', 'smtp']);
    const response = await web.request('GET', '/api/v1/mail-programs/apple', { cookie });
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'mail_programs.not_offered' }]);
    await web.dispose();
  });
  it('a name with marks of XML stays a name', async () => {
    const web = await webParts({ web: OFFERED });
    await web.person('Hùng <b>&"x', 'H99.02');
    const [official] = await web.directory.officials({ limit: 10 });
    const cookie = await web.signIn(official?.address ?? '');
    const plist = await (await web.request('GET', '/api/v1/mail-programs/apple', { cookie })).text();
    expect(plist).toContain('<string>Hùng &lt;b&gt;&amp;&quot;x</string>');
    await web.dispose();
  });
});
