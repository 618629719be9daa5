/** Looks at everything that goes wrong in practice and says it in one sentence each, with what to do. */
import { X509Certificate } from 'node:crypto';
import { access, constants, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';

import { createLog } from './base/log.ts';
import type { Config } from './config.ts';
import { tlsPair } from './installation.ts';
import { openParts, type Parts } from './parts.ts';
import { dkimPublicKeys } from './smtp/dkim.ts';
import { dnsRecords, type DnsRecord } from './smtp/dns-records.ts';
import { createDnsResolve, isNotFound } from './smtp/resolver.ts';

export interface Finding {
  level: 'ok' | 'warn' | 'fail';
  area: 'configuration' | 'disk' | 'database' | 'keys' | 'tls' | 'ports' | 'dns' | 'queue' | 'jobs';
  what: string;
  remedy?: string;
}

const DAY = 86_400_000;
const GIB = 1024 ** 3;

export async function* examine(load: () => Config, options: { dns: boolean }): AsyncIterable<Finding> {
  let config: Config;
  try {
    config = load();
  } catch (error) {
    yield {
      level: 'fail',
      area: 'configuration',
      what: words(error),
      remedy: 'correct the file; config/congvu.example.toml lists every setting',
    };
    return;
  }
  yield {
    level: 'ok',
    area: 'configuration',
    what: `configuration read (${config.file ?? 'defaults'}), data in ${config.data}`,
  };
  yield* disk(config);
  let parts: Parts;
  try {
    parts = await openParts(config, { log: createLog('silent') });
  } catch (error) {
    yield {
      level: 'fail',
      area: 'database',
      what: `the installation does not open: ${words(error)}`,
      remedy: 'see the message; a new installation is made by "congvu init"',
    };
    return;
  }
  try {
    yield* database(parts);
    yield* keys(parts);
    yield* tls(config);
    yield* ports(config);
    if (options.dns) yield* dns(parts);
    yield* queue(parts);
  } finally {
    await parts.close();
  }
}

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function* disk(config: Config): AsyncIterable<Finding> {
  try {
    await access(config.data, constants.R_OK | constants.W_OK);
  } catch {
    yield {
      level: 'fail',
      area: 'disk',
      what: `${config.data} cannot be written`,
      remedy: 'create it and give it to the user that runs congvu',
    };
    return;
  }
  const { bavail, bsize, blocks } = await statfs(config.data);
  const free = bavail * bsize;
  const share = Math.round((100 * bavail) / Math.max(1, blocks));
  const text = `${(free / GIB).toFixed(1)} GiB free (${share} %) where the data lies`;
  if (free < GIB)
    yield { level: 'fail', area: 'disk', what: text, remedy: 'make room now: below 1 GiB mail is soon refused' };
  else if (share < 10) yield { level: 'warn', area: 'disk', what: text, remedy: 'plan for more room' };
  else yield { level: 'ok', area: 'disk', what: text };
}

async function* database(parts: Parts): AsyncIterable<Finding> {
  const { engine, bytes } = await parts.db.describe();
  yield { level: 'ok', area: 'database', what: `${String(engine)}, ${(Number(bytes) / 1024 ** 2).toFixed(1)} MiB` };
}

async function* keys(parts: Parts): AsyncIterable<Finding> {
  const certification = await parts.signing.certificationKey();
  if (!certification) {
    yield {
      level: 'fail',
      area: 'keys',
      what: 'there is no provincial certification key',
      remedy: 'run "congvu init"',
    };
    return;
  }
  yield { level: 'ok', area: 'keys', what: `provincial certification key ${certification.fingerprint}` };
  const dkim = await dkimPublicKeys(parts.secrets, parts.directory.domain);
  if (dkim.length < 2)
    yield { level: 'fail', area: 'keys', what: 'DKIM keys are missing', remedy: 'run "congvu init"' };
}

async function* tls(config: Config): AsyncIterable<Finding> {
  try {
    const { cert } = await tlsPair({ data: config.data, ...config.tls, hostname: config.hostname });
    const certificate = new X509Certificate(cert);
    const left = (Date.parse(certificate.validTo) - Date.now()) / DAY;
    if (left < 0)
      yield {
        level: 'fail',
        area: 'tls',
        what: `the certificate ended on ${certificate.validTo}`,
        remedy: 'renew it and restart',
      };
    else if (left < 14)
      yield {
        level: 'warn',
        area: 'tls',
        what: `the certificate ends in ${Math.floor(left)} days`,
        remedy: 'renew it',
      };
    if (certificate.checkHost(config.hostname) === undefined) {
      yield {
        level: 'fail',
        area: 'tls',
        what: `the certificate is not for ${config.hostname}`,
        remedy: 'get one that names it, or correct "hostname"',
      };
    }
    if (certificate.subject === certificate.issuer) {
      yield {
        level: 'warn',
        area: 'tls',
        what: 'the certificate is self-signed: clients will warn',
        remedy: 'set [tls] key and cert to files of a recognised authority',
      };
    } else if (left >= 14)
      yield { level: 'ok', area: 'tls', what: `certificate for ${config.hostname}, ${Math.floor(left)} days left` };
  } catch (error) {
    yield {
      level: 'fail',
      area: 'tls',
      what: `the certificate cannot be read: ${words(error)}`,
      remedy: 'correct [tls] key and cert',
    };
  }
}

async function* ports(config: Config): AsyncIterable<Finding> {
  const { host, ...listeners } = config.listen;
  const answers = await fetch(`http://127.0.0.1:${config.listen.http}/healthz`, {
    signal: AbortSignal.timeout(2000),
  }).then(
    (r) => r.ok,
    () => false,
  );
  if (answers) {
    yield { level: 'ok', area: 'ports', what: `a server answers on port ${config.listen.http}` };
    return;
  }
  for (const [name, port] of Object.entries(listeners)) {
    if (port === 0) continue;
    const problem = await tryPort(host, port);
    if (problem === undefined) yield { level: 'ok', area: 'ports', what: `port ${port} (${name}) is free` };
    else
      yield {
        level: 'fail',
        area: 'ports',
        what: `port ${port} (${name}) cannot be opened: ${problem}`,
        remedy:
          problem === 'EACCES'
            ? 'allow it: setcap cap_net_bind_service, or a higher port behind a redirect'
            : 'stop the other program, or choose another port in [listen]',
      };
  }
}

function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function* dns(parts: Parts): AsyncIterable<Finding> {
  const { domain } = parts.directory;
  const resolve = createDnsResolve(parts.config.smtp);
  const wanted = dnsRecords({ domain, host: parts.config.hostname, dkim: await dkimPublicKeys(parts.secrets, domain) });
  for (const record of wanted.filter((r) => ['mx', 'spf', 'dkim', 'dmarc'].includes(r.purpose))) {
    yield await compare(record, resolve);
  }
}

async function compare(record: DnsRecord, resolve: ReturnType<typeof createDnsResolve>): Promise<Finding> {
  const name = `${record.type} of ${record.name}`;
  const remedy = `publish: ${record.name}. IN ${record.type} ${record.value}`;
  try {
    const answer = await resolve(record.name, record.type);
    const found =
      record.type === 'MX'
        ? (answer as { exchange: string }[]).map((a) => a.exchange)
        : (answer as string[][]).map((a) => a.join(''));
    const wanted = record.type === 'MX' ? record.value.replace(/^\d+ /, '').replace(/\.$/, '') : record.value;
    if (found.includes(wanted)) return { level: 'ok', area: 'dns', what: `${name} is published` };
    // SPF and DMARC may rightly be stricter or name more senders: only their absence fails.
    const kin = found.filter((f) => f.slice(0, 6) === wanted.slice(0, 6));
    if (kin.length > 0 && record.purpose !== 'dkim' && record.purpose !== 'mx')
      return { level: 'warn', area: 'dns', what: `${name} differs: ${kin.join(' | ')}`, remedy };
    return { level: 'fail', area: 'dns', what: `${name} is not as needed: ${found.join(' | ').slice(0, 200)}`, remedy };
  } catch (error) {
    if (isNotFound(error)) return { level: 'fail', area: 'dns', what: `${name} is missing`, remedy };
    return {
      level: 'warn',
      area: 'dns',
      what: `${name} could not be asked: ${words(error)}`,
      remedy: 'check the name servers of this machine, or [smtp] dnsServers',
    };
  }
}

async function* queue(parts: Parts): AsyncIterable<Finding> {
  const { queued, due, oldestAt } = await parts.queue.stats();
  const age = oldestAt === null ? 0 : Date.now() - oldestAt;
  const text = `${queued} recipient(s) wait in the outbound queue, ${due} due now`;
  if (age > DAY)
    yield {
      level: 'warn',
      area: 'queue',
      what: `${text}; the oldest for ${Math.round(age / 3_600_000)} hours`,
      remedy: '"congvu queue" shows what the peers say',
    };
  else yield { level: 'ok', area: 'queue', what: text };
  for (const { queue: name, failed } of await parts.jobs.stats()) {
    if (failed > 0)
      yield {
        level: 'warn',
        area: 'jobs',
        what: `${failed} job(s) of "${name}" gave up`,
        remedy: 'the log names their errors',
      };
  }
}
