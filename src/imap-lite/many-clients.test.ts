/**
 * Several clients do random things to one mailbox. Each believes only what it is told; what may not be told is a complaint, and
 * in the end all must know the same, which is what the store has. The seeds are kept: a failure comes back with its seed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../test/support/databases.ts';
import { random as seeded } from '../base/testing/random.ts';
import { Picture } from './testing/picture.ts';
import { mail, startServer, type TestServer } from './testing/setup.ts';

const STEPS = 60;
const FLAGS = ['\\Seen', '\\Flagged', '\\Deleted', '\\Answered', 'viec'];

describe.each(dialects)('many clients on one mailbox ($dialect)', ({ dialect, open }) => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startServer(open);
  });
  afterAll(async () => {
    expect(await test.findings()).toEqual([]);
    await test.dispose();
  });

  const seeds = dialect === 'sqlite' ? [1, 2, 3, 20261122] : [4, 5];
  it.each(seeds)('seed %i: all know the same in the end, and no number was ever wrong', async (seed) => {
    const { int: random } = seeded(seed);
    const box = `Nhieu${seed}`;
    const clients = [];
    for (let i = 0; i < 4; i++) clients.push(new Picture(await test.client(), i === 3));
    const [first] = clients;
    await first!.client.ok(`CREATE ${box}`);
    for (let i = 0; i < 6; i++) await first!.client.ok(`APPEND ${box} `, mail(`dau ${i}`));
    await clients[2]!.client.ok('ENABLE CONDSTORE');
    await clients[3]!.client.ok('ENABLE QRESYNC');
    for (const client of clients) await client.select(box);

    for (let step = 0; step < STEPS; step++) {
      const who = clients[random(clients.length)]!;
      const count = who.messages.length;
      const n = count > 0 ? 1 + random(count) : 0;
      const set = count > 0 ? `${n}:${n + random(count - n + 1)}` : '1:*';
      const flag = FLAGS[random(FLAGS.length)];
      const sign = ['+', '-', ''][random(3)];
      const silent = random(2) ? '.SILENT' : '';
      switch (count === 0 ? 0 : random(10)) {
        case 0:
        case 1:
          await who.run(`APPEND ${box} (${random(2) ? '\\Seen' : ''}) `, mail(`them ${seed} ${step}`));
          break;
        case 2:
        case 3:
          await who.run(`STORE ${set} ${sign}FLAGS${silent} (${flag})`);
          // RFC 9051 §6.4.6: whoever asked for silence knows what it did, as long as nobody else did something.
          if (silent) await who.run(`FETCH ${set} (UID FLAGS)`);
          break;
        case 4:
          await who.run('EXPUNGE');
          break;
        case 5:
          await who.run(random(2) ? `COPY ${n} ${box}` : `MOVE ${n} ${box}`);
          break;
        case 6:
          await who.run(`FETCH ${set} (FLAGS BODY[])`);
          break;
        case 7:
          await who.run(`SEARCH ${flag?.startsWith('\\') ? flag.slice(1) : `KEYWORD ${flag}`}`);
          break;
        case 8:
          if (who === clients[3]) {
            await who.run('NOOP');
            await who.resync(box);
          } else await who.run('IDLE\r\nDONE');
          break;
        default:
          await who.run('NOOP');
      }
      expect(who.complaints).toEqual([]);
    }

    const ref = (await test.mailstore.read(test.hung.accountId).mailboxes()).find((m) => m.name === box)!;
    const uids = [...(await test.mailstore.read(test.hung.accountId).uids(ref.id))];
    const truth = clients[0]!;
    for (const client of clients) {
      // Twice: what stood in the way of an expunge is over then.
      for (let i = 0; i < 2; i++) await client.run('NOOP');
      const unknown = client.messages.some((m) => m.uid === undefined);
      const told = client.messages.map((m) => m.flags);
      await client.run('FETCH 1:* (UID FLAGS)');
      expect(client.complaints).toEqual([]);
      expect(client.messages.map((m) => m.uid)).toEqual(uids);
      if (client === truth) continue;
      expect(client.messages.map((m) => m.flags)).toEqual(truth.messages.map((m) => m.flags));
      // What it had been told was the truth.
      if (!unknown)
        expect(told.map((flags, i) => flags ?? client.messages[i]?.flags)).toEqual(client.messages.map((m) => m.flags));
    }
    for (const { client } of clients) client.close();
  });
});
