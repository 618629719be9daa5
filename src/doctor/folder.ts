/** The data folder: there, writable, roomy, and all of one owner. */
import { access, constants, lstat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import type { Finding } from './finding.ts';

const GIB = 1024 ** 3;

export interface Room {
  /** Bytes. */
  free: number;
  size: number;
}

export async function roomOf(path: string): Promise<Room> {
  const { bavail, bsize, blocks } = await statfs(path);
  return { free: bavail * bsize, size: blocks * bsize };
}

export async function* folder(data: string, room: (path: string) => Promise<Room>): AsyncIterable<Finding> {
  try {
    await access(data, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const remedy = `give it to the user that runs congvu: chown -R congvu ${data}; run "congvu doctor" as that user too`;
    yield { level: 'fail', area: 'disk', what: `${data} cannot be read and written`, remedy };
    return;
  }
  yield* owners(data);
  yield disk(await room(data));
}

function disk({ free, size }: Room): Finding {
  const share = Math.round((100 * free) / Math.max(1, size));
  const what = `${(free / GIB).toFixed(1)} GiB free (${share} %) where the data lies`;
  if (free < GIB)
    return {
      level: 'fail',
      area: 'disk',
      what,
      remedy: 'make room now: a full disk takes no mail (senders try again for days)',
    };
  return share < 10
    ? { level: 'warn', area: 'disk', what, remedy: 'plan for more room' }
    : { level: 'ok', area: 'disk', what };
}

/** A command run as root leaves files that the server's own user cannot open. */
async function* owners(data: string): AsyncIterable<Finding> {
  const owner = (await lstat(data)).uid;
  for (const name of ['master.key', 'congvu.toml', 'congvu.db', 'congvu.db-wal', 'congvu.db-shm', 'blobs', 'tls']) {
    const found = await lstat(join(data, name)).catch(() => undefined);
    if (found === undefined || found.uid === owner) continue;
    const remedy = `chown -R --reference=${data} ${data}; run congvu as that user only`;
    yield { level: 'fail', area: 'disk', what: `${join(data, name)} belongs to another user than ${data}`, remedy };
    return;
  }
}
