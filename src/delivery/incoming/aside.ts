/**
 * Messages that were taken and cannot be delivered as things are: a recipient that went in between, or a mistake of ours. Two files
 * each, the message and a note that says why. They are tried again at every start; `congvu doctor` counts them.
 */
import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Log } from '../../base/log.ts';
import { syncFolder } from './durable.ts';

export interface Aside {
  /** @param name of its files; the same message has the same */
  keep(name: string, note: object, bytes: Uint8Array, error: unknown): Promise<void>;
  /** The server ended over it: kept as the others are, but not tried again until somebody takes "fatal" out of its note. */
  keepForGood(name: string, note: object, bytes: Uint8Array): Promise<void>;
  all(): Promise<KeptAside[]>;
}

export interface KeptAside {
  name: string;
  note: unknown;
  bytes: Uint8Array;
  /** Puts these into its note, durably. @throws it is as it was */
  amend(more: object): Promise<void>;
  forget(): Promise<void>;
}

export function createAside(folder: string, log: Log): Aside {
  const paths = (name: string) => ({ message: join(folder, `${name}.eml`), note: join(folder, `${name}.json`) });
  const keep = async (name: string, note: object, bytes: Uint8Array, why: string): Promise<void> => {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncFolder(dirname(folder));
    const to = paths(name);
    await write(to.message, bytes);
    // The note comes last: a message without one is not finished.
    await write(to.note, Buffer.from(JSON.stringify({ ...note, error: why }, null, 1)));
    await syncFolder(folder);
  };
  const kept = (name: string, note: unknown, bytes: Uint8Array): KeptAside => {
    const from = paths(name);
    return {
      ...{ name, note, bytes },
      async amend(more) {
        await write(from.note, Buffer.from(JSON.stringify({ ...(note as object), ...more }, null, 1)));
        // It says so by now; only a power cut may still take it back.
        await syncFolder(folder).catch((error: unknown) => {
          log.error({ err: error, ...from }, 'incoming: the folder of what was kept aside cannot be synced');
        });
      },
      async forget() {
        await unlink(from.note);
        await unlink(from.message);
        await syncFolder(folder);
      },
    };
  };
  return {
    keep: (name, note, bytes, error) => keep(name, note, bytes, error instanceof Error ? error.message : String(error)),
    keepForGood: (name, note, bytes) =>
      keep(name, { ...note, fatal: true }, bytes, 'the server ended while it was delivered'),
    async all() {
      const found: KeptAside[] = [];
      for (const name of await asideNames(folder)) {
        const from = paths(name);
        try {
          const note: unknown = JSON.parse(await readFile(from.note, 'utf8'));
          if (!isFatal(note)) found.push(kept(name, note, await readFile(from.message)));
        } catch (error) {
          // Somebody was here. The server starts all the same, and leaves it as it is.
          log.error({ err: error, ...from }, 'incoming: what was kept aside cannot be read');
        }
      }
      return found;
    },
  };
}

const isFatal = (note: unknown): boolean =>
  typeof note === 'object' && note !== null && 'fatal' in note && note.fatal === true;

/** Of the messages that wait there. */
export async function asideNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}
