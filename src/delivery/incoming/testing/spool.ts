/** A folder of mail that was taken, for each test; who delivers it is the test's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach } from 'vitest';

import type { BlobHash } from '../../../base/ids.ts';
import { silentLog } from '../../../base/log.ts';
import { createIncoming, type IncomingOptions } from '../incoming.ts';
import type { DeliverMail, Incoming, IncomingMail } from '../types.ts';
import { Processes } from './processes.ts';

export const mail = (text: string): IncomingMail => ({
  bytes: Buffer.from(text),
  envelope: { mailFrom: 'lan@bo.example', rcptTo: [{ address: 'hung@caoson.gov.vn' }], smtpUtf8: false },
  origin: {
    session: 's.1',
    remote: '192.0.2.1',
    authentication: { spf: 'pass', dkim: 'none', dmarc: 'pass', arc: 'none', alignedDomain: 'bo.example' },
    policy: 'none',
  },
});

export interface Deliverer {
  deliver: DeliverMail;
  has(hash: BlobHash): Promise<boolean>;
}

export class Spool {
  folder = '';
  private readonly processes: Processes;

  constructor() {
    beforeEach(async () => {
      this.folder = await mkdtemp(join(tmpdir(), 'congvu-incoming-'));
    });
    afterEach(async () => {
      await rm(this.folder, { recursive: true });
    });
    this.processes = new Processes();
  }

  /** Not started. */
  create({ has }: Pick<Deliverer, 'has'>, options: Partial<IncomingOptions> = {}): Incoming {
    const { folder } = this;
    return this.processes.add(
      createIncoming({ folder, mostBytes: 10_000, isDelivered: has, log: silentLog, ...options }),
    );
  }

  /** What a process waits for that ended. */
  get never(): Promise<void> {
    return this.processes.never;
  }

  readonly begin = async (into: Deliverer, options: Partial<IncomingOptions> = {}): Promise<Incoming> => {
    const incoming = this.create(into, options);
    await incoming.start(into.deliver);
    return incoming;
  };
}
