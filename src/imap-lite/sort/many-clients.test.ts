/**
 * Several clients put one mailbox in order while it changes. What the server kept from the times before must not be seen: a server
 * that begins only now gives the same answers. The seeds are kept.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dialects } from '../../../test/support/databases.ts';
import { random as seeded } from '../../base/testing/random.ts';
import { mail, startServer, type TestServer } from '../testing/setup.ts';

const STEPS = 40;
const ORDERS = [
  'SORT (DATE) UTF-8',
  'SORT (REVERSE SUBJECT DATE) UTF-8',
  'SORT (SUBJECT REVERSE FROM) UTF-8',
  'SORT (DISPLAYTO REVERSE SIZE ARRIVAL) UTF-8',
  'THREAD REFERENCES UTF-8',
  'THREAD ORDEREDSUBJECT UTF-8',
];

describe.each(dialects)('many clients put one mailbox in order ($dialect)', ({ dialect, open }) => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startServer(open);
  });
  afterAll(() => test.dispose());

  it.each(dialect === 'sqlite' ? [1, 2, 3] : [4])('seed %i: as if nothing were kept', async (seed) => {
    const { int: random } = seeded(seed);
    const box = `Thutu${seed}`;
    const message = (step: number): string => {
      const of = (text: string): string => `${random(2) ? 'Re: ' : ''}${text}${random(6)}`;
      const reference = random(3) ? `References: <s${random(6)}@caoson.gov.vn>\r\n` : '';
      return mail(of('s'), 'x'.repeat(random(300)), reference)
        .replace('08:00:00', `08:${String(random(60)).padStart(2, '0')}:00`)
        .replace(/^From: .*/, `From: "N${random(4)}" <n${random(4)}@x.vn>`)
        .replace('Kính', `${step}`);
    };
    const clients = [await test.client(), await test.client(), await test.client()];
    await clients[0]!.ok(`CREATE ${box}`);
    for (let i = 0; i < 12; i++) await clients[0]!.ok(`APPEND ${box} `, message(i));
    for (const client of clients) await client.ok(`SELECT ${box}`);
    for (let step = 0; step < STEPS; step++) {
      const who = clients[random(clients.length)]!;
      const n = 1 + random(6);
      const change = random(4);
      // Two put the mailbox in order at the same time; one of them, or a third, changes it.
      await Promise.all([
        change === 0
          ? undefined
          : clients[0]!.run(`${ORDERS[random(ORDERS.length)]} ${random(2) ? 'ALL' : `${n}:${n + 3}`}`),
        clients[1]!.run(`${ORDERS[random(ORDERS.length)]} ALL`),
        change === 1 ? clients[2]!.run(`APPEND ${box} `, message(step)) : undefined,
        change === 2 ? clients[2]!.run(`MOVE ${n} ${box}`) : undefined,
        change === 3
          ? clients[2]!.run(`STORE ${n} +FLAGS (\\Deleted)`).then(() => clients[2]!.run('EXPUNGE'))
          : undefined,
      ]);
      if (step % 8 !== 7) continue;
      const anew = await test.another({});
      const fresh = await anew.client();
      await fresh.ok(`SELECT ${box}`);
      await who.ok('NOOP');
      for (const order of ORDERS)
        for (const set of ['ALL', '2:5', 'NOT 3'])
          expect(await who.ok(`UID ${order} ${set}`)).toEqual(await fresh.ok(`UID ${order} ${set}`));
      await anew.dispose();
    }
    for (const client of clients) client.close();
  });
});
