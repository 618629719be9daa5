/** SAVEDATE (RFC 8514): when a message came into this mailbox, whatever its own dates say. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

const DAY = 86_400_000;

describe.each(dialects)('SAVEDATE ($dialect)', ({ open }) => {
  let test: TestServer;
  let c: Dialogue;
  beforeAll(async () => {
    test = await startServer(open);
    c = await test.client();
    await c.ok('CREATE Sang');
    await c.ok('APPEND INBOX "12-Jan-2026 08:00:00 +0000" ', mail('mot'));
    await c.ok('APPEND INBOX ', mail('hai'));
  });
  afterAll(() => test.dispose());

  it('is the moment of APPEND, COPY and MOVE, not INTERNALDATE', async () => {
    await c.ok('SELECT INBOX');
    expect(await c.ok('FETCH 1 (INTERNALDATE SAVEDATE)')).toEqual([
      '* 1 FETCH (INTERNALDATE "12-Jan-2026 08:00:00 +0000" SAVEDATE "22-Nov-2026 03:00:00 +0000")',
    ]);
    test.clock.advance(DAY);
    await c.ok('COPY 1 Sang');
    test.clock.advance(DAY);
    await c.ok('MOVE 2 Sang');
    await c.ok('SELECT Sang');
    expect(await c.ok('FETCH 1:2 (SAVEDATE)')).toEqual([
      '* 1 FETCH (SAVEDATE "23-Nov-2026 03:00:00 +0000")',
      '* 2 FETCH (SAVEDATE "24-Nov-2026 03:00:00 +0000")',
    ]);
    expect(await c.ok('UID FETCH 1 (INTERNALDATE)')).toEqual([
      '* 1 FETCH (UID 1 INTERNALDATE "12-Jan-2026 08:00:00 +0000")',
    ]);
  });

  it.each([
    ['SAVEDON 23-Nov-2026', '1'],
    ['SAVEDBEFORE 24-Nov-2026', '1'],
    ['SAVEDSINCE 24-Nov-2026', '2'],
    ['SAVEDSINCE 25-Nov-2026', ''],
    ['NOT SAVEDBEFORE 23-Nov-2026 BEFORE 13-Jan-2026', '1'],
    ['SAVEDATESUPPORTED', '1 2'],
    ['NOT SAVEDATESUPPORTED', ''],
  ])('SEARCH %s', async (program, expected) => {
    expect(await c.ok(`SEARCH ${program}`)).toEqual([`* SEARCH ${expected}`.trim()]);
  });

  it('flags do not move it, and it is announced', async () => {
    test.clock.advance(DAY);
    await c.ok('STORE 1 +FLAGS (\\Seen)');
    expect(await c.ok('FETCH 1 (SAVEDATE)')).toEqual(['* 1 FETCH (SAVEDATE "23-Nov-2026 03:00:00 +0000")']);
    expect((await c.ok('CAPABILITY'))[0]).toContain(' SAVEDATE');
  });
});
