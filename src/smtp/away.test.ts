/** PostgreSQL goes away between the 250 and the delivery, and comes back. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { freshPostgres, MIGRATED } from '../../test/support/databases.ts';
import { openPostgres } from '../db/dialects/postgres.ts';
import { dialogue, type Dialogue } from './testing/dialogue.ts';
import { smtpServers, type SmtpServers } from './testing/servers.ts';

/** Between us and the database: cuts every connection, at once or as soon as it hears this from the database. */
async function proxy(to: number) {
  const open = new Set<Socket>();
  let away = false;
  let cue: string | undefined;
  const cut = (): void => {
    away = true;
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (away) return void client.destroy();
    const database = connect(to, '127.0.0.1');
    for (const socket of [client, database]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        database.destroy();
      });
    }
    client.on('data', (octets) => database.write(octets));
    database.on('data', (octets) => {
      if (cue !== undefined && octets.includes(cue)) cut();
      else client.write(octets);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    cutAt: (words: string) => void (cue = words),
    mend() {
      away = false;
      cue = undefined;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

describe('mail that was taken while PostgreSQL went away', () => {
  let servers: SmtpServers;
  let between: Awaited<ReturnType<typeof proxy>>;
  let client: Dialogue;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const fresh = await freshPostgres(inject('pgUrl'), { template: MIGRATED });
    ({ drop } = fresh);
    between = await proxy(Number(new URL(fresh.url).port));
    const url = new URL(fresh.url);
    url.port = String(between.port);
    servers = await smtpServers({
      mx: { bannerDelay: 0 },
      incoming: { mostBytes: 1_000_000 },
      open: async () => {
        const db = await openPostgres({ url: url.href, poolSize: 3 });
        return { db, dispose: () => db.close() };
      },
    });
    client = await dialogue(servers.mxPort);
    await client.hear();
    await client.say('EHLO bo.example');
  });
  afterEach(() => between.mend());
  afterAll(async () => {
    client.close();
    await servers.dispose();
    await between.stop();
    await drop();
  });

  const send = async (subject: string, beforeDot?: () => void) => {
    await client.say('MAIL FROM:<lan@bo.example>');
    await client.say(`RCPT TO:<${servers.people.hung.address}>`);
    await client.say('DATA');
    beforeDot?.();
    // Without a Message-ID nobody could tell it from another of the same words.
    return client.say(`From: lan@bo.example\r\nSubject: ${subject}\r\n\r\nnội dung\r\n.`);
  };
  const subjects = async () =>
    (await servers.inbox(servers.people.hung.accountId)).map((text) => /^Subject: (.*)$/m.exec(text)?.[1]?.trim());

  it('is delivered once it is back, and who sends meanwhile is told to come again', async () => {
    expect(await send('mot', between.cut)).toMatch(/^250 /);
    await servers.incoming.settled();
    await client.say('RSET');
    await client.say('MAIL FROM:<lan@bo.example>');
    expect(await client.say(`RCPT TO:<${servers.people.nhung.address}>`)).toMatch(/^451 4\.3\.0 /);
    await client.say('RSET');
    between.mend();
    await expect.poll(subjects, { timeout: 8000 }).toEqual(['mot']);
  });

  it('is not delivered a second time when it went away after the commit, before it said so', async () => {
    between.cutAt('COMMIT\0');
    expect(await send('hai')).toMatch(/^250 /);
    await servers.incoming.settled();
    between.mend();
    expect(await send('ba')).toMatch(/^250 /);
    await expect.poll(subjects, { timeout: 8000 }).toContain('ba');
    expect(await subjects()).toEqual(['mot', 'hai', 'ba']);
  });
});
