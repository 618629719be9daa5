/**
 * Mixed load for a time: mail comes in, mail programs read, flag, move, copy, append, expunge and search, a web client asks, many
 * connections wait in IDLE. Memory is sampled; at the end every message is accounted for.
 * Usage: npx tsx bench/soak.ts [--minutes 60] [--messages 200000] [--connections 1000] [--rate 20] [--programs 10] [--out FILE]
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { round, seconds } from './lib/figures.ts';
import { Imap } from './lib/imap.ts';
import { diceOf } from './lib/mailbox/dice.ts';
import { buildServer, startOurs } from './lib/ours.ts';
import { settled, usageOf } from './lib/proc.ts';
import { Ledger } from './lib/soak/ledger.ts';
import { ask, send, wait, type Soak } from './lib/soak/load.ts';
import { foldersOf, idsIn, makeFolders, workOn } from './lib/soak/mail-program.ts';
import { slopePerHour, type Sample } from './lib/soak/samples.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    /** In the store before the load begins. */
    messages: { type: 'string', default: '2000' },
    connections: { type: 'string', default: '200' },
    /** Deliveries a second. */
    rate: { type: 'string', default: '20' },
    programs: { type: 'string', default: '10' },
    officials: { type: 'string', default: '100' },
    'no-build': { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const SENDERS = 5;
const ASKING = 2;
const SAMPLE_MS = 10_000;
const say = (text: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

if (!flags['no-build']) buildServer();
const officials = Number(flags.officials);
const server = await startOurs({ officials });
process.once('SIGINT', () => process.exit(130));
let running = true;
const soak: Soak = {
  server,
  ledger: new Ledger(),
  officials,
  running: () => running,
  done: new Map(),
  failed: new Map(),
};
await makeFolders(soak);
await fill(Number(flags.messages));
const waiting = Array.from({ length: Number(flags.connections) }, (_, i) => i);
const work: Promise<void>[] = [];
for (const i of waiting) {
  work.push(wait(soak, 1 + (i % soak.officials)));
  // Signing in is not what is measured here.
  if (i % 20 === 19) await sleep(100);
}
const until = performance.now() + Number(flags.minutes) * 60_000;
const next = () => running;
for (let i = 0; i < SENDERS; i++) work.push(send(soak, diceOf(100 + i), Number(flags.rate) / SENDERS, next));
const programs = Math.min(Number(flags.programs), soak.officials);
for (let i = 0; i < programs; i++) {
  const own = Array.from({ length: soak.officials }, (_, n) => n + 1).filter((n) => n % programs === i);
  work.push(workOn(soak, diceOf(200 + i), own));
}
for (let i = 0; i < ASKING; i++) work.push(ask(soak, diceOf(300 + i)));
const samples = await sample();
running = false;
await Promise.all(work);
await settled(server.roots());
const after = usageOf(server.roots());
say('accounting for every message');
const accounting = soak.ledger.account(await lyingNow());
await server.stop();

const { lost, tooMany, strange, ...sums } = accounting;
const result = {
  minutes: Number(flags.minutes),
  connections: waiting.length,
  done: Object.fromEntries(soak.done),
  failed: Object.fromEntries(soak.failed),
  ...sums,
  lost: lost.length,
  tooMany: tooMany.length,
  strange: strange.length,
  rssMb: { first: samples[0]?.rssMb, last: samples.at(-1)?.rssMb, atRest: after.rssMb },
  slopeMbPerHour: { whole: slopePerHour(samples), secondHalf: slopePerHour(samples.slice(samples.length >> 1)) },
};
console.log(JSON.stringify(result, null, 1));
for (const [what, list] of Object.entries({ lost, tooMany, strange }))
  if (list.length > 0) console.log(`${what}:\n  ${list.slice(0, 20).join('\n  ')}`);
if (flags.out !== undefined)
  writeFileSync(flags.out, JSON.stringify({ ...result, samples, lost, tooMany, strange }, null, 1));
process.exit(lost.length + tooMany.length + strange.length === 0 ? 0 : 1);

async function fill(messages: number): Promise<void> {
  const begun = performance.now();
  let left = messages;
  const one = () => left-- > 0;
  const progress = setInterval(() => say(`${left} messages to go`), 60_000);
  await Promise.all(Array.from({ length: 20 }, (_, i) => send(soak, diceOf(400 + i), Infinity, one)));
  clearInterval(progress);
  soak.done.clear();
  say(`${messages} messages delivered in ${round(seconds(begun))} s`);
}

async function sample(): Promise<Sample[]> {
  const taken: Sample[] = [];
  const begun = performance.now();
  for (let n = 0; performance.now() < until; n++) {
    const { rssMb, cpuSeconds } = usageOf(server.roots());
    taken.push({ seconds: round(seconds(begun)), rssMb, cpuSeconds });
    if (n % 6 === 0) say(`${rssMb} MB; ${[...soak.done].map(([what, times]) => `${times} ${what}`).join(', ')}`);
    await sleep(Math.max(0, Math.min(SAMPLE_MS, until - performance.now())));
  }
  return taken;
}

async function lyingNow(): Promise<Map<number, string[]>> {
  const lying = new Map<number, string[]>();
  for (let official = 1; official <= soak.officials; official++) {
    const imap = await Imap.open(server.ports, server.official(official));
    const ids: string[] = [];
    for (const folder of await foldersOf(imap)) {
      await imap.run(`SELECT ${folder}`);
      ids.push(...(await idsIn(imap, '1:*')));
    }
    imap.close();
    lying.set(official, ids);
  }
  return lying;
}
