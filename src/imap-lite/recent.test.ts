/** \Recent (RFC 3501 §2.3.2): the first session that hears of a message, and only that, also over a restart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { mail, startServer, type TestServer } from './testing/setup.ts';

describe.each(dialects)('\\Recent on $dialect', ({ open }) => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startServer(open);
  });
  afterAll(() => test.dispose());
  const client = async (from = test) => {
    const c = await from.client();
    c.recent = true;
    return c;
  };

  it('belongs to the first session that is told, not to one that only looks', async () => {
    const [a, b, c] = [await client(), await client(), await client()];
    await a.ok('CREATE Moi');
    for (const name of ['mot', 'hai']) await a.ok('APPEND Moi ', mail(name));
    expect(await a.ok('STATUS Moi (RECENT)')).toEqual(['* STATUS Moi (RECENT 2)']);
    expect(await c.ok('EXAMINE Moi')).toContain('* 2 RECENT');
    expect(await a.ok('SELECT Moi')).toContain('* 2 RECENT');
    expect(await b.ok('SELECT Moi')).toContain('* 0 RECENT');
    expect(await a.ok('STATUS Moi (RECENT)')).toEqual(['* STATUS Moi (RECENT 0)']);
    expect(await a.ok('FETCH 1:* FLAGS')).toEqual(['* 1 FETCH (FLAGS (\\Recent))', '* 2 FETCH (FLAGS (\\Recent))']);
    expect(await b.ok('FETCH 1 FLAGS')).toEqual(['* 1 FETCH (FLAGS ())']);
    expect(await a.ok('STORE 1 +FLAGS (\\Seen)')).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))']);
    for (const [key, found] of [
      ['RECENT', ' 1 2'],
      ['NEW', ' 2'],
      ['OLD', ''],
    ] as const)
      expect(await a.ok(`SEARCH ${key}`)).toEqual([`* SEARCH${found}`]);
    await b.ok('NOOP');
    expect(await b.ok('SEARCH OLD')).toEqual(['* SEARCH 1 2']);
  });

  it('what comes while mailboxes stand open goes to one of them; expunges count down', async () => {
    const [a, b] = [await client(), await client()];
    await a.ok('CREATE Den');
    await a.ok('SELECT Den');
    await b.ok('SELECT Den');
    a.raw('x IDLE\r\n');
    expect(await a.line()).toBe('+ idling');
    await (await client()).ok('APPEND Den ', mail('ba'));
    expect([await a.line(), await a.line()]).toEqual(['* 1 EXISTS', '* 1 RECENT']);
    a.raw('DONE\r\n');
    await a.until('x');
    expect(await b.ok('NOOP')).toEqual(['* 1 EXISTS', '* 0 RECENT']);
    await a.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    await a.ok('EXPUNGE');
    await (await client()).ok('APPEND Den ', mail('bon'));
    expect(await b.ok('NOOP')).toContain('* 1 RECENT');
  });

  it('who only looks counts each once, however much comes meanwhile', async () => {
    const [a, b] = [await client(), await client()];
    await a.ok('CREATE Xem');
    await a.ok('APPEND Xem ', mail('sau'));
    expect(await b.ok('EXAMINE Xem')).toContain('* 1 RECENT');
    for (const number of [2, 3]) {
      await a.ok('APPEND Xem ', mail(`thu ${number}`));
      expect(await b.ok('NOOP')).toEqual([`* ${number} EXISTS`, `* ${number} RECENT`]);
    }
  });

  it('is kept when the mailbox is left, for other processes and after a restart', async () => {
    const a = await client();
    await a.ok('CREATE Nho');
    await a.ok('APPEND Nho ', mail('nam'));
    await a.ok('SELECT Nho');
    await a.ok('CLOSE');
    const other = await test.another({});
    const b = await client(other);
    for (;;) {
      const [line] = await b.ok('STATUS Nho (RECENT)');
      if (line === '* STATUS Nho (RECENT 0)') break;
    }
    expect(await b.ok('SELECT Nho')).toContain('* 0 RECENT');
    await other.dispose();
    expect(await test.findings()).toEqual([]);
  });

  it('rev2 knows none of it', async () => {
    const c = await client();
    await c.ok('ENABLE IMAP4rev2');
    await c.ok('CREATE Hai');
    await c.ok('APPEND Hai ', mail('sau'));
    expect((await c.ok('SELECT Hai')).join()).not.toContain('RECENT');
    expect(await c.ok('FETCH 1 FLAGS')).toEqual(['* 1 FETCH (FLAGS ())']);
    await c.ok('APPEND Hai ', mail('bay'));
    expect((await c.ok('NOOP')).join()).not.toContain('RECENT');
  });
});
