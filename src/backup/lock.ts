/**
 * One at a time in a backup folder; a lock whose holder died, or did not renew it, counts for nothing: after a restart of the
 * machine its number may be that of another process.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { DomainError } from '../base/errors.ts';

const RENEWED_EVERY = 30_000;
const STALE_AFTER = 5 * 60_000;

export interface Held {
  release(): Promise<void>;
}

/** @throws backup.busy. On a medium that cannot be written nobody else writes either: then there is nothing to hold. */
export async function lockFolder(folder: string): Promise<Held> {
  const path = join(folder, 'lock');
  const mine = `${path}.${randomUUID()}`;
  try {
    await writeFile(mine, JSON.stringify({ pid: process.pid, host: hostname() }), { mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EROFS') return { release: async () => undefined };
    throw error;
  }
  try {
    if (!(await taken(mine, path))) {
      if (!(await isStale(path)))
        throw new DomainError('conflict', 'backup.busy', `another backup or restore is at work in ${folder}`);
      await rm(path, { force: true });
      if (!(await taken(mine, path)))
        throw new DomainError('conflict', 'backup.busy', `another backup or restore is at work in ${folder}`);
    }
  } finally {
    await rm(mine, { force: true });
  }
  const renewal = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, RENEWED_EVERY);
  renewal.unref();
  return {
    async release() {
      clearInterval(renewal);
      await rm(path, { force: true });
    },
  };
}

async function taken(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const holder: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isHere(holder) && !isAlive(holder.pid)) return true;
    return Date.now() - (await stat(path)).mtimeMs > STALE_AFTER;
  } catch {
    // Gone meanwhile, or written by a machine that died over it.
    return true;
  }
}

const isHere = (holder: unknown): holder is { pid: number } =>
  typeof holder === 'object' && holder !== null && 'host' in holder && holder.host === hostname() && 'pid' in holder;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
