import { expect, it } from 'vitest';

import { vectorOf } from './vector.ts';

it('gives words their places by field, and words without a place', () => {
  expect(vectorOf([['a', 'b'], ['a']], ['bcông'])).toBe("'a':1A,4B 'b':2A '=bcông'");
});

it('says when places ran out: of one word, of all, or for want of room, and still holds every word', () => {
  expect(vectorOf([Array.from({ length: 300 }, () => 'a')])).toMatch(/^'a':1A,.* '='$/);
  const many = Array.from({ length: 20_000 }, (_, i) => `w${i}`);
  expect(vectorOf([many])).toMatch(/'w19999':16383A '='$/);
  const crowded = Array.from({ length: 70_000 }, (_, i) => `w${i % 50_000}`);
  const vector = vectorOf([crowded]);
  expect(vector.match(/'w\d+':\d+A(?= )/g)).toHaveLength(50_000);
  expect(vector).toMatch(/ '='$/);
});
