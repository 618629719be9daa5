/** How long a batch waits for more messages. */
import { setImmediate } from 'node:timers/promises';

/** While messages follow each other within STREAM ms, each batch waits so long for company, ms. A message that comes alone does not wait. */
const COMPANY = 25;
const STREAM = 5;
export interface Company {
  /** One more is there. */
  arrived(): void;
  /** No further waiting, whoever waits. */
  enough(): void;
  /** The pause before a batch. */
  wait(isEnough: () => boolean): Promise<void>;
}

export function createCompany(): Company {
  let last = -Infinity;
  let gap = Infinity;
  let enough = (): void => undefined;
  return {
    arrived(): void {
      const now = performance.now();
      gap = now - last;
      last = now;
    },
    enough: () => enough(),
    async wait(isEnough: () => boolean): Promise<void> {
      // One turn of the event loop in any case: whatever else has arrived comes along.
      await setImmediate();
      if (isEnough() || gap > STREAM) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, COMPANY);
        enough = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      enough = () => undefined;
    },
  };
}
