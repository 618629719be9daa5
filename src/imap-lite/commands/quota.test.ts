/** QUOTA (RFC 9208): what an account uses, of the own and of a unit's mailboxes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, MOI, SHARED, startServer, type TestServer } from '../testing/setup.ts';

describe.each(dialects)('QUOTA ($dialect)', ({ open }) => {
  let test: TestServer;
  let c: Dialogue;
  beforeAll(async () => {
    test = await startServer(open);
    await test.db.write(async (tx) => {
      await test.mailstore.setAccount(tx, test.hung.accountId, { quotaBytes: 10 * 1024 });
      await test.mailstore.setAccount(tx, test.unitAccount, { quotaBytes: 5 * 1024 * 1024 });
    });
    c = await test.client();
  });
  afterAll(() => test.dispose());

  it('is announced with its resource', async () => {
    expect((await c.ok('CAPABILITY'))[0]).toContain(' QUOTA QUOTA=RES-STORAGE');
  });

  it('GETQUOTAROOT tells the account and its storage in units of 1,024 octets, begun ones counted', async () => {
    const root = `A${test.hung.accountId}`;
    expect(await c.ok('GETQUOTAROOT inbox')).toEqual([`* QUOTAROOT INBOX ${root}`, `* QUOTA ${root} (STORAGE 0 10)`]);
    await c.ok('APPEND INBOX (\\Deleted) ', mail('lon', 'x'.repeat(3000)));
    expect(await c.ok(`GETQUOTA ${root}`)).toEqual([`* QUOTA ${root} (STORAGE 4 10)`]);
    expect(await c.ok('STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)')).toEqual([
      '* STATUS INBOX (MESSAGES 1 DELETED 1 DELETED-STORAGE 4)',
    ]);
    expect((await c.run('APPEND INBOX ', mail('zu', 'x'.repeat(9000)))).text).toMatch(/^NO \[OVERQUOTA\]/);
    expect((await c.run('COPY 1 INBOX')).status).toBe('BAD');
    await c.ok('SELECT INBOX');
    await c.ok('EXPUNGE');
    expect(await c.ok(`GETQUOTA "${root}"`)).toEqual([`* QUOTA ${root} (STORAGE 0 10)`]);
  });

  it('the unit has its own', async () => {
    await c.ok('ENABLE UTF8=ACCEPT');
    const inbox = (await c.ok(`LIST "" "${SHARED}/%"`))[0]?.split('"/" ')[1] ?? '';
    const lines = await c.ok(`GETQUOTAROOT ${inbox}`);
    expect(lines[1]).toBe(`* QUOTA A${test.unitAccount} (STORAGE 0 5120)`);
    expect(lines[0]).toBe(`* QUOTAROOT ${inbox} A${test.unitAccount}`);
  });

  it("others' accounts and unknown names do not exist", async () => {
    const other = await test.directory.official({ address: MOI });
    for (const root of [`A${other?.accountId}`, 'A999999', '""', 'A1x', `A${'9'.repeat(20)}`])
      expect((await c.run(`GETQUOTA ${root}`)).text).toMatch(/^NO \[NONEXISTENT\]/);
    expect((await c.run('GETQUOTAROOT Nichts')).text).toMatch(/^NO \[NONEXISTENT\]/);
    expect((await c.run(`GETQUOTAROOT "${SHARED}"`)).text).toMatch(/^NO \[CANNOT\]/);
    expect((await c.run('GETQUOTA')).status).toBe('BAD');
    expect((await c.run('SETQUOTA "" (STORAGE 512)')).status).toBe('BAD');
  });
});
