/** Mail that was taken a moment ago (src/delivery/incoming): who asks what mail there is waits for it, nobody else does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../../test/support/databases.ts';
import type { AccountId } from '../base/ids.ts';
import type { Dialogue } from './testing/dialogue.ts';
import { mail, SHARED, startServer, type TestServer } from './testing/setup.ts';
import { mailbox } from './wire/print.ts';

const shared = mailbox(`${SHARED}/Hộp thư đến`, false);

describe('a command while mail is still being delivered', () => {
  let first: TestServer;
  let second: TestServer;
  let client: Dialogue;
  let own: AccountId;
  /** For whose mail. */
  let waited: (readonly AccountId[])[] = [];
  beforeAll(async () => {
    first = await startServer(sqliteDatabase);
    second = await first.another({}, async (accounts) => void waited.push(accounts));
    own = first.hung.accountId;
    client = await second.client();
    await client.ok('APPEND INBOX ', mail('mot'));
    await client.ok('SELECT INBOX');
  });
  afterAll(async () => {
    await second.dispose();
    await first.dispose();
  });
  const waits = async (...command: Parameters<Dialogue['ok']>): Promise<typeof waited> => {
    waited = [];
    await client.ok(...command);
    return waited;
  };

  it.each([
    ...['NOOP', 'CHECK', 'STATUS INBOX (MESSAGES)', 'SELECT INBOX', 'EXAMINE INBOX', 'SEARCH ALL'],
    ...['FETCH * (UID)', 'UID FETCH 1:* (FLAGS)'],
  ])('waits for what may be for the account that it asks about: %s', async (command) => {
    expect(await waits(command)).toEqual([[own]]);
  });

  it('waits for what may be for any account that it may show', async () => {
    const all = [[own, first.unitAccount]];
    expect(await waits('LIST "" *')).toEqual(all);
    expect(await waits(`STATUS ${shared} (MESSAGES)`)).toEqual(all);
    expect(await waits(`SELECT ${shared}`)).toEqual(all);
    expect(await waits('NOOP')).toEqual([[first.unitAccount]]);
    expect(await waits('SEARCH ALL')).toEqual([[first.unitAccount]]);
    await client.ok('SELECT INBOX');
  });

  it('waits for it before an APPEND, which then comes after it', async () => {
    expect(await waits('APPEND INBOX ', mail('hai'))).toEqual([[own]]);
  });

  it('does not wait when it is not about mail, or about what the client knows', async () => {
    await client.ok('SELECT INBOX');
    for (const command of [
      'FETCH 1 (UID)',
      'UID FETCH 1 BODY.PEEK[]',
      'STORE 1 +FLAGS (\\Seen)',
      'COPY 1 INBOX',
      'EXPUNGE',
      'NAMESPACE',
      'CAPABILITY',
      'UNSELECT',
      'NOOP',
    ])
      expect(await waits(command), command).toEqual([]);
  });
});
