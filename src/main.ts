/** Starts and stops: the only file that knows every listener. */
import { join } from 'node:path';

import { letHeapGrow } from './base/heap.ts';
import type { CertificatePair } from './base/self-signed.ts';
import { holdLock } from './db/process-lock.ts';
import { createImapServer } from './imap-lite/server.ts';
import { InstallationError, tlsPair } from './installation.ts';
import { startMaintenance } from './maintenance.ts';
import type { Parts } from './parts.ts';
import { createDkimSigner } from './smtp/dkim.ts';
import type { SmtpListener } from './smtp/listener.ts';
import { createMxDelivery } from './smtp/mx-delivery.ts';
import { createMxServer } from './smtp/mx-server.ts';
import { createOutbound } from './smtp/outbound/outbound.ts';
import { createSubmissionServer } from './smtp/submission-server.ts';
import { listen } from './web/server/listen.ts';
import { verdictOf } from './verdict-of.ts';
import { watchTls } from './tls-renewal.ts';
import { createWeb } from './web.ts';

export interface Running {
  data: string;
  ports: Record<'http' | 'https' | 'smtp' | 'submission' | 'submissions' | 'imap' | 'imaps', number>;
  /** Looks whether the certificate was renewed; also done by itself every `tls.checkSeconds`. */
  renewTls(): Promise<void>;
  /** Accepted mail is safe already; this ends conversations politely and waits for work under way. */
  stop(): Promise<void>;
}

interface TlsFace {
  updateTls(pair: CertificatePair): void;
}
interface Tls {
  tls: CertificatePair;
  /** Whoever takes a renewed certificate. */
  faces: TlsFace[];
}

/** A server that ends beside us is waited for so long, ms. */
const PATIENCE = 10_000;

/** Everything listens when this resolves; when one listener cannot, those before it are closed again. */
export async function start(parts: Parts, { patience = PATIENCE } = {}): Promise<Running> {
  letHeapGrow();
  const { config, log, jobs } = parts;
  const readTls = () => tlsPair({ data: config.data, ...config.tls, hostname: config.hostname });
  const tls = await readTls();
  const faces: TlsFace[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  let unlock = (): void => undefined;
  const stopAll = async () => {
    for (const close of closers.reverse())
      await close().catch((error: unknown) => log.error({ err: error }, 'stopping failed'));
    await parts.close();
    unlock();
  };
  try {
    outbound(parts);
    // Last to end but first to be there: what is taken when the listeners end is delivered still.
    closers.push(parts.incoming.stop);
    parts.incoming.expect();
    const ports = {
      ...(await startSmtp(parts, { tls, faces }, closers)),
      ...(await startImap(parts, { tls, faces }, closers)),
      ...(await startHttp(parts, { tls, faces }, closers)),
    };
    const renewal = watchTls(parts, tls, readTls, (pair) => faces.forEach((face) => face.updateTls(pair)));
    closers.push(async () => renewal.stop());
    // A second server on this folder ended above, if its ports are ours; otherwise here, before it looks into the journal.
    unlock = await lockData(config.data, patience);
    await parts.incoming.start(createMxDelivery({ ...parts, settings: config.smtp }));
    jobs.start();
    parts.mailstore.indexing.start();
    const maintenance = startMaintenance(parts);
    closers.push(maintenance.stop);
    log.info({ ports, data: config.data }, 'listening');
    return {
      data: config.data,
      ports,
      renewTls: renewal.look,
      async stop() {
        log.info('stopping');
        await stopAll();
        log.info('stopped');
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Two servers would deliver each other's mail from one journal, and write over it. */
async function lockData(data: string, patience: number): Promise<() => void> {
  const release = await holdLock(join(data, 'server.lock'), patience);
  if (!release) throw new InstallationError(`another server is running on ${data}`);
  return release;
}

function outbound({ db, queue, jobs, directory, secrets, config, clock, log }: Parts): void {
  const settings = { ...config.smtp, hostname: config.smtp.hostname || config.hostname };
  createOutbound({
    db,
    queue,
    jobs,
    directory,
    dkim: createDkimSigner(secrets, clock),
    settings,
    delivery: config.delivery,
    clock,
    log,
  });
}

async function startSmtp(parts: Parts, { tls, faces }: Tls, closers: (() => Promise<unknown>)[]) {
  const { directory, credentials, mailstore, delivery, incoming, clock, log, config } = parts;
  const settings = { ...config.smtp, hostname: config.smtp.hostname || config.hostname };
  const common = { directory, credentials, mailstore, delivery, incoming, settings, tls, clock, log };
  const open = async (listener: SmtpListener, port: number) => {
    if (port === 0) return 0;
    const taken = await listener.listen(port, config.listen.host);
    faces.push(listener);
    closers.push(() => listener.close(5000));
    return taken;
  };
  return {
    smtp: await open(createMxServer(common), config.listen.smtp),
    submission: await open(createSubmissionServer({ ...common, implicitTls: false }), config.listen.submission),
    submissions: await open(createSubmissionServer({ ...common, implicitTls: true }), config.listen.submissions),
  };
}

async function startImap(parts: Parts, { tls, faces }: Tls, closers: (() => Promise<unknown>)[]) {
  const { config } = parts;
  const { host, imap, imaps } = config.listen;
  const server = createImapServer({
    ...parts,
    settled: parts.incoming.settled,
    ...(parts.db.dialect === 'sqlite' && { file: parts.incoming.file }),
    settings: config.imap,
    tls,
    verdictOf: (message, bytes) => verdictOf(parts, message, bytes),
    ...jmapUrl(config),
  });
  closers.push(server.close);
  faces.push(server);
  const taken = await server.listen({ host, port: imap || null, tlsPort: imaps || null });
  return { imap: taken.port ?? 0, imaps: taken.tlsPort ?? 0 };
}

/** RFC 9698: clients of IMAP hear where JMAP is, unless nothing listens there. */
function jmapUrl({ jmap, publicUrl, listen: { http } }: Parts['config']): { jmapUrl?: string } {
  const origin = jmap.publicUrl || publicUrl || (http === 0 ? '' : `http://localhost:${http}`);
  return origin === '' ? {} : { jmapUrl: `${origin}/jmap/session` };
}

async function startHttp(parts: Parts, { tls, faces }: Tls, closers: (() => Promise<unknown>)[]) {
  const { host, http, https } = parts.config.listen;
  const app = createWeb(parts);
  const open = async (port: number, pair?: CertificatePair) => {
    if (port === 0) return 0;
    const listening = await listen(app, { host, port, ...(pair ? { tls: pair } : {}) });
    closers.push(() => listening.close(2000));
    if (pair) faces.push(listening);
    return listening.port;
  };
  return { http: await open(http), https: await open(https, tls) };
}
