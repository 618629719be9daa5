/**
 * APPEND of the first 1,000 messages of the corpus (84 MB) into a mailbox of its own: as they lie in the inbox already, and with a
 * line of their own in the header, as no server has seen them.
 */
import { randomUUID } from 'node:crypto';

import { scaled, type Bench } from '../lib/driver.ts';
import { median, round, seconds } from '../lib/figures.ts';
import { Imap } from '../lib/imap.ts';
import { cpuOf, settled } from '../lib/proc.ts';
import { type Figures, type Side } from '../lib/side.ts';
import { ownerOf } from './load.ts';

const MAILBOX = 'Scratch';
/** After one that does not count: a server is no stranger to what it does all day. */
const ROUNDS = 3;

export async function appending(side: Side, bench: Bench): Promise<Figures> {
  const messages = bench.corpus.messages.slice(0, scaled(bench, 1000, 100)).map((one) => bench.corpus.bytes(one));
  const figures: Figures = {};
  for (const [key, inFlight, isNew] of [
    ['append.single', 1, false],
    ['append.sixteen', 16, false],
    ['append.new', 1, true],
  ] as const) {
    const rounds: Round[] = [];
    for (let i = 0; i <= ROUNDS; i++)
      rounds.push(await appended(side, bench, isNew ? messages.map(unseen) : messages, inFlight));
    const counted = rounds.slice(1);
    figures[key] = round(median(counted.map(({ time }) => time)), 2);
    const cpu = round(median(counted.map(({ cpu }) => cpu)), 2);
    bench.say(`${side.name} ${key}: ${messages.length} in ${figures[key]} s, CPU ${cpu} ms each`);
  }
  return figures;
}

const unseen = (raw: Buffer): Buffer => Buffer.concat([Buffer.from(`X-Bench: ${randomUUID()}\r\n`), raw]);

/** Seconds for all; milliseconds of CPU for each. */
interface Round {
  time: number;
  cpu: number;
}

async function appended(side: Side, bench: Bench, messages: readonly Buffer[], inFlight: number): Promise<Round> {
  const imap = await Imap.open(side.ports, side.official(ownerOf(bench)));
  await imap.run(`CREATE ${MAILBOX}`);
  const before = cpuOf(side.roots());
  const begun = performance.now();
  let next = 0;
  const worker = async () => {
    for (let raw = messages[next++]; raw; raw = messages[next++]) await imap.run(`APPEND ${MAILBOX} `, raw);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  // An OK means that it is durable; the clock runs until it is seen too.
  const seen = await imap.count(MAILBOX);
  if (seen !== messages.length) throw new Error(`${seen} of ${messages.length} appended messages are there`);
  const round = { time: seconds(begun), cpu: ((cpuOf(side.roots()) - before) * 1000) / messages.length };
  // Gone again before the next round; what follows in the background belongs to neither.
  await imap.run(`DELETE ${MAILBOX}`);
  imap.close();
  await settled(side.roots());
  return round;
}
