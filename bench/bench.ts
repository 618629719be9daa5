/**
 * Our server against Postfix and Dovecot: the same drivers, the same mail, both in turn in one run; README.md says what is measured.
 * Usage: npm run bench -- [--only deliveries,imap] [--scale 0.1] [--runs 3] [--case 10k.50.kept] [--ours-only | --peer-only] [--keep FOLDER] [--out FILE]
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';

import { acts, GROUPS } from './lib/acts.ts';
import { openCorpus } from './lib/corpus.ts';
import { median, round, seconds } from './lib/figures.ts';
import { buildServer } from './lib/ours.ts';
import { startPeer } from './lib/peer.ts';
import { judge, rows } from './lib/rows.ts';
import type { Figures } from './lib/side.ts';
import { table } from './lib/table.ts';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: GROUPS.join(',') },
    scale: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1' },
    'ours-only': { type: 'boolean', default: false },
    'peer-only': { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
    /** Of the deliveries only these. */
    case: { type: 'string', default: '' },
    /** Our loaded data folder stays here and is used again; changed code may not read an old one. */
    keep: { type: 'string' },
    /** NAME.json and NAME.md. */
    out: { type: 'string' },
  },
});
const groups = new Set(flags.only.split(','));
for (const group of groups)
  if (!GROUPS.some((known) => known === group)) throw new Error(`--only knows ${GROUPS.join(', ')}; not ${group}`);
const with_ = { ours: !flags['peer-only'], peer: !flags['ours-only'] };
process.once('SIGINT', () => process.exit(130));
const begun = performance.now();
const load = loadavg()[0] ?? 0;
const say = (text: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

if (with_.ours && !flags['no-build']) buildServer();
const bench = { scale: Number(flags.scale), corpus: openCorpus(), say, cases: new RegExp(flags.case) };
const collected: { side: string; figures: Figures }[] = [];
const peer = with_.peer ? startPeer() : undefined;
const chosen = acts.filter((act) => act.steps.some(({ group }) => groups.has(group)));
for (let run = 0; run < Number(flags.runs); run++)
  for (const act of chosen) {
    const steps = act.steps.filter(({ group }) => groups.has(group));
    await act.play({
      bench,
      peer,
      ours: with_.ours,
      keep: flags.keep,
      steps,
      take: (side, figures) => collected.push({ side, figures }),
    });
  }
peer?.stop();

const lines = rows.filter(({ group }) => groups.has(group)).map((row) => judge(row, medians(collected)));
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${round(totalmem() / 2 ** 30)} GB; load before ${round(load, 2)}`;
const meant = bench.scale === 1 ? '' : ' (targets and recorded figures are for 1)';
const conditions = `scale ${flags.scale}${meant}, ${flags.runs} run(s), ${round(seconds(begun) / 60)} min; ${machine}`;
const markdown = `${table(lines)}\n\n${conditions}\n`;
console.log(markdown);
if (flags.out !== undefined) {
  writeFileSync(`${flags.out}.md`, markdown);
  writeFileSync(`${flags.out}.json`, JSON.stringify({ conditions, lines, collected }, null, 1));
}
process.exit(0);

function medians(all: typeof collected): Map<string, Figures> {
  const values = new Map<string, Map<string, number[]>>();
  for (const { side, figures } of all) {
    const ofSide = values.get(side) ?? new Map<string, number[]>();
    values.set(side, ofSide);
    for (const [key, value] of Object.entries(figures)) ofSide.set(key, [...(ofSide.get(key) ?? []), value]);
  }
  const middle = (ofSide: Map<string, number[]>) =>
    Object.fromEntries([...ofSide].map(([key, list]) => [key, median(list)]));
  return new Map([...values].map(([side, ofSide]) => [side, middle(ofSide)]));
}
