/** Flags on 1,000 messages: in one command, and in 1,000 that are sent without waiting. */
import type { Bench } from '../lib/driver.ts';
import type { Figures, Side } from '../lib/side.ts';
import { onInbox } from './imap.ts';

const MESSAGES = 1000;
const RUNS = 4;

export async function storing(side: Side, bench: Bench): Promise<Figures> {
  const sign = (run: number) => (run % 2 === 0 ? '+' : '-');
  const one = await onInbox(side, bench, RUNS, (imap, run) =>
    imap.skim(`STORE 1:${MESSAGES} ${sign(run)}FLAGS (\\Flagged)`),
  );
  const each = (at: number, run: number) => `STORE ${MESSAGES + at} ${sign(run)}FLAGS.SILENT (\\Flagged)`;
  const many = await onInbox(side, bench, RUNS, (imap, run) =>
    Promise.all(Array.from({ length: MESSAGES }, (_, i) => imap.skim(each(i + 1, run)))),
  );
  bench.say(`${side.name} STORE: 1,000 in one command ${one} ms, in 1,000 commands ${many} ms`);
  return { 'store.one': one, 'store.many': many };
}
