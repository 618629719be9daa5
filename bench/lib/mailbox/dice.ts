/** What a seed decides: numbers, choices, and bytes that do not compress. */
import { createCipheriv } from 'node:crypto';

import { random as seeded } from '../../../src/base/testing/random.ts';
import { OFFICES, OPENINGS, REGISTERS, REQUESTS, TASKS } from './words.ts';

export interface Dice {
  random(): number;
  chance(probability: number): boolean;
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
  noise(length: number): Buffer;
  /** Fills the places of words.ts. */
  fill(pattern: string): string;
  paragraph(): string;
}

export function diceOf(seed: number): Dice {
  const random = seeded(seed).next;
  let drawn = 0;
  const dice: Dice = {
    random,
    chance: (probability) => random() < probability,
    between: (least, most) => least + Math.floor(random() * (most - least + 1)),
    pick: (from) => {
      const one = from[Math.floor(random() * from.length)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    },
    noise(length) {
      const key = Buffer.alloc(16);
      key.writeUInt32BE(seed, 0);
      key.writeUInt32BE(++drawn, 4);
      return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
    },
    fill: (pattern) => pattern.replace(/\{(.)\}/g, (_, place: string) => filling(dice, place)),
    paragraph: () => Array.from({ length: dice.between(2, 5) }, () => sentence(dice)).join(' '),
  };
  return dice;
}

function sentence({ fill, pick }: Dice): string {
  const text = `${fill(pick(OPENINGS))}, ${fill(pick(REQUESTS))}.`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function filling({ between, pick }: Dice, place: string): string {
  switch (place) {
    case 's':
      return `${between(1, 4999)}/${pick(REGISTERS)}`;
    case 'd':
      return pick(OFFICES);
    case 'v':
      return pick(TASKS);
    case 'n':
      return `${between(1, 28)}/${between(1, 12)}/2026`;
    default:
      return String(between(2, 980));
  }
}
