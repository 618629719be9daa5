/** `250` means durable: the server is killed in the middle of a stream of deliveries, again and again. */
import { ImapFlow } from 'imapflow';
import { afterAll, describe, expect, inject, it } from 'vitest';

import { Smtp } from '../bench/lib/smtp.ts';
import { noiseText } from '../src/blobs/testing/noise.ts';
import { freshPostgres } from './support/databases.ts';
import { noLimits } from './support/limits.ts';
import { until } from './support/official.ts';
import { PASSWORD, populate } from './support/people.ts';
import { congvu, install, serve, type Installation } from './support/server.ts';

// Hundreds of them at random moments: bench/faults.ts.
const KILLS = 4;
const CONNECTIONS = 6;
/** Too much for a row, however it is packed. */
const LARGE = noiseText(190_000);
const ADDRESSES = ['hungnv@caoson.gov.vn', 'nhunght@caoson.gov.vn', 'vulh@caoson.gov.vn'];
const TOML = `[smtp.mx]\nbannerDelay = 0\n${noLimits('mx')}\n`;

const cleanUp: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const step of cleanUp.reverse()) await step();
});

describe.each(['sqlite', 'pg'] as const)('kill -9 while mail comes in, on %s', (dialect) => {
  it('keeps every message that got 250, once for each recipient, and the store stays whole', async () => {
    const installation = await installed(dialect);
    const acknowledged = new Set<string>();
    let sent = 0;
    for (let round = 0; round < KILLS; round++) {
      const server = await serve(installation);
      const streams = Array.from({ length: CONNECTIONS }, () =>
        stream(installation.ports.smtp, () => `m${sent++}`, acknowledged),
      );
      // Mid-stream on any machine: after some were taken, at a moment of its own.
      const before = acknowledged.size;
      await until('some deliveries', async () => acknowledged.size >= before + 6);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      await server.kill('SIGKILL');
      await Promise.all(streams);
    }
    const server = await serve(installation);
    for (const address of ADDRESSES) {
      const held = await messageIds(installation, address);
      const copies = new Map<string, number>();
      for (const id of held) copies.set(id, (copies.get(id) ?? 0) + 1);
      expect([...acknowledged].filter((id) => copies.get(id) !== 1)).toEqual([]);
      expect([...copies].filter(([, n]) => n !== 1)).toEqual([]);
    }
    expect(await server.kill('SIGTERM')).toBe(0);
    const check = await congvu(installation, 'check', '--deep');
    expect(check).toMatchObject({ code: 0, stdout: expect.stringContaining('The store is whole.') as string });
    // The rounds did something: mail was taken, and some was under way at a kill.
    expect(acknowledged.size).toBeGreaterThan(KILLS * 5);
    expect(sent).toBeGreaterThan(acknowledged.size);
  });
});

async function installed(dialect: 'sqlite' | 'pg'): Promise<Installation> {
  const database = dialect === 'pg' ? await freshPostgres(inject('pgUrl')) : undefined;
  if (database) cleanUp.push(database.drop);
  const installation = await install({ toml: TOML, ...(database ? { databaseUrl: database.url } : {}) });
  cleanUp.push(installation.dispose);
  await populate(installation);
  return installation;
}

/** Delivers until the connection breaks; to all three, small and large in turn, so that rows and files are both hit. */
async function stream(port: number, next: () => string, acknowledged: Set<string>): Promise<void> {
  try {
    const smtp = await Smtp.open(port);
    for (;;) {
      const id = next();
      const body = id.endsWith('0') ? LARGE : 'Nội dung ngắn.\r\n';
      await smtp.send(
        'ngoai@example.org',
        ADDRESSES,
        Buffer.from(
          `From: ngoai@example.org\r\nTo: hungnv@caoson.gov.vn\r\nSubject: ${id}\r\nMessage-ID: <${id}@example.org>\r\n\r\n${body}`,
        ),
      );
      acknowledged.add(`<${id}@example.org>`);
    }
  } catch (error) {
    // The kill ends every connection; anything that the server said itself would be a fault.
    expect(String(error)).toMatch(/connection closed|ECONNRESET|ECONNREFUSED|EPIPE/);
  }
}

async function messageIds(installation: Installation, address: string): Promise<string[]> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: installation.ports.imaps,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: address, pass: PASSWORD },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  const ids: string[] = [];
  for await (const message of client.fetch('1:*', { envelope: true })) ids.push(message.envelope?.messageId ?? '');
  await client.logout();
  return ids;
}
