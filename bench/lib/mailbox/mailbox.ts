/**
 * Writes a mailbox of Vietnamese office mail, the same for the same seed: FOLDER/NNNNN.eml (CRLF), index.jsonl (file, flags, date,
 * form, size) and truth.json (what searches must find). 35 % plain text, 30 % text and HTML, 10 % HTML, 20 % with one to three PDF,
 * 5 % HTML with an image; 40 % are replies.
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { diceOf, type Dice } from './dice.ts';
import { makeMessage, type Person, type World } from './message.ts';
import { DOMAINS, FAMILY, GIVEN, MIDDLE, OFFICES, PHRASE, RARE } from './words.ts';

const PEOPLE = 400;
const FIRST_DAY = Date.UTC(2023, 0, 3, 1);
const SPAN = 3 * 365 * 86_400_000;

export interface MailboxOptions {
  folder: string;
  messages: number;
  seed?: number;
}

export function writeMailbox({ folder, messages, seed = 42 }: MailboxOptions): void {
  mkdirSync(folder, { recursive: true });
  const dice = diceOf(seed);
  const people = Array.from({ length: PEOPLE }, (_, i) => person(dice, i));
  const world: World = { dice, people, logo: dice.noise(4800), sent: [], pdfs: [] };
  const index = openSync(join(folder, 'index.jsonl'), 'w');
  for (let number = 0; number < messages; number++) {
    const when = new Date(FIRST_DAY + Math.floor(((number + dice.random()) * SPAN) / messages));
    const { bytes, form, sent } = makeMessage(world, number, when);
    const file = `${String(number).padStart(5, '0')}.eml`;
    writeFileSync(join(folder, file), bytes);
    const flags = flagsOf(dice);
    const line = { file, flags, date: when.toISOString(), kind: form, size: bytes.length };
    writeSync(index, `${JSON.stringify(line)}\n`);
    world.sent.push(sent);
    if (world.sent.length > 60) world.sent.shift();
  }
  closeSync(index);
  // Last: whoever sees it sees a mailbox that is complete.
  writeFileSync(join(folder, 'truth.json'), JSON.stringify({ phrase: PHRASE, rare: RARE, n: messages, seed }));
}

function flagsOf({ chance }: Dice): string[] {
  const flags: [string, number][] = [
    ['\\Seen', 0.85],
    ['\\Answered', 0.2],
    ['\\Flagged', 0.05],
  ];
  return flags.filter(([, probability]) => chance(probability)).map(([flag]) => flag);
}

function person({ pick }: Dice, number: number): Person {
  const name = `${pick(FAMILY)} ${pick(MIDDLE)} ${pick(GIVEN)}`;
  const office = pick(OFFICES);
  const bare = name
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase();
  return { name, office, address: `${bare.replace(/ /g, '.')}${number}@${pick(DOMAINS)}` };
}
