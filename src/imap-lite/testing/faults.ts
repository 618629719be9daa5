/** What the server logs as a fault of its own. */
import { Writable } from 'node:stream';

import { createLog, type Log } from '../../base/log.ts';

export function faultLog(): { faults: string[]; log: Log } {
  const faults: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      faults.push(chunk.toString());
      done();
    },
  });
  return { faults, log: createLog('error', sink) };
}
