/** The mailbox of benc./mailbox/mailbox.ts, as files: index.jsonl names each message with flags and date, truth.json what searches must find. */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as v from 'valibot';

import { writeMailbox } from './mailbox/mailbox.ts';

export const MESSAGES = 20_000;
export const corpusFolder: string = process.env['BENCH_CORPUS'] ?? join(tmpdir(), 'peer/corpus');

const entry = v.object({ file: v.string(), flags: v.array(v.string()), date: v.string(), size: v.number() });
const truth = v.object({ phrase: v.string(), rare: v.string(), n: v.number() });
export type CorpusMessage = v.InferOutput<typeof entry>;

export interface Corpus {
  messages: CorpusMessage[];
  phrase: string;
  rare: string;
  bytes(message: CorpusMessage): Buffer;
}

/** Made when it is not there: 1.2 GB, half a minute. */
export function openCorpus(): Corpus {
  if (!existsSync(join(corpusFolder, 'truth.json'))) writeMailbox({ folder: corpusFolder, messages: MESSAGES });
  const told = v.parse(truth, JSON.parse(readFileSync(join(corpusFolder, 'truth.json'), 'utf8')));
  const lines = readFileSync(join(corpusFolder, 'index.jsonl'), 'utf8').trim().split('\n');
  return {
    messages: lines.map((line) => v.parse(entry, JSON.parse(line))),
    phrase: told.phrase,
    rare: told.rare,
    bytes: ({ file }) => readFileSync(join(corpusFolder, file)),
  };
}

export type Kind = 'nfc' | 'nfd' | 'entities' | 'decoy' | 'other';

/** How the message of this number holds the phrase; a decoy has its words apart. */
export function kindOf(number: number): Kind {
  if ([61, 62].includes(number % 100)) return 'decoy';
  if (number % 100 !== 37) return 'other';
  return number % 2000 === 37 ? 'nfd' : number % 2000 === 137 ? 'entities' : 'nfc';
}
