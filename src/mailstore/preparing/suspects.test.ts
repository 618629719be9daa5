/** A message that ends the process when it is taken apart alone, on the main thread: that happens once. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { silentLog } from '../../base/log.ts';
import { message } from '../testing/setup.ts';
import { digest } from './digest.ts';
import { createDigester, type Digester } from './digester.ts';
import { UNREAD_VERSION } from './head.ts';
import { openSuspects, type Suspects } from './suspects.ts';

let folder: string;
let file: string;
const digesters: Digester[] = [];
const opened: Suspects[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'congvu-suspects-'));
  file = join(folder, 'suspects');
});
afterEach(async () => {
  for (const one of digesters.splice(0)) await one.end();
  for (const one of opened.splice(0)) one.close();
  await rm(folder, { recursive: true });
});
const open = (): Suspects => {
  const suspects = openSuspects(file, silentLog);
  opened.push(suspects);
  return suspects;
};

describe('a message that ends the process', () => {
  const deadly = () => message({ 'X-Poison': 'eat', Subject: 'Báo cáo' });
  /** A process; the deadly message stops it on the main thread, and ends every other. */
  const process = () => {
    const here: Uint8Array[] = [];
    const worker = { name: 'none', source: new URL('./testing/poison.worker.ts', import.meta.url) };
    const digester = createDigester(silentLog, {
      ...{ heap: 64, limit: 5000, worker, suspects: open() },
      digestHere(bytes) {
        here.push(bytes);
        return Buffer.from(bytes).includes('X-Poison') ? new Promise(() => undefined) : digest(bytes);
      },
    });
    return { digester, here };
  };

  it('is not taken apart on the main thread again, though it comes alone each time', async () => {
    const bytes = deadly();
    const before = process();
    void before.digester.digest(bytes);
    await expect.poll(() => before.here).toEqual([bytes]);
    for (let again = 0; again < 2; again++) {
      const next = process();
      digesters.push(next.digester);
      const { derived } = await next.digester.digest(Buffer.from(bytes));
      expect(derived).toMatchObject({ version: UNREAD_VERSION, summary: { subject: 'Báo cáo' } });
      expect(next.here).toEqual([]);
    }
  }, 30_000);

  it('keeps no other one from being taken apart there, before or after', async () => {
    const [early, late] = [message(), message()];
    const before = process();
    await before.digester.digest(early);
    await before.digester.end();
    const next = process();
    digesters.push(next.digester);
    const found = [await next.digester.digest(early), await next.digester.digest(late)];
    expect(found).toEqual([await digest(early), await digest(late)]);
    expect(next.here).toEqual([early, late]);
  });
});

describe('who is suspected', () => {
  it('is whoever was under way when a process ended, the last 64 of them', () => {
    const all = Array.from({ length: 70 }, () => randomBytes(20));
    for (const bytes of all) {
      const suspects = open();
      suspects.trying(randomBytes(9));
      suspects.passed();
      suspects.trying(bytes);
    }
    const suspects = open();
    expect(all.map((bytes) => suspects.has(bytes))).toEqual(all.map((_, i) => i >= 6));
    expect(suspects.has(randomBytes(20))).toBe(false);
  });

  it('is known however often it is sent, whatever the servers on its way put in front', () => {
    const sent = (id: number, written: string) =>
      Buffer.from(
        `Return-Path: <lan@bo.example>\r\nReceived: from bo.example\r\n\tby mail.caoson.gov.vn id ${id};\r\n Mon\r\nAuthentication-Results: x; spf=pass ${id}\r\n${written}`,
      );
    const written = 'Received: by bo.example\r\nSubject: x\r\n\r\nReceived: 1\r\n';
    open().trying(sent(1, written));
    const next = open();
    expect(next.has(sent(20, written))).toBe(true);
    expect(next.has(Buffer.from(written))).toBe(true);
    expect(next.has(sent(1, written.replace('Subject: x', 'Subject: y')))).toBe(false);
    expect(next.has(sent(1, written.replace('Received: 1', 'Received: 2')))).toBe(false);
  });

  it('costs nothing to tell, whatever somebody writes where the trace is', () => {
    const suspects = open();
    for (const text of ['Received:', 'Received: a\n \t', ' \t'.repeat(3), 'Received: a\n\n', 'received'])
      for (const bytes of [Buffer.from(text.repeat(200_000)), Buffer.from(`Received: a\n${text.repeat(200_000)}`)]) {
        suspects.trying(bytes);
        expect(suspects.has(bytes)).toBe(false);
      }
  });

  it('is nobody when the file cannot be had, or is not ours', async () => {
    const suspects = openSuspects(join(folder, 'not', 'there'), silentLog);
    suspects.trying(Buffer.from('a'));
    suspects.passed();
    expect(suspects.has(Buffer.from('a'))).toBe(false);
    await writeFile(file, 'x');
    expect(open().has(Buffer.from('a'))).toBe(false);
    expect((await readFile(file)).length).toBe(512);
  });
});
