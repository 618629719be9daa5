/** A folder of mail that was taken, for each test; who delivers it is the test's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach } from 'vitest';

import type { BlobHash } from '../../../base/ids.ts';
import { silentLog } from '../../../base/log.ts';
import { createIncoming, type IncomingOptions } from '../incoming.ts';
import type { DeliverMail, Incoming, IncomingMail } from '../types.ts';

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
  private readonly begun: Incoming[] = [];

  constructor() {
    beforeEach(async () => {
      this.folder = await mkdtemp(join(tmpdir(), 'congvu-incoming-'));
    });
    afterEach(async () => {
      for (const incoming of this.begun.splice(0)) await incoming.stop();
      await rm(this.folder, { recursive: true });
    });
  }

  /** Opened, and nothing more. */
  create({ has }: Pick<Deliverer, 'has'>, options: Partial<IncomingOptions> = {}): Incoming {
    const { folder } = this;
    return createIncoming({ folder, mostBytes: 10_000, isDelivered: has, log: silentLog, ...options });
  }

  endAfterwards(incoming: Incoming): void {
    this.begun.push(incoming);
  }

  readonly begin = async (into: Deliverer, options: Partial<IncomingOptions> = {}): Promise<Incoming> => {
    const incoming = this.create(into, options);
    await incoming.start(into.deliver);
    this.endAfterwards(incoming);
    return incoming;
  };
}
