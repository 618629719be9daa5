/** Mail is taken apart in a thread as it is here. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { sha256 } from '../../base/bytes.ts';
import { silentLog } from '../../base/log.ts';
import { oddMessages } from '../../message/testing/collection.ts';
import { message } from '../testing/setup.ts';
import { digest } from './digest.ts';
import { digestsOf, taskOf } from './digest-task.ts';
import { createDigester, type Digester, type DigesterOptions } from './digester.ts';
import { bareDigest, headDigest, UNREAD_VERSION } from './head.ts';
import { digestAll } from './work.ts';

const digesters: Digester[] = [];
function digester(options?: DigesterOptions): Digester {
  const made = createDigester(silentLog, options);
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

  it('finds in a message nothing of those that were taken apart before it', async () => {
    const there = digester();
    const [long, short] = [letters(30), letters(20).map((bytes) => bytes.subarray(0, bytes.length - 1000))];
    for (const mail of [[withFile(300_000), ...long], short, [withFile(100_000), ...short]]) {
      const found = await Promise.all(mail.map((bytes) => there.digest(bytes)));
      expect(found).toEqual(await Promise.all(mail.map(digest)));
    }
  }, 20_000);

  it('gives the buffer of a task back for the next one', async () => {
    const buffer = new ArrayBuffer(100_000);
    const answer = await digestAll(taskOf(letters(3), { buffer }));
    expect(answer.spent).toBe(buffer);
    expect(digestsOf(answer)).toEqual(await Promise.all(letters(3).map(digest)));
  });

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
    const one = digester({ rest: 20 });
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

describe('a message that ends the thread that takes it apart', () => {
  const poisoned = (options: DigesterOptions = {}) =>
    digester({
      limit: 700,
      heap: 64,
      worker: { name: 'none', source: new URL('./testing/poison.worker.ts', import.meta.url) },
      ...options,
    });
  const poison = (fields: Record<string, string>) =>
    message({ Subject: 'Báo cáo', 'Message-ID': '<doc@a.vn>', ...fields }, '<p>thuốc độc</p>');

  it.each(['eat', 'spin'])(
    'is known by its header, and harms no other of its batch (%s)',
    async (does) => {
      const one = poisoned();
      const [first, second] = [letters(8), letters(8)];
      const bad = poison({ 'X-Poison': does, 'Content-Type': 'text/html' });
      const found = await Promise.all([...first, bad, ...second].map((bytes) => one.digest(bytes)));
      const [was] = found.splice(8, 1);
      expect(found).toEqual(await Promise.all([...first, ...second].map(digest)));
      const { packing, derived } = was!;
      const { summary, imapEnvelope, size } = await digest(bad).then((usual) => usual.derived);
      expect(derived).toMatchObject({
        version: UNREAD_VERSION,
        summary,
        imapEnvelope,
        size,
        attachments: [],
        preview: '',
      });
      expect(derived.root).toMatchObject({ type: 'application', subtype: 'octet-stream', bodyEnd: bad.length });
      expect(Buffer.from(bad).toString('utf8', derived.root.bodyStart)).toBe('<p>thuốc độc</p>\r\n');
      expect(packing).toMatchObject({ hash: sha256(bad), size: bad.length });
      // The thread is as good as new.
      expect(await Promise.all(letters(8).map((bytes) => one.digest(bytes)))).toHaveLength(8);
    },
    30_000,
  );

  it('is stored all the same when its header does it too', async () => {
    const one = poisoned();
    const bad = poison({ 'X-Poison': 'spin', 'X-Poison-Head': 'spin' });
    const found = await Promise.all([...letters(8), bad].map((bytes) => one.digest(bytes)));
    const derived = found[8]?.derived;
    expect(derived).toMatchObject({ version: UNREAD_VERSION, summary: { subject: '', from: [] }, size: bad.length });
    expect(derived?.imapEnvelope).toBe('(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)');
    expect(derived?.root.bodyStart).toBe((await digest(bad)).derived.root.bodyStart);
  }, 30_000);

  it('does not hold up what comes behind it', async () => {
    const one = poisoned();
    const slow = Promise.all([...letters(7), poison({ 'X-Poison': 'eat' })].map((bytes) => one.digest(bytes)));
    let isSlowDone = false;
    const done = slow.then(() => (isSlowDone = true));
    while (!one.hasThread()) await sleep(5);
    expect(await Promise.all(letters(8).map((bytes) => one.digest(bytes)))).toHaveLength(8);
    expect(isSlowDone).toBe(false);
    await done;
  }, 30_000);

  it('and what is tried alone do not keep the server from ending: they come again', async () => {
    const one = poisoned({ limit: 60_000 });
    const given = Promise.allSettled([
      one.digestAlone(poison({ 'X-Poison': 'spin' })),
      one.digestAlone(letters(1)[0]!),
    ]);
    await sleep(50);
    await one.end();
    for (const outcome of await given)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
  }, 30_000);

  it('says where a header ends whatever its line ends are', async () => {
    const cases = ['A: b\r\n\r\nx', 'A: b\n\nx\r\n\r\ny', '\r\nx', '\nx', 'A: b', ''];
    for (const text of cases) {
      const bytes = Buffer.from(text);
      const { bodyStart } = (await digest(bytes)).derived.root;
      for (const least of [headDigest, bareDigest])
        expect((await least(bytes)).derived.root.bodyStart, JSON.stringify(text)).toBe(bodyStart);
    }
  });
});
