/**
 * Flags and mod-sequences of a whole mailbox are kept and brought up to now. What was kept must not be seen: a server that begins only now gives the
 * same answers. The seeds are kept.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import { random as seeded } from '../../base/testing/random.ts';
import type { Dialogue } from '../testing/dialogue.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

/** More than are worth keeping, whatever the steps below take away. */
const MESSAGES = 240;
const STEPS = 16;
const FLAGS = ['\\Seen', '\\Flagged', '\\Deleted', '$Forwarded', 'Nhan1', 'Nhan2'];
const ALL = 'UID FETCH 1:* (MODSEQ FLAGS)';

describe.each(dialects)('flags of a large mailbox ($dialect)', ({ dialect, open }) => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startServer(open);
  });
  afterAll(() => test.dispose());

  async function filled(box: string): Promise<Dialogue[]> {
    const { mailstore, hung } = test;
    const clients = [await test.client(), await test.client(), await test.client()];
    await clients[0]!.ok(`CREATE ${box}`);
    const accountId = hung.accountId;
    const mailbox = (await mailstore.read(accountId).mailboxes()).find(({ name }) => name === box)!;
    const message = await mailstore.prepare(Buffer.from(mail('m')));
    await mailstore.write(accountId, async (writer) => {
      for (let i = 0; i < MESSAGES; i++) await writer.append(message, { mailboxIds: [mailbox.id], keywords: [] });
    });
    // \Recent is for one of them only.
    for (const client of clients) await client.ok('ENABLE IMAP4rev2 CONDSTORE');
    for (const client of clients) await client.ok(`SELECT ${box}`);
    return clients;
  }

  it.each(dialect === 'sqlite' ? [1, 2] : [3])('seed %i: as if nothing were kept', async (seed) => {
    const { int: random } = seeded(seed);
    const clients = await filled(`Hop${seed}`);
    const change = (): string => {
      const n = 1 + random(MESSAGES - STEPS * 2);
      const flag = FLAGS[random(FLAGS.length)] ?? '';
      const kinds = [
        `STORE ${n}:${n + random(20)} ${random(3) ? '+' : '-'}FLAGS.SILENT (${flag})`,
        `STORE 1:* FLAGS.SILENT (${flag})`,
        `MOVE ${n} Hop${seed}`,
        `UID EXPUNGE ${n}`,
        `COPY ${n} Hop${seed}`,
      ];
      return kinds[random(8)] ?? kinds[0]!;
    };
    for (let step = 0; step < STEPS; step++) {
      // Two ask at the same time; one of them, or a third, changes the mailbox.
      await Promise.all([
        clients[0]!.run(ALL),
        clients[1]!.run(random(2) ? ALL : 'FETCH 20:* (UID FLAGS)'),
        clients[2]!.run(change()),
      ]);
      if (step % 4 !== 3) continue;
      const anew = await test.another({});
      const fresh = await anew.client();
      await fresh.ok('ENABLE IMAP4rev2 CONDSTORE');
      await fresh.ok(`EXAMINE Hop${seed}`);
      const wanted = await fresh.ok(ALL);
      for (const client of clients) {
        await client.ok('NOOP');
        expect(await client.ok(ALL)).toEqual(wanted);
      }
      await anew.dispose();
    }
    for (const client of clients) client.close();
  });

  it('a message that is gone and not told of yet is left out, and the answer says so', async () => {
    const [a, b] = (await filled('Di')) as [Dialogue, Dialogue];
    expect(await a.ok('FETCH 1:* (FLAGS)')).toHaveLength(MESSAGES);
    await b.ok('STORE 7 +FLAGS.SILENT (\\Deleted)');
    await b.ok('EXPUNGE');
    const { lines, text } = await a.run('FETCH 1:* (FLAGS)');
    expect(text).toMatch(/^OK \[EXPUNGEISSUED\]/);
    expect(lines.filter((line) => / FETCH /.test(line))).toHaveLength(MESSAGES - 1);
    expect(lines.filter((line) => line.startsWith('* 7 FETCH'))).toEqual([]);
    expect(lines).toContain('* 8 FETCH (FLAGS ())');
  });

  it('what changed is told with flags and mod-sequence, be it most of the mailbox or a few, kept or just read', async () => {
    const [a, b] = (await filled('Sau')) as [Dialogue, Dialogue];
    await a.ok('ENABLE QRESYNC');
    const marks = async (): Promise<number[]> =>
      (await b.ok('FETCH 1:* (MODSEQ)')).map((line) => Number(/MODSEQ \((\d+)\)/.exec(line)?.[1]));
    const [first = 0] = await marks();
    await b.ok('STORE 1:200 +FLAGS.SILENT (\\Flagged)');
    const [second = 0] = await marks();
    await b.ok('STORE 7,9 +FLAGS.SILENT (\\Seen)');
    const [third = 0] = (await marks()).slice(6);
    expect([first < second, second < third]).toEqual([true, true]);
    const told = (n: number) =>
      n === 7 || n === 9
        ? `* ${n} FETCH (UID ${n} MODSEQ (${third}) FLAGS (\\Flagged \\Seen))`
        : `* ${n} FETCH (UID ${n} MODSEQ (${second}) FLAGS (\\Flagged))`;
    const since = async (mark: number) =>
      (await a.ok(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${mark})`)).filter((line) => line.includes(' FETCH '));
    await a.ok('NOOP');
    const most = Array.from({ length: 200 }, (_, i) => told(i + 1));
    expect([await since(first), await since(second), await since(third)]).toEqual([most, [told(7), told(9)], []]);
    const again = await test.client();
    await again.ok('ENABLE QRESYNC');
    const [validity = ''] = (await b.ok('STATUS Sau (UIDVALIDITY)'))
      .map((line) => /UIDVALIDITY (\d+)/.exec(line)?.[1] ?? '')
      .filter((found) => found !== '');
    const lines = await again.ok(`SELECT Sau (QRESYNC (${validity} ${first}))`);
    const inOrder = (line: string): string => line.replace(/(FLAGS \([^)]*\)) (MODSEQ \(\d+\))/, '$2 $1');
    expect(lines.filter((line) => line.includes(' FETCH ')).map(inOrder)).toEqual(most);
  });

  it('each message is recent for the one who was the first to hear of it', async () => {
    const [a] = (await filled('Moi')) as [Dialogue];
    await a.ok('UNSELECT');
    for (const name of ['mot', 'hai']) await a.ok('APPEND Moi ', mail(name));
    const [first, second] = [await test.client(), await test.client()];
    for (const client of [first, second]) {
      client.recent = true;
      await client.ok('SELECT Moi');
    }
    await first.ok(`STORE ${MESSAGES + 1} +FLAGS.SILENT (\\Seen)`);
    await second.ok('NOOP');
    const newest = async (client: Dialogue) => (await client.ok('FETCH 1:* (FLAGS)')).slice(MESSAGES);
    expect(await newest(first)).toEqual(['* 241 FETCH (FLAGS (\\Seen \\Recent))', '* 242 FETCH (FLAGS (\\Recent))']);
    expect(await newest(second)).toEqual(['* 241 FETCH (FLAGS (\\Seen))', '* 242 FETCH (FLAGS ())']);
  });
});
