/** Mail is taken apart in a thread as it is here. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { silentLog } from '../../base/log.ts';
import { oddMessages } from '../../message/testing/collection.ts';
import { message } from '../testing/setup.ts';
import { digest } from './digest.ts';
import { createDigester, type Digester } from './digester.ts';

const digesters: Digester[] = [];
function digester(rest?: number): Digester {
  const made = createDigester(silentLog, rest);
  digesters.push(made);
  return made;
}
afterEach(async () => {
  for (const one of digesters.splice(0)) await one.end();
});

const letters = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => message({ 'Message-ID': `<${i}@a.vn>` }, `Kính gửi ${i} `.repeat(200)));

function withFile(octets: number): Uint8Array {
  const lines =
    randomBytes(octets)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  const part = 'Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  return message({ 'Content-Type': 'multipart/mixed; boundary=x' }, `--x\r\n${part}${lines.join('\r\n')}\r\n--x--\r\n`);
}

describe('taking mail apart', () => {
  it('gives the same in the thread as here: odd messages, small files and large ones', async () => {
    const there = digester();
    const mail = [...oddMessages().map(({ bytes }) => bytes), withFile(5000), withFile(300_000), ...letters(8)];
    const lengths = mail.map(({ length }) => length);
    const found = await Promise.all(mail.map((bytes) => there.digest(bytes)));
    expect(there.hasThread()).toBe(true);
    expect(found).toEqual(await Promise.all(mail.map(digest)));
    expect(found.flatMap(({ packing }) => packing.large).map(({ bytes }) => bytes.length)).toContain(300_000);
    // What was given is still there for whoever gave it.
    expect(mail.map(({ length }) => length)).toEqual(lengths);
  }, 20_000);

  it('begins no thread for a few messages, one for many or for a huge one', async () => {
    const one = digester();
    await Promise.all(letters(3).map((bytes) => one.digest(bytes)));
    expect(one.hasThread()).toBe(false);
    await Promise.all(letters(8).map((bytes) => one.digest(bytes)));
    expect(one.hasThread()).toBe(true);
    const other = digester();
    const { packing } = await other.digest(withFile(4_000_000));
    expect(packing.large).toHaveLength(1);
    expect(other.hasThread()).toBe(true);
  }, 20_000);

  it('ends the thread after a rest, and begins another one', async () => {
    const one = digester(20);
    await Promise.all(letters(8).map((bytes) => one.digest(bytes)));
    while (one.hasThread()) await sleep(5);
    const again = letters(8);
    expect(await Promise.all(again.map((bytes) => one.digest(bytes)))).toEqual(await Promise.all(again.map(digest)));
  }, 20_000);

  it('says of each message that cannot be taken apart why, and takes the others', async () => {
    const one = digester();
    // No octets at all, but something that was handed over by mistake.
    const broken = { length: 4, byteLength: 4, 0: 1 } as unknown as Uint8Array;
    const [good, bad] = await Promise.allSettled([...letters(1), broken].map((bytes) => one.digest(bytes)));
    expect([good?.status, bad?.status]).toEqual(['fulfilled', 'rejected']);
  });

  it('is finished with what it was given when it ends', async () => {
    const one = digester();
    const given = Promise.all(letters(20).map((bytes) => one.digest(bytes)));
    await one.end();
    expect(await given).toHaveLength(20);
    expect(one.hasThread()).toBe(false);
  }, 20_000);
});
