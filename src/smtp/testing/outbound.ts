/** A province with an outbound client, a DNS and a peer of the test's own. */
import * as v from 'valibot';
import { afterEach } from 'vitest';

import { sqliteDatabase, type TestDatabase } from '../../../test/support/databases.ts';
import { silentLog } from '../../base/log.ts';
import { mail, openWorld, type WorldOptions } from '../../delivery/testing/world.ts';
import type { EnvelopeRecipient } from '../../delivery/types.ts';
import { createDkimSigner } from '../dkim.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { smtpSettings } from '../settings.ts';
import { dnsServer, type Zone } from './dns.ts';
import { mailPeer, type Peer, type PeerOptions } from './peer.ts';

export interface OutboundSetup {
  peer?: PeerOptions;
  zone?: Zone;
  outbound?: v.InferInput<typeof smtpSettings>['outbound'];
  world?: WorldOptions;
  database?: () => Promise<TestDatabase>;
}

/** bo.example, whose mail server is the peer. */
export const boZone = (): Zone => ({
  'bo.example': { MX: [[10, 'mx.bo.example']] },
  'mx.bo.example': { A: ['127.0.0.1'] },
});

export async function outboundWorld({
  peer: options,
  zone = boZone(),
  outbound,
  world: worldOptions,
  database = sqliteDatabase,
}: OutboundSetup = {}) {
  const world = await openWorld(database, worldOptions);
  const peer = await mailPeer(options);
  const dns = await dnsServer(zone);
  const timeouts = { connectTimeout: 300, greetingTimeout: 300, replyTimeout: 300, attemptTimeout: 2000 };
  const settings = v.parse(smtpSettings, {
    dnsServers: [dns.address],
    dnsTimeout: 200,
    outbound: { port: peer.port, allowLocalAddresses: true, ...timeouts, ...outbound },
  });
  createOutbound({
    ...world,
    settings,
    delivery: world.settings,
    dkim: createDkimSigner(world.secrets, world.clock),
    log: silentLog,
  });
  const { hung } = world.people;
  return {
    ...world,
    peer,
    dns,
    run: () => world.jobs.runDue(),
    reports: () => world.inbox(hung.accountId),
    states: async () =>
      (await world.queue.list()).map(({ recipient, state, attempts }) => [recipient, state, attempts]),
    async send(...to: (string | EnvelopeRecipient)[]): Promise<void> {
      const message = await world.mailstore.prepare(
        mail({ From: hung.address, Subject: 'Mời họp', 'Message-ID': '<1@x>' }, 'dòng một\r\n.dòng hai\r\n'),
      );
      const rcptTo = to.map((one) => (typeof one === 'string' ? { address: one } : one));
      await world.delivery.send(message, { mailFrom: hung.address, rcptTo }, { ...hung, sentCopy: 'exists' });
    },
    async dispose() {
      await world.dispose();
      await peer.stop();
      await dns.stop();
    },
  };
}
export type OutboundWorld = Awaited<ReturnType<typeof outboundWorld>>;

/** A world of its own for each test of a file; it ends with the test. */
export class WayOut {
  world!: OutboundWorld;

  constructor() {
    afterEach(() => this.world.dispose());
  }

  readonly start = async (setup?: OutboundSetup): Promise<Peer> => {
    this.world = await outboundWorld(setup);
    return this.world.peer;
  };
  readonly send = (...to: Parameters<OutboundWorld['send']>): Promise<void> => this.world.send(...to);
  readonly run = (): Promise<number> => this.world.run();
  readonly states = (): ReturnType<OutboundWorld['states']> => this.world.states();
  readonly reports = (): Promise<string[]> => this.world.reports();
}
