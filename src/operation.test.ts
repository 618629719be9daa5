/** The settings of the whole server at their border: what is swept when, how the certificate is watched, connections to the database. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';

import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { freshPostgres, MIGRATED } from '../test/support/databases.ts';
import { manualClock } from './base/clock.ts';
import { createLog, silentLog } from './base/log.ts';
import { loadConfig } from './config.ts';
import { openPostgres } from './db/dialects/postgres.ts';
import { createMasterKey } from './installation.ts';
import { startMaintenance, sweep } from './maintenance.ts';
import { openParts, type Parts } from './parts.ts';
import { watchTls } from './tls-renewal.ts';

const HOUR = 3_600_000;

describe('a server', () => {
  let data: string;
  let parts: Parts;
  const clock = manualClock(Date.UTC(2026, 10, 22, 3));
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'congvu-operation-'));
    await writeFile(
      join(data, 'congvu.toml'),
      `[maintenance]\nsweepMinutes = 3\nblobGraceHours = 5\nqueueDays = 2\n[tls]\ncheckSeconds = 7\n` +
        `[delivery]\njournalMessageBytes = 1000\n`,
    );
    await createMasterKey(data);
    parts = await openParts(loadConfig({ env: { CONGVU_DATA: data } }), { log: silentLog, clock });
  });
  afterEach(() => vi.useRealTimers());
  afterAll(async () => {
    await parts.close();
    await rm(data, { recursive: true, force: true });
  });

  it('maintenance.blobGraceHours: content that nothing refers to is kept for so long', async () => {
    const staged = await parts.blobs.stage(Buffer.from('of nobody'));
    await parts.db.write((tx) => parts.blobs.record(tx, staged));
    const isThere = async (): Promise<boolean> => {
      await sweep(parts);
      return parts.blobs.read(staged.hash).then(
        () => true,
        () => false,
      );
    };
    clock.advance(5 * HOUR - 1);
    expect(await isThere()).toBe(true);
    clock.advance(2);
    expect(await isThere()).toBe(false);
  });

  it('maintenance.queueDays: what was given up is remembered for so long', async () => {
    const message = await parts.mailstore.prepare(Buffer.from('From: a@b.example\r\n\r\nx\r\n'));
    await parts.delivery.report(message, 'ban@bo.example');
    const [row] = await parts.queue.list();
    await parts.queue.cancel(row!.outboundId);
    const left = async (): Promise<number> => {
      await sweep(parts);
      return (await parts.queue.list()).length;
    };
    clock.advance(2 * 24 * HOUR - 1);
    expect(await left()).toBe(1);
    clock.advance(2);
    expect(await left()).toBe(0);
  });

  it('maintenance.sweepMinutes: swept so often', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let sweeps = 0;
    const mailstore = { ...parts.mailstore, sweep: async () => ++sweeps };
    const maintenance = startMaintenance({ ...parts, mailstore });
    vi.advanceTimersByTime(3 * 60_000 - 1);
    expect(sweeps).toBe(0);
    vi.advanceTimersByTime(1);
    expect(sweeps).toBe(1);
    await maintenance.stop();
  });

  it('tls.checkSeconds: the files of the certificate are looked at so often', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let looks = 0;
    const pair = { key: '', cert: '' };
    const read = async () => (looks++, pair);
    const renewal = watchTls(parts, pair, read, () => undefined);
    vi.advanceTimersByTime(6999);
    await renewal.look();
    expect(looks).toBe(1);
    vi.advanceTimersByTime(1);
    await renewal.look();
    expect(looks).toBe(3);
    renewal.stop();
  });

  it('delivery.journalMessageBytes: up to so many octets mail is taken before it is delivered', async () => {
    const seen: string[] = [];
    await parts.incoming.start(async (_mail, when) => async () => void seen.push(when));
    const origin = {
      session: 's',
      remote: '192.0.2.1',
      authentication: { spf: 'none', dkim: 'none', dmarc: 'none', arc: 'none' } as const,
      policy: 'none' as const,
    };
    const envelope = { mailFrom: 'a@b.example', rcptTo: [{ address: 'c@d.example' }] };
    for (const octets of [1000, 1001])
      await parts.incoming.accept(
        { bytes: Buffer.alloc(octets, 'x'), envelope, origin: { ...origin, session: `s${octets}` } },
        undefined,
      );
    await parts.incoming.stop();
    expect(seen.sort()).toEqual(['offered', 'taken']);
  });
});

describe('the database', () => {
  it('database.poolSize: so many connections at the same time, however many ask', async () => {
    const { url, drop } = await freshPostgres(inject('pgUrl'), { template: MIGRATED });
    const db = await openPostgres({ url, poolSize: 3 });
    await Promise.all(Array.from({ length: 20 }, () => db.write((tx) => tx.q.exec(sql`select pg_sleep(0.01)`))));
    const count = sql`select count(*) from pg_stat_activity where datname = current_database()`;
    const [row] = await db.read.rows(count);
    // And one that listens.
    expect(Number(row?.[0])).toBe(3 + 1);
    await db.close();
    await drop();
  });
});

it('log.level: what is below it is not written', () => {
  const written: string[] = [];
  const stream = new Writable({
    write(line: Buffer, _, done) {
      written.push(line.toString());
      done();
    },
  });
  const log = createLog('warn', stream);
  log.info('ẩn');
  log.warn('hiện');
  expect(written.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['hiện']);
});
