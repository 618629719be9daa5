/** The data folder: master key, self-signed certificate, and what `init` makes once. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { selfSigned, type CertificatePair } from './base/self-signed.ts';

export class InstallationError extends Error {
  override readonly name = 'InstallationError';
}

/** Lies in a data folder that a restore began to fill and did not fill to its end. */
export const RESTORE_MARK = 'restore-incomplete';

export const masterKeyPath = (data: string): string => join(data, 'master.key');
const keyPath = (data: string) => join(data, 'tls', 'key.pem');
const certPath = (data: string) => join(data, 'tls', 'cert.pem');

export function isInstalled(data: string): boolean {
  return existsSync(masterKeyPath(data));
}

/** The key that seals all other secrets. Losing it loses them: keep a copy apart from the backups. */
export async function createMasterKey(data: string): Promise<void> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeOnce(masterKeyPath(data), `${randomBytes(32).toString('base64')}\n`);
}

/** Undoes `createMasterKey` when the installation did not come about. */
export async function removeMasterKey(data: string): Promise<void> {
  await rm(masterKeyPath(data), { force: true });
}

/** @throws InstallationError in words */
export async function readMasterKey(data: string): Promise<Uint8Array> {
  const path = masterKeyPath(data);
  // Also where the master key was laid beforehand: a server would go on with half of the mail.
  if (existsSync(join(data, RESTORE_MARK)))
    throw new InstallationError(`a restore into ${data} did not come to its end: run "congvu restore" again`);
  if (!existsSync(path)) throw new InstallationError(`${data} holds no installation: run "congvu init" first`);
  const key = Buffer.from(await readFile(path, 'utf8'), 'base64');
  if (key.length !== 32) throw new InstallationError(`${path} is not a master key: put back your copy of it`);
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0)
    throw new InstallationError(`${path} can be read by others: run chmod 600 ${path}`);
  return key;
}

export async function tlsPair(options: {
  data: string;
  key: string;
  cert: string;
  hostname: string;
}): Promise<CertificatePair> {
  if (options.key !== '' || options.cert !== '') return readPair(options.key, options.cert);
  const { data } = options;
  if (!existsSync(certPath(data))) {
    const names = [...new Set([options.hostname, 'localhost', '127.0.0.1'])];
    const pair = await selfSigned(names, Date.now());
    await writeOnce(keyPath(data), pair.key);
    await writeOnce(certPath(data), pair.cert);
  }
  return readPair(keyPath(data), certPath(data));
}

/** As `tlsPair`, but makes nothing: undefined when the first start has yet to make the self-signed pair. */
export async function existingTlsPair(options: {
  data: string;
  key: string;
  cert: string;
}): Promise<CertificatePair | undefined> {
  if (options.key !== '' || options.cert !== '') return readPair(options.key, options.cert);
  return existsSync(certPath(options.data)) ? readPair(keyPath(options.data), certPath(options.data)) : undefined;
}

async function readPair(key: string, cert: string): Promise<CertificatePair> {
  if (key === '' || cert === '') throw new InstallationError('[tls] needs both key and cert');
  return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
}

/** Never over an existing file; readable by us only; on disk when this returns. */
async function writeOnce(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o600);
}
