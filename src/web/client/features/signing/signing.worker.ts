/// <reference lib="webworker" />
/** The key's own thread: no DOM, and by its Content-Security-Policy no network either (docs/signing-browser.md). */
import { createKeyHolder } from './key-holder.ts';
import type { Request } from './protocol.ts';

const scope = self as unknown as DedicatedWorkerGlobalScope;

/** The page names the idle limit when it makes the worker: "signing:900000". */
const idleMs = Number(scope.name.split(':')[1]) || 15 * 60_000;
const holder = createKeyHolder({ idleMs, post: (reply, transfer) => scope.postMessage(reply, transfer ?? []) });

scope.addEventListener('message', (event: MessageEvent<Request>) => {
  // Only our own page can hold this worker's port.
  void holder.handle(event.data);
});
