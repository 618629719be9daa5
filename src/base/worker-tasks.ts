/** The thread's end of src/base/worker-pool.ts. */
import { parentPort, type Transferable } from 'node:worker_threads';

import type { ThreadMessage } from './worker-pool.ts';

/** Called once, at the end of a worker's file. */
export function serveTasks<In, Out>(
  handler: (input: In) => Promise<Out> | Out,
  transfer: (value: Out) => Transferable[] = () => [],
): void {
  const port = parentPort;
  if (!port) throw new Error('not a worker thread');
  const say = (message: ThreadMessage, list: Transferable[] = []) => port.postMessage(message, list);
  port.on('message', (input: In) => {
    void (async () => {
      try {
        const value = await handler(input);
        say({ value }, transfer(value));
      } catch (error) {
        say({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
      }
    })();
  });
  say({ ready: true });
}
