/** INPROGRESS (RFC 9585): long work is told, short work is not. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import type { Dialogue } from './testing/dialogue.ts';
import { mail, SHARED, startServer, type TestServer } from './testing/setup.ts';

describe('INPROGRESS', () => {
  let test: TestServer;
  let c: Dialogue;
  beforeAll(async () => {
    test = await startServer(sqliteDatabase);
    c = await test.client();
    for (const name of ['mot', 'hai', 'ba', 'bon']) await c.ok('APPEND INBOX ', mail(name));
    await c.ok('SELECT INBOX');
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => test.dispose());
  /** Every look at the clock takes so long. */
  const slow = (ms: number): void => {
    let now = test.clock.now();
    vi.spyOn(test.clock, 'now').mockImplementation(() => (now += ms));
  };
  const progress = (lines: readonly string[]): string[] => lines.filter((l) => l.includes('INPROGRESS'));

  it('is announced, and silent where nothing takes long', async () => {
    expect((await c.ok('CAPABILITY'))[0]).toContain(' INPROGRESS');
    expect(progress(await c.ok('SEARCH SUBJECT ba'))).toEqual([]);
  });

  it('SEARCH says every ten seconds how many messages it has looked at', async () => {
    slow(11_000);
    // The Date fields are read in the second pass.
    c.raw('A001 SEARCH SENTSINCE 1-Jan-2001\r\n');
    const { lines, status } = await c.until('A001');
    expect(status).toBe('OK');
    expect(progress(lines)).toEqual(['* OK [INPROGRESS ("A001" 0 4)] still at it']);
    expect(lines).toContain('* SEARCH 1 2 3 4');
  });

  it('SORT and THREAD too', async () => {
    slow(11_000);
    for (const command of ['SORT (SUBJECT) UTF-8 ALL', 'THREAD REFERENCES UTF-8 ALL'])
      expect(progress(await c.ok(command))).toEqual([expect.stringMatching(/^\* OK \[INPROGRESS \("t\d+" 0 4\)\] /)]);
  });

  it('COPY into another account, before anything changes there', async () => {
    await c.ok('ENABLE UTF8=ACCEPT');
    const unit = (await c.ok(`LIST "" "${SHARED}/%"`))[0]?.split('"/" ')[1] ?? '';
    slow(6000);
    const { lines, text } = await c.run(`COPY 1:4 ${unit}`);
    expect(progress(lines).length).toBeGreaterThan(0);
    expect(progress(lines)[0]).toMatch(/^\* OK \[INPROGRESS \("t\d+" [0-3] 4\)\] still at it$/);
    expect(text).toMatch(/^OK \[COPYUID \d+ 1:4 1:4\]/);
  });
});
