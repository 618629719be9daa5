/** Mail that was taken a moment ago (src/delivery/incoming): who asks what mail there is waits for it, nobody else does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import type { Dialogue } from './testing/dialogue.ts';
import { mail, startServer, type TestServer } from './testing/setup.ts';

describe('a command while mail is still being delivered', () => {
  let first: TestServer;
  let second: TestServer;
  let client: Dialogue;
  let waited = 0;
  beforeAll(async () => {
    first = await startServer(sqliteDatabase);
    second = await first.another({}, async () => void waited++);
    client = await second.client();
    await client.ok('APPEND INBOX ', mail('mot'));
    await client.ok('SELECT INBOX');
  });
  afterAll(async () => {
    await second.dispose();
    await first.dispose();
  });
  const waits = async (...command: Parameters<Dialogue['ok']>): Promise<number> => {
    waited = 0;
    await client.ok(...command);
    return waited;
  };

  it.each([
    ...['NOOP', 'CHECK', 'STATUS INBOX (MESSAGES)', 'SELECT INBOX', 'EXAMINE INBOX', 'SEARCH ALL', 'LIST "" *'],
    ...['FETCH * (UID)', 'UID FETCH 1:* (FLAGS)'],
  ])('waits for it: %s', async (command) => {
    expect(await waits(command)).toBe(1);
  });

  it('waits for it before an APPEND, which then comes after it', async () => {
    expect(await waits('APPEND INBOX ', mail('hai'))).toBe(1);
  });

  it('does not wait when it is about what the client knows', async () => {
    await client.ok('SELECT INBOX');
    for (const command of [
      'FETCH 1 (UID)',
      'UID FETCH 1 BODY.PEEK[]',
      'STORE 1 +FLAGS (\\Seen)',
      'COPY 1 INBOX',
      'EXPUNGE',
    ])
      expect(await waits(command), command).toBe(0);
  });
});
