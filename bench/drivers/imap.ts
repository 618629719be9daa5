/** Reading a mailbox of 20,000 messages: opening it, everything for a list of it, whole messages. */
import type { Bench } from '../lib/driver.ts';
import { median, round, timed } from '../lib/figures.ts';
import { Imap } from '../lib/imap.ts';
import { cpuOf } from '../lib/proc.ts';
import { type Figures, type Side } from '../lib/side.ts';
import { ownerOf } from './load.ts';

const METADATA = 'FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)';

export async function opened(side: Side, bench: Bench): Promise<Imap> {
  const imap = await Imap.open(side.ports, side.official(ownerOf(bench)));
  await imap.run('SELECT INBOX');
  return imap;
}

/** Median of the runs, each on a connection of its own. */
export async function onInbox(
  side: Side,
  bench: Bench,
  runs: number,
  work: (imap: Imap, run: number) => Promise<unknown>,
): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const imap = await opened(side, bench);
    times.push(await timed(() => work(imap, run)));
    imap.close();
  }
  return round(median(times));
}

export async function reading(side: Side, bench: Bench): Promise<Figures> {
  const orders = await sorting(side, bench);
  await side.cold(ownerOf(bench));
  const cpu = cpuOf(side.roots());
  const first = await onInbox(side, bench, 1, (imap) => imap.skim(METADATA));
  const firstCpu = round(cpuOf(side.roots()) - cpu, 2);
  const again = await onInbox(side, bench, 3, (imap) => imap.skim(METADATA));
  const login = await signIns(side, bench);
  const flags = await onInbox(side, bench, 3, (imap) => imap.skim('FETCH 1:* (UID FLAGS)'));
  const bodies = await onInbox(side, bench, 5, (imap, run) => imap.skim(`FETCH ${range(bench, run)} BODY.PEEK[]`));
  bench.say(
    `${side.name} reading: login+select ${login} ms; all metadata ${first} ms first (CPU ${firstCpu} s), ${again} ms again; flags ${flags} ms; 1,000 bodies ${bodies} ms`,
  );
  return {
    ...orders,
    'login.ms': login,
    'metadata.first': first,
    'metadata.again': again,
    'flags.ms': flags,
    'bodies.ms': bodies,
  };
}

const ORDERS = {
  'sort.date': 'SORT (REVERSE DATE) UTF-8 ALL',
  'sort.subject': 'SORT (SUBJECT) UTF-8 ALL',
  'sort.from': 'SORT (FROM) UTF-8 ALL',
  'thread.references': 'THREAD REFERENCES UTF-8 ALL',
};

/** The whole mailbox in order: after a side forgot what it had read, and again. Another client's longest wait meanwhile. */
async function sorting(side: Side, bench: Bench): Promise<Figures> {
  const figures: Figures = {};
  for (const [key, command] of Object.entries(ORDERS)) {
    await side.cold(ownerOf(bench));
    const first = await onInbox(side, bench, 1, (imap) => imap.skim(command));
    // Dovecot keeps the order by subject and sender with the index, which holds more than what was read.
    if (key !== 'sort.subject' && key !== 'sort.from') figures[`${key}.first`] = first;
    figures[key] = await onInbox(side, bench, 5, (imap) => imap.skim(command));
  }
  figures['sort.wait'] = await waiting(side, bench, Object.values(ORDERS));
  bench.say(`${side.name} order: ${told(figures)}`);
  return figures;
}

export const told = (figures: Figures): string =>
  Object.entries(figures)
    .map(([key, ms]) => `${key} ${ms} ms`)
    .join(', ');

/** The longest answer to NOOP, asked without pause on a connection of its own while others work. */
async function waiting(side: Side, bench: Bench, commands: readonly string[]): Promise<number> {
  const [asks, works] = [await opened(side, bench), await opened(side, bench)];
  let working = true;
  const work = (async () => {
    for (const command of commands) await works.skim(command);
    working = false;
  })();
  let longest = 0;
  while (working) longest = Math.max(longest, await timed(() => asks.skim('NOOP')));
  await work;
  for (const imap of [asks, works]) imap.close();
  return round(longest);
}

/** With an app password, as docs/admin.md has it for mail programs; the peer compares in plain text. */
async function signIns(side: Side, bench: Bench): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    let imap: Imap | undefined;
    times.push(await timed(async () => (imap = await opened(side, bench))));
    imap?.close();
  }
  return round(median(times));
}

function range({ scale, corpus }: Bench, run: number): string {
  const blocks = Math.max(1, Math.floor((corpus.messages.length * Math.min(1, scale)) / 1000));
  const first = (run % blocks) * 1000;
  return `${first + 1}:${first + 1000}`;
}
