/** One message of 6.8 MB to 100 officials: until all see it, and what it costs on disk. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Bench } from '../lib/driver.ts';
import { round, seconds } from '../lib/figures.ts';
import { Imap } from '../lib/imap.ts';
import { letterWithFile } from '../lib/letters.ts';
import type { Figures, Side } from '../lib/side.ts';
import { Smtp } from '../lib/smtp.ts';

const OFFICIALS = 100;
const FILE_BYTES = 5_000_000;

export async function fanOut(side: Side, bench: Bench): Promise<Figures> {
  const officials = Array.from({ length: OFFICIALS }, (_, i) => side.official(i + 1));
  const watchers = await Promise.all(officials.map((official) => Imap.open(side.ports, official)));
  const before = await Promise.all(watchers.map((watcher) => watcher.count()));
  const raw = letterWithFile('Kinh gui cac don vi.', FILE_BYTES);
  const diskBefore = await side.disk();
  const smtp = await Smtp.open(side.ports.smtp);
  const begun = performance.now();
  await smtp.send(
    'vanthu@ngoai.test',
    officials.map(({ address }) => address),
    raw,
  );
  const accepted = seconds(begun);
  const waiting = new Set(watchers.keys());
  while (waiting.size > 0) {
    await Promise.all(
      [...waiting].map(async (i) => {
        if (((await watchers[i]?.count()) ?? 0) > (before[i] ?? 0)) waiting.delete(i);
      }),
    );
    if (waiting.size > 0) await sleep(10);
  }
  const total = seconds(begun);
  smtp.close();
  for (const watcher of watchers) watcher.close();
  const copies = ((await side.disk()) - diskBefore) / raw.length;
  bench.say(
    `${side.name} fan-out: accepted ${round(accepted, 3)} s, all see it ${round(total, 3)} s, ${round(copies, 3)} copies`,
  );
  return { 'fanout.seconds': round(total, 3), 'fanout.copies': round(copies, 3) };
}
