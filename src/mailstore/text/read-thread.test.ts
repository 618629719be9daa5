/** Texts are read in a thread as they are read here. */
import { afterEach, describe, expect, it } from 'vitest';

import { silentLog, type Log } from '../../base/log.ts';
import { deriveMessage } from '../../message/derive.ts';
import { searchedSpans } from '../../message/search-text.ts';
import { message } from '../testing/setup.ts';
import { createTextReader, type TextReader, type TextReaderOptions } from './read-thread.ts';
import type { Source } from './source.ts';

const readers: TextReader[] = [];
const reader = (options: Partial<TextReaderOptions>): TextReader => {
  const made = createTextReader({ dialect: 'sqlite', log: silentLog, ...options });
  readers.push(made);
  return made;
};
afterEach(async () => {
  for (const one of readers.splice(0)) await one.end();
});

function source(bytes: Uint8Array): Source {
  const known = deriveMessage(bytes);
  return {
    known,
    pieces: searchedSpans(known).map(({ start, end }) => ({ start, octets: bytes.subarray(start, end) })),
  };
}

const nested = () => {
  const part = (type: string, body: string) => `--x\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
  const inner = 'From: a@b.vn\r\nSubject: trong\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nthư chuyển tiếp';
  const parts = [
    part('text/plain; charset=utf-8', 'giải phóng'),
    part('application/pdf', 'x'.repeat(5000)),
    part('text/html; charset=utf-8', '<p>mặt bằng</p>'),
    part('message/rfc822', inner),
  ];
  return message({ 'Content-Type': 'multipart/mixed; boundary=x' }, `${parts.join('')}--x--`);
};
const letters = () => [
  source(message({}, 'Kính gửi đồng chí, công văn số 1427/UBND')),
  source(nested()),
  source(message({}, '')),
  source(message({ Subject: 'Công văn' }, 'công văn khác')),
];

describe('reading texts', () => {
  it('gives the same in the thread as here, and tells each word once in each', async () => {
    const sources = letters();
    const [here, there] = [reader({}), reader({ worthAThread: 0 })];
    const expected = await here.read(sources);
    const found = await there.read(sources);
    expect([here.hasThread(), there.hasThread()]).toEqual([false, true]);
    const plain = (list: typeof found) =>
      list.map((one) => ({ ...one, packed: Buffer.from(one?.packed ?? []).toString('hex') }));
    expect(plain(found)).toEqual(plain(expected));
    expect(found[1]?.entry[2]).toMatch(/giai phong.*mat bang.*thu chuyen tiep/);
    expect(found[1]?.entry[2]).not.toContain('xxx');
    const words = found.flatMap((one) => one?.vocabulary);
    expect(words).toContain('phong');
    expect(new Set(words).size).toBe(words.length);
    expect((await there.read(sources)).flatMap((one) => one?.vocabulary)).toEqual([]);
    for (const one of [here, there]) {
      one.forget();
      expect((await one.read(sources)).flatMap((one) => one?.vocabulary)).toEqual(words);
    }
  });

  it('a thread that has rested ends, and the next work begins another one', async () => {
    const one = reader({ worthAThread: 0, rest: 20 });
    await one.read(letters());
    await expect.poll(one.hasThread).toBe(false);
    const again = await one.read(letters());
    expect(again.flatMap((one) => one?.vocabulary)).toContain('phong');
  });

  it.each([0, Infinity])(
    'a message that cannot be read does not keep the others from it (%d)',
    async (worthAThread) => {
      const one = reader({ worthAThread });
      const broken = { known: { root: undefined }, pieces: [] } as unknown as Source;
      const [first, second] = letters();
      const found = await one.read([first!, broken, second!]);
      expect(found.map((read) => read !== undefined)).toEqual([true, false, true]);
      expect(await one.read(letters())).toHaveLength(4);
    },
  );

  it.each(['eat', 'spin'])(
    'leaves out a message that ends its thread, and reads all others (%s)',
    async (does) => {
      const worker = { name: 'none', source: new URL('./testing/poison.worker.ts', import.meta.url) };
      const errors: object[] = [];
      const log: Log = {
        ...silentLog,
        child: () => log,
        error: (about: object) => void errors.push(about),
        warn: () => undefined,
      };
      const one = reader({ worthAThread: 0, limit: 700, heap: 64, worker, log });
      const bad = source(message({ 'X-Poison': does, 'Message-ID': '<doc@a.vn>' }, 'thuốc độc'));
      const [first, second, ...rest] = letters();
      const found = await one.read([first!, second!, bad, ...rest]);
      expect(found.map((read) => read?.entry)).toEqual(
        (await reader({}).read([first!, second!, ...rest])).map((read) => read?.entry).toSpliced(2, 0, undefined),
      );
      expect(errors).toMatchObject([{ messageId: ['doc@a.vn'] }]);
      expect(found.flatMap((read) => read?.vocabulary ?? [])).toContain('phong');
      expect(await one.read(letters())).toHaveLength(4);
    },
    30_000,
  );
});
