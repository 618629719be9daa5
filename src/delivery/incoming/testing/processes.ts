/**
 * Processes of a test that ended in the midst of their work, as far as one process can show it: they stand still for as long as the
 * test lasts, and what they have open is closed behind it.
 */
import { afterEach } from 'vitest';

import type { Incoming } from '../types.ts';

export class Processes {
  private readonly all: Incoming[] = [];
  private readonly starts: Promise<void>[] = [];
  private standing = standstill();

  /** Its end comes before that of what was set up earlier in the test file: they use it. */
  constructor() {
    afterEach(() => this.end());
  }

  /** What a process waits for that gets no further. */
  get never(): Promise<void> {
    return this.standing.promise;
  }

  add(incoming: Incoming): Incoming {
    this.all.push(incoming);
    return {
      ...incoming,
      start: (deliver) => {
        const start = incoming.start(deliver);
        this.starts.push(start.catch(() => undefined));
        return start;
      },
    };
  }

  private async end(): Promise<void> {
    // Those that stop try nothing again.
    const stopped = Promise.all(this.all.map((one) => one.stop()));
    this.standing.end();
    await stopped;
    // One that was still starting has something to stop now.
    await Promise.all(this.starts.splice(0));
    await Promise.all(this.all.splice(0).map((one) => one.stop()));
    this.standing = standstill();
  }
}

function standstill() {
  let end = (): void => undefined;
  const promise = new Promise<void>((_, reject) => (end = () => reject(new Error('the process ended'))));
  promise.catch(() => undefined);
  return { promise, end };
}
