import { expect, it } from 'vitest';

import { createPatience } from './patience.ts';

const after = (...times: (number | { there: number })[]): boolean => {
  const patience = createPatience();
  for (const one of times) {
    if (typeof one === 'number') patience.took(one, true);
    else patience.took(one.there, false);
  }
  return patience.isShort;
};
const many = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

it('waits for a disk that was quick so far, and for no other', () => {
  expect(after()).toBe(false);
  expect(after(0.3)).toBe(true);
  expect(after(4)).toBe(false);
  expect(after(...many(50, 0.2), 4)).toBe(true);
  expect(after(...many(50, 0.2), ...many(20, 1))).toBe(false);
  expect(after(4, ...many(60, 0.2))).toBe(true);
});

it('leaves the next fifty to a thread after a sync that held everybody up', () => {
  expect(after(...many(50, 0.2), 25, ...many(49, 0.2))).toBe(false);
  expect(after(...many(50, 0.2), 25, ...many(50, 0.2))).toBe(true);
});

it('knows of what a thread waited for only that the disk took no longer', () => {
  const there = (count: number, ms: number) => many(count, ms).map((one) => ({ there: one }));
  expect(after(...there(100, 2))).toBe(false);
  expect(after(...there(100, 2), ...there(8, 0.4))).toBe(true);
  expect(after(0.2, ...there(100, 30))).toBe(true);
  expect(after(...many(50, 0.2), 25, ...there(50, 2))).toBe(true);
});
