/** ACL (RFC 4314): rights of the directory as clients see them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { HUNG, LAN, SHARED, startServer, type TestServer } from '../testing/setup.ts';

describe.each(dialects)('ACL ($dialect)', ({ open }) => {
  let test: TestServer;
  let c: Dialogue;
  let unit: string;
  beforeAll(async () => {
    test = await startServer(open);
    c = await test.client();
    expect((await c.ok('CAPABILITY'))[0]).toContain(' ACL RIGHTS=texk');
    await c.ok('ENABLE UTF8=ACCEPT');
    unit = (await c.ok(`LIST "" "${SHARED}/%"`))[0]?.split('"/" ')[1] ?? '';
  });
  afterAll(() => test.dispose());

  it('the owner has all rights, a delegate all but "a"', async () => {
    expect(await c.ok('MYRIGHTS inbox')).toEqual(['* MYRIGHTS INBOX lrswipkxtecda']);
    expect(await c.ok(`MYRIGHTS ${unit}`)).toEqual([`* MYRIGHTS ${unit} lrswipkxtecd`]);
    expect(await c.ok('GETACL INBOX')).toEqual([`* ACL INBOX "${HUNG}" lrswipkxtecda`]);
    expect(await c.ok(`LISTRIGHTS INBOX ${HUNG.toUpperCase()}`)).toEqual([
      `* LISTRIGHTS INBOX "${HUNG.toUpperCase()}" lrswipkxtecda`,
    ]);
    expect(await c.ok(`LISTRIGHTS INBOX ${LAN}`)).toEqual([`* LISTRIGHTS INBOX "${LAN}" ""`]);
  });

  it('only an administrator of the unit sees who else has rights there', async () => {
    expect((await c.run(`GETACL ${unit}`)).text).toMatch(/^NO \[NOPERM\]/);
    expect((await c.run(`LISTRIGHTS ${unit} ${LAN}`)).text).toMatch(/^NO \[NOPERM\]/);
    const found = await test.directory.unit({ accountId: test.unitAccount });
    await test.db.write((tx) => test.directory.grantRole(tx, test.hung.id, { role: 'unit_admin', unitId: found!.id }));
    expect(await c.ok(`MYRIGHTS ${unit}`)).toEqual([`* MYRIGHTS ${unit} lrswipkxtecda`]);
    const [acl] = await c.ok(`GETACL ${unit}`);
    expect(acl).toContain(` "${HUNG}" lrswipkxtecda`);
    expect(acl).toMatch(new RegExp(` "${LAN}" lrswipkxtecd( |$)`));
    const lan = await test.client(LAN);
    await lan.ok('ENABLE UTF8=ACCEPT');
    expect(await lan.ok(`MYRIGHTS ${unit}`)).toEqual([`* MYRIGHTS ${unit} lrswipkxtecd`]);
  });

  it('who is no delegate does not see the mailbox at all', async () => {
    const lan = await test.directory.official({ address: LAN });
    await test.db.write((tx) => test.directory.removeDelegate(tx, test.unitAccount, lan!.id));
    const d = await test.client(LAN);
    await d.ok('ENABLE UTF8=ACCEPT');
    for (const command of ['MYRIGHTS', 'GETACL']) {
      expect((await d.run(`${command} ${unit}`)).text).toMatch(/^NO \[NONEXISTENT\]/);
      expect((await d.run(`${command} Nichts`)).text).toMatch(/^NO \[NONEXISTENT\]/);
    }
    expect((await c.ok(`GETACL ${unit}`)).join()).not.toContain(LAN);
  });

  it.each([
    // RFC 4314 §3.1, §3.2
    [`SETACL INBOX ${LAN} +lrs`, 'NO [NOPERM]'],
    [`SETACL INBOX ${LAN} ""`, 'NO [NOPERM]'],
    [`SETACL INBOX "anyone" -x`, 'NO [NOPERM]'],
    [`DELETEACL INBOX ${LAN}`, 'NO [NOPERM]'],
    [`SETACL Nichts ${LAN} lr`, 'NO [NONEXISTENT]'],
    [`SETACL INBOX ${LAN} LR`, 'BAD'],
    [`SETACL INBOX ${LAN} l+r`, 'BAD'],
    // §3.1: a right that nobody knows; §3: an empty identifier
    [`SETACL INBOX ${LAN} lrz`, 'BAD'],
    [`SETACL INBOX ${LAN} +0`, 'BAD'],
    ['SETACL INBOX "" lr', 'BAD'],
    ['DELETEACL INBOX ""', 'BAD'],
    ['LISTRIGHTS INBOX ""', 'BAD'],
    [`SETACL INBOX ${LAN}`, 'BAD'],
    ['DELETEACL INBOX', 'BAD'],
    ['LISTRIGHTS INBOX', 'BAD'],
    ['GETACL', 'BAD'],
    ['MYRIGHTS INBOX x', 'BAD'],
  ])('%s: %s', async (text, expected) => {
    expect((await c.run(text)).text.startsWith(expected)).toBe(true);
    expect(await c.ok('GETACL INBOX')).toEqual([`* ACL INBOX "${HUNG}" lrswipkxtecda`]);
  });
});
