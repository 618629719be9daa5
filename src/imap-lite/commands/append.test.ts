/** APPEND of several messages at once (RFC 3502): all or none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects, sqliteDatabase } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, SHARED, startServer, type TestServer } from '../testing/setup.ts';

describe.each(dialects)('MULTIAPPEND ($dialect)', ({ open }) => {
  let test: TestServer;
  let a: Dialogue;
  let b: Dialogue;
  beforeAll(async () => {
    test = await startServer(open);
    [a, b] = [await test.client(), await test.client()];
    await b.ok('SELECT INBOX');
  });
  afterAll(async () => {
    expect(await test.findings()).toEqual([]);
    await test.dispose();
  });
  const sized = (text: string): string => `{${Buffer.byteLength(text)}+}\r\n${text}`;
  const stored = async (): Promise<string | undefined> => (await a.ok('STATUS INBOX (MESSAGES UIDNEXT)'))[0];

  it('stores them in order, each with its flags and date, and tells all UIDs', async () => {
    const [one, two, three] = [mail('mot'), mail('hai'), mail('ba')].map(sized);
    const { text } = await a.run(
      `APPEND INBOX (\\Seen) ${one} (\\Deleted Rieng) "12-Jan-2026 08:00:00 +0700" ${two} ${three}`,
    );
    expect(text).toMatch(/^OK \[APPENDUID \d+ 1:3\]/);
    expect(await b.ok('NOOP')).toContain('* 3 EXISTS');
    expect(await b.ok('FETCH 1:3 (FLAGS INTERNALDATE)')).toEqual([
      '* 1 FETCH (FLAGS (\\Seen) INTERNALDATE "22-Nov-2026 03:00:00 +0000")',
      '* 2 FETCH (FLAGS (rieng \\Deleted) INTERNALDATE "12-Jan-2026 01:00:00 +0000")',
      '* 3 FETCH (FLAGS () INTERNALDATE "22-Nov-2026 03:00:00 +0000")',
    ]);
  });

  it('one that cannot be stored keeps all of them out', async () => {
    const before = await stored();
    const good = sized(mail('gut'));
    // RFC 3502 §6.3.11: an empty message gives the whole up.
    expect((await a.run(`APPEND INBOX ${good} ${sized('')}`)).status).toBe('NO');
    expect((await a.run(`APPEND INBOX ${good} ${sized('a\0b')}`)).text).toMatch(/^NO \[UNKNOWN-CTE\]/);
    expect((await a.run(`APPEND INBOX ${good} (\\Recent) ${good}`)).status).toBe('BAD');
    expect((await a.run(`APPEND INBOX ${good} (\\Seen)`)).status).toBe('BAD');
    const { usedBytes } = await test.mailstore.read(test.hung.accountId).info();
    await test.db.write((tx) =>
      test.mailstore.setAccount(tx, test.hung.accountId, { quotaBytes: usedBytes + mail('x').length + 10 }),
    );
    expect((await a.run(`APPEND INBOX ${sized(mail('x'))} ${sized(mail('y'))}`)).text).toMatch(/^NO \[OVERQUOTA\]/);
    await test.db.write((tx) => test.mailstore.setAccount(tx, test.hung.accountId, { quotaBytes: 10 ** 9 }));
    expect(await stored()).toBe(before);
    expect(await b.ok('NOOP')).toEqual([]);
  });

  it('appendMessages and appendBytes limit the whole command', async () => {
    const small = await test.another({ appendMessages: 2, appendBytes: 1000 });
    const c = await small.client();
    const before = await stored();
    const one = sized(mail('mot'));
    expect((await c.run(`APPEND INBOX ${one} ${one} ${one}`)).text).toMatch(/^NO \[LIMIT\]/);
    c.raw(`a APPEND INBOX ${one} {900}\r\n`);
    expect((await c.until('a')).text).toMatch(/^NO \[TOOBIG\]/);
    expect(await stored()).toBe(before);
    expect((await c.ok('CAPABILITY'))[0]).toContain(' MULTIAPPEND');
    await small.dispose();
  });
});

describe("the unit's Sent", () => {
  it('takes the copy that a mail program files by itself as the one that lies there', async () => {
    const test = await startServer(sqliteDatabase);
    const c = await test.client();
    await c.ok('ENABLE UTF8=ACCEPT');
    const box = `"${SHARED}/Thư đã gửi"`;
    const count = async () => (await c.ok(`STATUS ${box} (MESSAGES)`))[0];
    const sent = mail('thay mat');
    // As submission keeps it: our trace in front.
    const prepared = await test.mailstore.prepare(Buffer.from(`Received: by mail.caoson.gov.vn\r\n${sent}`));
    await test.mailstore.write(test.unitAccount, async (w) => {
      const mailbox = await w.mailboxByRole('sent');
      const { emailId, threadId } = await w.append(prepared, { mailboxIds: [mailbox!.id] });
      await w.createSubmission({
        sentBy: test.hung.id,
        identityId: 'snv@caoson.gov.vn',
        ...{ emailId, threadId, sendAt: test.clock.now(), undoStatus: 'final', outboundId: null },
        envelope: { mailFrom: { email: 'snv@caoson.gov.vn', parameters: null }, rcptTo: [] },
      });
    });
    const program = sent.replace('MIME-Version', 'X-Mozilla-Draft-Info: internal\r\nMIME-Version');
    test.clock.advance(60_000);
    expect((await c.run(`APPEND ${box} (\\Seen) `, program)).text).toMatch(/^OK \[APPENDUID \d+ 1\]/);
    expect(await count()).toContain('MESSAGES 1');
    await c.ok(`SELECT ${box}`);
    expect(await c.ok('FETCH 1 FLAGS')).toEqual(['* 1 FETCH (FLAGS (\\Seen))']);
    // Another text, another message, another folder, or much later: stored.
    await c.ok(`APPEND ${box} `, `${program}Tái bút.\r\n`);
    await c.ok(`APPEND ${box} `, mail('khac'));
    await c.ok('APPEND INBOX ', program);
    expect((await c.ok('STATUS INBOX (MESSAGES)'))[0]).toContain('MESSAGES 1');
    expect(await count()).toContain('MESSAGES 3');
    test.clock.advance(3_600_000);
    await c.ok(`APPEND ${box} `, program);
    expect(await count()).toContain('MESSAGES 4');
    expect(await test.findings()).toEqual([]);
    await test.dispose();
  });
});
