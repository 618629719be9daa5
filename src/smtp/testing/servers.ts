import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as v from 'valibot';

import { sqliteDatabase } from '../../../test/support/databases.ts';
import { selfSigned } from '../../base/self-signed.ts';
import { silentLog } from '../../base/log.ts';
import { createIncoming, type IncomingOptions } from '../../delivery/incoming/incoming.ts';
import { openWorld, type WorldOptions } from '../../delivery/testing/world.ts';
import { createMxDelivery } from '../mx-delivery.ts';
import { createMxServer } from '../mx-server.ts';
import { smtpSettings } from '../settings.ts';
import { createSubmissionServer } from '../submission-server.ts';
import { dnsServer, type Zone } from './dns.ts';

let pair: Promise<{ key: string; cert: string }> | undefined;
export const testTls = (): Promise<{ key: string; cert: string }> =>
  (pair ??= selfSigned(['mail.caoson.gov.vn'], Date.now()));

type Input = v.InferInput<typeof smtpSettings>;

/** The three servers over a small province, and the DNS that they ask. */
export async function smtpServers(
  options: {
    zone?: Zone;
    mx?: Input['mx'];
    submission?: Input['submission'];
    smtp?: Omit<Input, 'mx' | 'submission'>;
    world?: WorldOptions;
    incoming?: Partial<IncomingOptions>;
    open?: typeof sqliteDatabase;
  } = {},
) {
  const world = await openWorld(options.open ?? sqliteDatabase, options.world);
  const dns = await dnsServer(options.zone ?? {});
  const settings = v.parse(smtpSettings, {
    dnsServers: [dns.address],
    dnsTimeout: 500,
    ...options.smtp,
    mx: { bannerDelay: 20, ...options.mx },
    submission: options.submission,
  });
  const folder = await mkdtemp(join(tmpdir(), 'congvu-mx-'));
  const incoming = createIncoming({
    folder,
    mostBytes: 0,
    isDelivered: async (hash) => (await world.mailstore.derived(hash)) !== undefined,
    log: silentLog,
    ...options.incoming,
  });
  const common = { ...world, incoming, settings, tls: await testTls(), log: silentLog };
  await incoming.start(createMxDelivery(common));
  const mx = createMxServer(common);
  const submission = createSubmissionServer({ ...common, implicitTls: false });
  const submissions = createSubmissionServer({ ...common, implicitTls: true });
  return {
    ...world,
    dns,
    settings,
    mxPort: await mx.listen(0, '127.0.0.1'),
    submissionPort: await submission.listen(0, '127.0.0.1'),
    submissionsPort: await submissions.listen(0, '127.0.0.1'),
    mx,
    incoming,
    async dispose() {
      await Promise.all([mx.close(50), submission.close(50), submissions.close(50)]);
      await incoming.stop();
      await rm(folder, { recursive: true, force: true });
      await dns.stop();
      await world.dispose();
    },
  };
}
export type SmtpServers = Awaited<ReturnType<typeof smtpServers>>;
