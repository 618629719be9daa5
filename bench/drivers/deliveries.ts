/** Durable deliveries until every message is visible over IMAP: over connections kept open, and with a connection each. */
import { setTimeout as sleep } from 'node:timers/promises';

import { scaled, type Bench } from '../lib/driver.ts';
import { round, seconds } from '../lib/figures.ts';
import { Imap } from '../lib/imap.ts';
import { letter } from '../lib/letters.ts';
import { cpuOf, settled } from '../lib/proc.ts';
import type { Figures, Side } from '../lib/side.ts';
import { Smtp } from '../lib/smtp.ts';

const MAILBOXES = 10;

export interface DeliveryRun {
  key: string;
  connections: number;
  size: number;
  fresh: boolean;
  count: number;
}

const runs: DeliveryRun[] = [false, true].flatMap((fresh) =>
  [10_240, 102_400].flatMap((size) =>
    [1, 10, 50].map((connections) => ({
      key: `${size / 1024}k.${connections}.${fresh ? 'fresh' : 'kept'}`,
      ...{ connections, size, fresh },
      count: size > 50_000 ? 1000 : connections === 1 ? 2000 : 4000,
    })),
  ),
);

export async function deliveries(side: Side, bench: Bench): Promise<Figures> {
  const figures: Figures = {};
  // A server runs for months: what its first messages cost (compiling, caches) is not what a message costs.
  await measure(side, bench, { key: 'warming up', connections: 10, size: 10_240, fresh: false, count: 1000 });
  for (const run of runs.filter(({ key }) => bench.cases.test(key)))
    Object.assign(figures, await measure(side, bench, run));
  return figures;
}

/** As a stranger's connections are served: with the wait before the greeting. */
export async function strangers(side: Side, bench: Bench): Promise<Figures> {
  const run = { key: '10k.50.strangers', connections: 50, size: 10_240, fresh: true, count: 1000 };
  return bench.cases.test(run.key) ? measure(side, bench, run) : {};
}

async function measure(side: Side, bench: Bench, run: DeliveryRun): Promise<Figures> {
  const { key, size, connections } = run;
  const count = scaled(bench, run.count, connections);
  const officials = Array.from({ length: MAILBOXES }, (_, i) => side.official(i + 1));
  const watchers = await Promise.all(officials.map((official) => Imap.open(side.ports, official)));
  const before = await Promise.all(watchers.map((watcher) => watcher.count()));
  const mail = Array.from({ length: count }, (_, i) => {
    const to = officials[i % MAILBOXES]?.address ?? '';
    return { to, bytes: letter(size, to) };
  });
  await settled(side.roots());
  const cpu = cpuOf(side.roots());
  const begun = performance.now();
  await send(side, run, mail);
  const accepted = seconds(begun);
  for (const [i, watcher] of watchers.entries()) {
    const wanted = (before[i] ?? 0) + Math.floor(count / MAILBOXES) + (i < count % MAILBOXES ? 1 : 0);
    // The peer answers before it delivers.
    while ((await watcher.count()) < wanted) await sleep(20);
  }
  const total = seconds(begun);
  const each = (seconds: number) => round((seconds * 1000) / count, 3);
  const visible = each(cpuOf(side.roots()) - cpu);
  await settled(side.roots());
  const all = each(cpuOf(side.roots()) - cpu);
  for (const watcher of watchers) watcher.close();
  const rate = round(count / total);
  bench.say(
    `${side.name} ${key}: ${count} in ${round(total, 2)} s (accepted ${round(accepted, 2)} s), ${rate}/s, CPU ${visible} ms each, ${all} ms with what follows`,
  );
  return { [`${key}.rate`]: rate, [`${key}.cpu`]: visible, [`${key}.cpuAll`]: all };
}

async function send(
  { ports }: Side,
  { connections, fresh }: DeliveryRun,
  mail: readonly { to: string; bytes: Buffer }[],
): Promise<void> {
  let next = 0;
  const worker = async () => {
    let smtp: Smtp | undefined;
    for (let one = mail[next++]; one; one = mail[next++]) {
      smtp ??= await Smtp.open(ports.smtp);
      await smtp.send('sender@ngoai.test', [one.to], one.bytes);
      if (!fresh) continue;
      smtp.close();
      smtp = undefined;
    }
    smtp?.close();
  };
  await Promise.all(Array.from({ length: connections }, worker));
}
