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
  const token = randomUUID();
  const mine = `${path}.${token}`;
  try {
    await writeFile(mine, JSON.stringify({ ...thisProcess(), token }), { mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EROFS') return { release: async () => undefined };
    throw error;
  }
  try {
    if (!(await taken(mine, path)) && !((await cleared(path, mine)) && (await taken(mine, path))))
      throw new DomainError('conflict', 'backup.busy', `another backup or restore is at work in ${folder}`);
  } finally {
    await rm(mine, { force: true });
  }
  const renewal = setInterval(() => {
    const now = new Date();
    void isOurs(path, token).then(
      (ours) => (ours ? utimes(path, now, now) : undefined),
      () => undefined,
    );
  }, RENEWED_EVERY);
  renewal.unref();
  return {
    async release() {
      clearInterval(renewal);
      // Whoever stood still for too long may have lost it to the next one.
      if (await isOurs(path, token)) await rm(path, { force: true });
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

/**
 * Takes a lock away that counts for nothing. One at a time: of many who saw the same dead one, all but the first would take away the lock
 * of a living one, which stands there meanwhile.
 */
async function cleared(path: string, mine: string): Promise<boolean> {
  if (!(await isStale(path))) return false;
  const clearing = `${path}.clearing`;
  if (!(await taken(mine, clearing))) {
    // Its holder was killed in the moment between these few lines.
    if (await isStale(clearing)) await rm(clearing, { force: true });
    return false;
  }
  try {
    if (!(await isStale(path))) return false;
    await rm(path, { force: true });
    return true;
  } finally {
    await rm(clearing, { force: true });
  }
}

async function isOurs(path: string, token: string): Promise<boolean> {
  try {
    const holder: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof holder === 'object' && holder !== null && 'token' in holder && holder.token === token;
  } catch {
    return false;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const holder: unknown = JSON.parse(await readFile(path, 'utf8'));
    const here = isHere(holder);
    if (here && !isAlive(holder.pid)) return true;
    const age = Date.now() - (await stat(path)).mtimeMs;
    // By this machine's own clock nobody renews in the future: it was set back since, and its holder is gone.
    return (here ? Math.abs(age) : age) > STALE_AFTER;
  } catch {
    // Gone meanwhile, or written by a machine that died over it.
    return true;
  }
}

/** Who holds something, for others to see whether that process is there still. */
export const thisProcess = (): { pid: number; host: string } => ({ pid: process.pid, host: hostname() });

/** It ran on this machine and does not any more. Elsewhere nobody can tell. */
export const isDead = (holder: unknown): boolean => isHere(holder) && !isAlive(holder.pid);

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
