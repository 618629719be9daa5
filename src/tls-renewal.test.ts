import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';

import { desc } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createLog, type Log } from './base/log.ts';
import { selfSigned } from './base/self-signed.ts';
import { loadConfig } from './config.ts';
import { createMasterKey } from './installation.ts';
import { start, type Running } from './main.ts';
import { openParts, type Parts } from './parts.ts';

describe('a renewed certificate', () => {
  let data: string;
  let parts: Parts;
  let running: Running;
  const complaints: string[] = [];
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'congvu-tls-'));
    const ports = ['http', 'https', 'smtp', 'submission', 'submissions', 'imap', 'imaps'];
    await writeFile(
      join(data, 'congvu.toml'),
      `[smtp.mx]\nbannerDelay = 0\n[tls]\nkey = "${data}/key.pem"\ncert = "${data}/cert.pem"\n` +
        `[listen]\nhost = "127.0.0.1"\n`,
    );
    await put(await selfSigned(['localhost'], Date.now()));
    await createMasterKey(data);
    const log: Log = Object.assign(createLog('silent'), {
      error: (_: unknown, words: string) => void complaints.push(words),
    });
    const config = loadConfig({ env: { CONGVU_DATA: data } });
    // Any free port; 0 in the configuration turns a listener off.
    const listen = Object.fromEntries(await Promise.all(ports.map(async (name) => [name, await freePort()] as const)));
    parts = await openParts({ ...config, listen: { ...config.listen, ...listen } }, { log });
    running = await start(parts);
  });
  afterAll(async () => {
    await running.stop();
    await rm(data, { recursive: true, force: true });
  });
  const put = async ({ key, cert }: { key: string; cert: string }) => {
    await writeFile(join(data, 'key.pem'), key);
    await writeFile(join(data, 'cert.pem'), cert);
  };
  /** What each listener shows to a new connection. */
  const shown = async (): Promise<string[]> => {
    const { smtp, submission, submissions, imap, imaps, https } = running.ports;
    return Promise.all([
      ...[https, submissions, imaps].map((port) => certificateOf(connect({ port, rejectUnauthorized: false }))),
      ...[smtp, submission].map((port) =>
        startTls(port, /^220 /, 'EHLO a.test\r\nSTARTTLS\r\n', /^220 2\.0\.0|^220 Ready/m),
      ),
      startTls(imap, /^\* OK/, 'a STARTTLS\r\n', /^a OK/m),
    ]);
  };
  const everywhere = (cert: string) => Array.from({ length: 6 }, () => bare(cert));

  it('is shown to new connections on every port, and is in the audit log', async () => {
    const before = await readFile(join(data, 'cert.pem'), 'utf8');
    expect(await shown()).toEqual(everywhere(before));
    const next = await selfSigned(['localhost', 'moi.test'], Date.now());
    await put(next);
    expect(await shown()).toEqual(everywhere(before));
    await running.renewTls();
    expect(await shown()).toEqual(everywhere(next.cert));
    const { auditLog } = parts.db.t;
    const [last] = await parts.db.read.select().from(auditLog).orderBy(desc(auditLog.id)).limit(1);
    expect(last).toMatchObject({ actor: 'system', action: 'tls.renew' });
    expect(complaints).toEqual([]);
  });

  it('that cannot be used leaves the old one, is logged once, and is taken when it is whole', async () => {
    const before = await readFile(join(data, 'cert.pem'), 'utf8');
    const key = await readFile(join(data, 'key.pem'), 'utf8');
    const next = await selfSigned(['localhost', 'sau.test'], Date.now());
    const DAY = 86_400_000;
    for (const wrong of [
      { key, cert: next.cert },
      { key: next.key, cert: next.cert.slice(0, 300) },
      { key: '', cert: '' },
      await selfSigned(['localhost'], Date.now() - 20_000 * DAY),
    ]) {
      complaints.length = 0;
      await put(wrong);
      await running.renewTls();
      await running.renewTls();
      expect(complaints).toEqual(['the changed certificate cannot be used: the one before stays']);
    }
    await rm(join(data, 'cert.pem'));
    await running.renewTls();
    expect(await shown()).toEqual(everywhere(before));
    await put(next);
    await running.renewTls();
    expect(await shown()).toEqual(everywhere(next.cert));
  });
});

const bare = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '');

function certificateOf(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().raw.toString('base64'));
      socket.destroy();
    });
  });
}

function startTls(port: number, greeting: RegExp, command: string, ready: RegExp): Promise<string> {
  const socket = connectPlain(port, '127.0.0.1');
  let heard = '';
  let greeted = false;
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (!greeted && greeting.test(heard)) {
        greeted = true;
        heard = '';
        for (const line of command.split(/(?<=\r\n)/)) socket.write(line);
      } else if (greeted && ready.test(heard)) {
        socket.removeAllListeners('data');
        resolve(certificateOf(connect({ socket, rejectUnauthorized: false })));
      }
    });
  });
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
