import { describe, expect, it } from 'vitest';

import { Pace } from './pace.ts';

const MB = 1024 * 1024;
const NEAR = 3;

interface Sending {
  megabytes: number;
  from: number;
  each: number;
  waited: number;
  made?: number;
}

/** Sends megabytes one after the other, each so many milliseconds after the one before. */
function send(pace: Pace, { megabytes, from, each, waited, made = 0 }: Sending) {
  for (let i = 1; i <= megabytes; i++) pace.sent(MB, { waited, made }, from + i * each);
}

describe('whether it pays to make smaller what is sent', () => {
  it('it does until the client is known to be near', () => {
    const pace = new Pace(NEAR, 0);
    expect(pace.compresses).toBe(true);
    pace.heard(NEAR);
    expect(pace.compresses).toBe(true);
    // Only the first answer counts: whatever comes later may have been typed.
    pace.heard(NEAR + 0.1);
    expect(pace.compresses).toBe(true);
  });

  it('it does not for a client that answers at once', () => {
    const pace = new Pace(NEAR, 0);
    pace.heard(0.5);
    expect(pace.compresses).toBe(false);
  });

  it('a near client behind a narrow line is found out by what leaves in a second', () => {
    const pace = new Pace(NEAR, 0);
    pace.heard(0.5);
    send(pace, { megabytes: 10, each: 500, waited: 490, from: 0 });
    expect(pace.compresses).toBe(true);
  });

  it('a near client that did something else for a moment is sent octets as they are again', () => {
    const pace = new Pace(NEAR, 0);
    pace.heard(0.5);
    send(pace, { megabytes: 5, each: 300, waited: 290, from: 0 });
    expect(pace.compresses).toBe(true);
    // 15 MB/s go over the line: with more of them it would be no quicker, and the client has the work of taking them apart.
    send(pace, { megabytes: 15, each: 67, waited: 50, made: 17, from: 1500 });
    expect(pace.compresses).toBe(false);
  });

  it('a distant client gains by it as long as the line is what is waited for', () => {
    const pace = new Pace(NEAR, 0);
    pace.heard(20);
    send(pace, { megabytes: 30, each: 67, waited: 50, made: 17, from: 20 });
    expect(pace.compresses).toBe(true);
    send(pace, { megabytes: 30, each: 67, waited: 17, made: 50, from: 2100 });
    expect(pace.compresses).toBe(false);
  });

  it('a second in which we had little to send says nothing of the line', () => {
    const pace = new Pace(NEAR, 0);
    pace.heard(0.5);
    send(pace, { megabytes: 10, each: 500, waited: 1, from: 0 });
    expect(pace.compresses).toBe(false);
  });

  it('a distant client with a wide line is found out by how much leaves', () => {
    const pace = new Pace(NEAR, 0);
    pace.heard(20);
    send(pace, { megabytes: 40, each: 10, waited: 5, from: 20 });
    expect(pace.compresses).toBe(false);
  });

  it('what only fills buffers on the way says nothing', () => {
    const pace = new Pace(NEAR, 0);
    pace.heard(20);
    send(pace, { megabytes: 4, each: 1, waited: 0, from: 20 });
    for (let i = 1; i < 20; i++) send(pace, { megabytes: 3, each: 1, waited: 0, from: i * 5000 });
    expect(pace.compresses).toBe(true);
  });

  it('it always does when nobody is taken for near', () => {
    const pace = new Pace(0, 0);
    pace.heard(0);
    send(pace, { megabytes: 40, each: 1, waited: 0, from: 0 });
    expect(pace.compresses).toBe(true);
  });
});
