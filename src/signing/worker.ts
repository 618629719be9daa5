/** The main thread's end of signing.worker.ts. */
import { createWorkerPool, type WorkerPool } from '../base/worker-pool.ts';
import type { CheckInput, CheckResult } from './check.ts';
import type { EnrolCheck, EnrolInput } from './enrol-check.ts';
import type { Inspection } from './inspect.ts';
import type { SigningSettings } from './settings.ts';

export type SigningTask =
  { task: 'inspect'; input: Uint8Array } | { task: 'check'; input: CheckInput } | { task: 'enrol'; input: EnrolInput };

export interface SigningWorker {
  inspect(bytes: Uint8Array): Promise<Inspection>;
  check(input: CheckInput): Promise<CheckResult>;
  enrol(input: EnrolInput): Promise<EnrolCheck>;
  close(): Promise<void>;
}

export function createSigningWorker(settings: SigningSettings): SigningWorker {
  const pool: WorkerPool<SigningTask, unknown> = createWorkerPool({
    name: 'signing',
    source: new URL('./signing.worker.ts', import.meta.url),
    size: settings.workers,
    taskMs: settings.workerTaskMs,
    heapMb: settings.workerHeapMb,
    queue: settings.workerQueue,
  });
  // A view would take its whole buffer along, so a copy of its own goes over and away.
  const own = (bytes: Uint8Array) => new Uint8Array(bytes);
  return {
    async inspect(bytes) {
      const input = own(bytes);
      return (await pool.run({ task: 'inspect', input }, { transfer: [input.buffer] })) as Inspection;
    },
    async check(given) {
      const bytes = own(given.bytes);
      return (await pool.run(
        { task: 'check', input: { ...given, bytes, keys: given.keys.map(own) } },
        { transfer: [bytes.buffer] },
      )) as CheckResult;
    },
    enrol: async (input) => (await pool.run({ task: 'enrol', input })) as EnrolCheck,
    close: () => pool.close(),
  };
}
