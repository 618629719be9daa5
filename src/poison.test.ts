/**
 * A message that ended the server while it was taken apart comes again, whichever way it came: the server that was started since
 * takes it apart in a thread, never where everybody waits for it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { sqliteDatabase } from '../test/support/databases.ts';
import { silentLog } from './base/log.ts';
import { mail } from './delivery/testing/world.ts';
import { startServer } from './imap-lite/testing/setup.ts';
import { list, made } from './jmap/testing/answers.ts';
import { openJmap } from './jmap/testing/server.ts';
import { openSuspects, type Suspects } from './mailstore/preparing/suspects.ts';
import { smtpServers } from './smtp/testing/servers.ts';
import { inbox, openData } from './smtp/testing/visitor.ts';

describe('a message that ended the server', () => {
  const poison = Buffer.from(mail({ From: 'a@b.vn', Subject: 'doc', 'Message-ID': '<doc@b.vn>' }, 'thuốc độc\r\n'));
  const harmless = Buffer.from(mail({ From: 'a@b.vn', Subject: 'lanh', 'Message-ID': '<lanh@b.vn>' }, 'lành\r\n'));
  let folder: string;
  /** What was taken apart on the main thread. */
  let here: string[];
  let suspects: Suspects;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'congvu-poison-'));
    const file = join(folder, 'suspects');
    const ended = openSuspects(file, silentLog);
    ended.trying(poison);
    ended.close();
    here = [];
    const known = openSuspects(file, silentLog);
    suspects = {
      ...known,
      trying(bytes) {
        here.push(/^Subject: (\w+)/m.exec(Buffer.from(bytes).toString('latin1'))?.[1] ?? '');
        known.trying(bytes);
      },
    };
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([
    ['before its 250', 0],
    ['by way of the journal', 1_000_000],
  ])('does not end the next one when its sender tries again: delivered %s', async (_, mostBytes) => {
    const servers = await smtpServers({ world: { suspects }, mx: { bannerDelay: 0 }, incoming: { mostBytes } });
    for (const bytes of [poison, harmless]) {
      const peer = await openData(servers);
      expect(await peer.say(`${bytes.toString().trimEnd()}\r\n.`)).toMatch(/^250/);
      peer.close();
    }
    await servers.incoming.settled();
    expect(await inbox(servers)).toHaveLength(2);
    expect(here).toEqual(['lanh']);
    await servers.dispose();
  });

  it('does not end the next one when a program appends it again', async () => {
    const server = await startServer(sqliteDatabase, {}, silentLog, undefined, suspects);
    const client = await server.client();
    for (const bytes of [poison, harmless])
      await client.ok(`APPEND INBOX {${bytes.length}+}\r\n${bytes.toString('utf8')}`);
    expect(await client.ok('STATUS INBOX (MESSAGES)')).toEqual(['* STATUS INBOX (MESSAGES 2)']);
    expect(here).toEqual(['lanh']);
    await server.dispose();
  });

  it('does not end the next one when it is imported, shown, or looked into again', async () => {
    const jmap = await openJmap(sqliteDatabase, { world: { suspects } });
    const hung = jmap.as(jmap.world.people.hung);
    const inboxId = await hung.mailbox('inbox');
    for (const bytes of [poison, harmless]) {
      const blobId = await hung.upload(bytes);
      const parsed = await hung.call('Email/parse', { blobIds: [blobId], properties: ['subject', 'bodyStructure'] });
      const { bodyStructure } = (parsed['parsed'] as Record<string, { bodyStructure: { blobId: string } }>)[blobId]!;
      const url = `${jmap.origin}/jmap/download/${hung.accountId}/${bodyStructure.blobId}/x?type=text/plain`;
      expect(await (await fetch(url, { headers: hung.headers })).text()).toMatch(/thuốc độc|lành/);
      made(await hung.call('Email/import', { emails: { k: { blobId, mailboxIds: { [inboxId]: true } } } }), 'k');
    }
    const { ids } = await hung.call('Email/query', {});
    const shown = list(await hung.call('Email/get', { ids, properties: ['subject'] }));
    expect(shown.map(({ subject }) => subject).sort()).toEqual(['doc', 'lanh']);
    expect(here).toEqual(['lanh', 'lanh', 'lanh']);
    await jmap.dispose();
  });
});
