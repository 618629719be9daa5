/** The certificate, and the ports: free while nothing runs, answering while our server runs. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { isIPv4 } from 'node:net';

import type { Config } from '../config.ts';
import { existingTlsPair } from '../installation.ts';
import { words, type Finding } from './finding.ts';

const DAY = 86_400_000;
const ANY = new Set(['', '::', '0.0.0.0']);

export async function* certificate(config: Config, now: number): AsyncIterable<Finding> {
  try {
    const pair = await existingTlsPair({ data: config.data, ...config.tls });
    if (pair) yield* judge(new X509Certificate(pair.cert), pair.key, config.hostname, now);
    else
      yield {
        level: 'warn',
        area: 'tls',
        what: 'no certificate yet: the first start makes a self-signed one',
        remedy: OWN,
      };
  } catch (error) {
    const remedy = 'correct [tls] key and cert: PEM files that the user of congvu may read';
    yield { level: 'fail', area: 'tls', what: `the certificate cannot be read: ${words(error)}`, remedy };
  }
}

const OWN = 'set [tls] key and cert to files of a recognised authority';

function* judge(found: X509Certificate, key: string, hostname: string, now: number): Iterable<Finding> {
  const area = 'tls';
  const left = Math.floor((Date.parse(found.validTo) - now) / DAY);
  const problems: Finding[] = [];
  if (!found.checkPrivateKey(createPrivateKey(key)))
    problems.push({
      level: 'fail',
      area,
      what: 'the TLS key does not belong to the certificate',
      remedy: 'set [tls] key and cert to a pair',
    });
  if (Date.parse(found.validTo) <= now)
    problems.push({
      level: 'fail',
      area,
      what: `the certificate ended on ${found.validTo}`,
      remedy: 'renew it, then restart congvu',
    });
  else if (Date.parse(found.validFrom) > now)
    problems.push({
      level: 'fail',
      area,
      what: `the certificate begins on ${found.validFrom}`,
      remedy: 'check the clock of this machine',
    });
  else if (left < 14)
    problems.push({
      level: 'warn',
      area,
      what: `the certificate ends in ${left} day(s)`,
      remedy: 'renew it, then restart congvu',
    });
  if (found.checkHost(hostname) === undefined)
    problems.push({
      level: 'fail',
      area,
      what: `the certificate is not for ${hostname}`,
      remedy: 'get one that names it, or correct "hostname"',
    });
  if (found.subject === found.issuer)
    problems.push({ level: 'warn', area, what: 'the certificate is self-signed: clients will warn', remedy: OWN });
  if (problems.length === 0) yield { level: 'ok', area, what: `certificate for ${hostname}, ${left} days left` };
  yield* problems;
}

export async function* ports({ listen: { host, ...listeners } }: Config): AsyncIterable<Finding> {
  const area = 'ports';
  const wanted = Object.entries(listeners).filter(([, port]) => port !== 0);
  const running = listeners.http !== 0 && (await answersHealth(reachable(host), listeners.http));
  for (const [name, port] of wanted) {
    if (running) {
      yield (await answers(reachable(host), port))
        ? { level: 'ok', area, what: `congvu answers on port ${port} (${name})` }
        : {
            level: 'fail',
            area,
            what: `congvu runs, but not on port ${port} (${name})`,
            remedy: 'restart it: the configuration has changed',
          };
      continue;
    }
    const problem = await tryPort(host, port);
    if (problem === undefined) yield { level: 'ok', area, what: `port ${port} (${name}) is free` };
    else
      yield {
        level: 'fail',
        area,
        what: `port ${port} (${name}) cannot be opened: ${problem}`,
        remedy: remedyOf(problem),
      };
  }
}

function remedyOf(problem: string): string {
  if (problem === 'EACCES')
    return 'ports below 1024 need a right: AmbientCapabilities=CAP_NET_BIND_SERVICE in the service, or setcap on node';
  if (problem === 'EADDRNOTAVAIL') return 'this machine has no such address: correct [listen] host';
  return 'stop the other program, or choose another port in [listen]';
}

/** Where a client on this machine finds a listener. */
const reachable = (host: string) => (ANY.has(host) ? '127.0.0.1' : host);

async function answersHealth(host: string, port: number): Promise<boolean> {
  try {
    const name = isIPv4(host) || !host.includes(':') ? host : `[${host}]`;
    const response = await fetch(`http://${name}:${port}/healthz`, { signal: AbortSignal.timeout(2000) });
    return response.ok && (await response.text()) === 'ok';
  } catch {
    return false;
  }
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
