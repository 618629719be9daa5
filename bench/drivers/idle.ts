/** How soon a client in IDLE hears of a new message, while 200 others idle; and what an idle TLS connection costs in memory. */
import { setTimeout as sleep } from 'node:timers/promises';

import { scaled, type Bench } from '../lib/driver.ts';
import { quantile, round } from '../lib/figures.ts';
import { Imap } from '../lib/imap.ts';
import { letter } from '../lib/letters.ts';
import { settled, usageOf } from '../lib/proc.ts';
import type { Figures, Side } from '../lib/side.ts';
import { Smtp } from '../lib/smtp.ts';

const OTHERS = 200;
const MESSAGES = 200;
const MEASURED = 500;
/** Idle already when the measuring begins. */
const FIRST = 100;

export async function idle(side: Side, bench: Bench): Promise<Figures> {
  const watcher = await Imap.open(side.ports, side.official(1));
  await watcher.run('SELECT INBOX');
  let heard: (() => void) | undefined;
  watcher.onUntagged = (head) => {
    if (/^\* \d+ EXISTS/.test(head)) heard?.();
  };
  // Before the others: Linux gives one user 128 watches of folders by default, and who has none hears of new mail twice a minute.
  const leave = await watcher.idle();
  const others = await idling(side, OTHERS, 2);
  const smtp = await Smtp.open(side.ports.smtp);
  const waits: number[] = [];
  for (let i = scaled(bench, MESSAGES, 20); i > 0; i--) {
    const to = side.official(1).address;
    let finalDot = 0;
    const arrived = new Promise<number>((resolve) => (heard = () => resolve(performance.now() - finalDot)));
    await smtp.send('a@ngoai.test', [to], letter(2048, to), () => (finalDot = performance.now()));
    waits.push(await Promise.race([arrived, sleep(10_000, 10_000)]));
    await sleep(30);
  }
  heard = undefined;
  await leave();
  smtp.close();
  for (const one of [watcher, ...others]) one.close();
  const [p50, p99] = [round(quantile(waits, 0.5)), round(quantile(waits, 0.99))];
  bench.say(`${side.name} IDLE notice: p50 ${p50} ms, p99 ${p99} ms of ${waits.length}`);
  return { 'idle.p50': p50, 'idle.p99': p99 };
}

/** What so many more cost. @param wait seconds that a server is given to put idle connections aside. */
export async function memory(side: Side, bench: Bench, wait = 0, key = 'memory'): Promise<Figures> {
  const count = scaled(bench, MEASURED, 100);
  for (const one of await idling(side, 20, 1)) one.close();
  await settled(side.roots());
  const empty = usageOf(side.roots());
  // What a process takes once, with its first connections, is no cost of a connection.
  const first = await idling(side, FIRST, 1);
  await settled(side.roots());
  const before = usageOf(side.roots());
  const connections = await idling(side, count, 1);
  await sleep(wait * 1000);
  await settled(side.roots());
  const after = usageOf(side.roots());
  for (const one of [...first, ...connections]) one.close();
  const each = round(((after.pssMb - before.pssMb) * 1024) / count);
  bench.say(
    `${side.name} ${key}: ${each} KB each of ${count} idle TLS connections (${empty.pssMb}, with ${FIRST} ${before.pssMb}, with all ${after.pssMb} MB, ${after.processes} processes)`,
  );
  await sleep(1000);
  return { [`${key}.kb`]: each, [`${key}.base`]: empty.pssMb };
}

/** Over TLS, INBOX selected, in IDLE; on officials from 2 on, `perOfficial` each, more where there are too few of them. */
async function idling(side: Side, count: number, perOfficial: number): Promise<Imap[]> {
  const connections: Imap[] = [];
  for (let i = 0; i < count; i++) {
    const official = side.official(2 + (Math.floor(i / perOfficial) % 98));
    const imap = await Imap.open({ imaps: side.ports.imaps }, official);
    await imap.run('SELECT INBOX');
    await imap.idle();
    connections.push(imap);
  }
  return connections;
}
