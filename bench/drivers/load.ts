/** Fills an INBOX with the corpus by APPEND, flags and dates kept. */
import { scaled, type Bench } from '../lib/driver.ts';
import { round, seconds } from '../lib/figures.ts';
import { Imap } from '../lib/imap.ts';
import { LOADED, type Figures, type Side } from '../lib/side.ts';
import type { CorpusMessage } from '../lib/corpus.ts';

const CONNECTIONS = 4;
const IN_FLIGHT = 4;

export const wantedMessages = (bench: Bench): number =>
  scaled(bench, bench.corpus.messages.length, Math.min(2000, bench.corpus.messages.length));

/** Whose INBOX is the large one. */
export const ownerOf = (bench: Bench): number =>
  wantedMessages(bench) === bench.corpus.messages.length ? LOADED.all : LOADED.fewer;

export async function load(side: Side, bench: Bench): Promise<Figures> {
  const wanted = wantedMessages(bench);
  const owner = ownerOf(bench);
  const loaded = side.loaded(owner);
  if (loaded.get() === wanted) return {};
  loaded.wipe();
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Imap.open(side.ports, side.official(owner))),
  );
  const messages = bench.corpus.messages.slice(0, wanted);
  let [next, bytes] = [0, 0];
  const begun = performance.now();
  const worker = async (imap: Imap) => {
    for (let message = messages[next++]; message; message = messages[next++]) {
      const raw = bench.corpus.bytes(message);
      bytes += raw.length;
      await append(imap, 'INBOX', message, raw);
    }
  };
  await Promise.all(connections.flatMap((imap) => Array.from({ length: IN_FLIGHT }, () => worker(imap))));
  const took = seconds(begun);
  for (const imap of connections) imap.close();
  await side.settle(owner);
  loaded.set(wanted);
  const rate = round(wanted / took);
  bench.say(`${side.name} load: ${wanted} messages, ${round(bytes / 1e6)} MB in ${round(took)} s, ${rate}/s`);
  return { 'load.rate': rate };
}

export async function append(imap: Imap, mailbox: string, message: CorpusMessage, raw: Buffer): Promise<void> {
  await imap.run(`APPEND "${mailbox}" (${message.flags.join(' ')}) ${internalDate(message.date)} `, raw);
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** RFC 3501 §9: date-time. */
function internalDate(iso: string): string {
  const [year, month, day] = iso.slice(0, 10).split('-');
  return `"${day}-${MONTHS[Number(month) - 1]}-${year} ${iso.slice(11, 19)} +0000"`;
}
